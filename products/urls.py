"""The product pages."""

from __future__ import annotations

from django.urls import include, path

from products.views import bom, compare, detail, editing, imports, lines, lists, revisions, sourcing, sourcing_lists
from products.views import document_editing as vault
from products.views import document_files as files
from products.views import documents as vault_pages

app_name = "products"
documents = [
    path("", vault_pages.DocumentListView.as_view(), name="document-list"),
    path("new/", vault.DocumentCreateView.as_view(), name="document-create"),
    path("<uuid:pk>/", vault_pages.DocumentDetailView.as_view(), name="document-detail"),
    path("<uuid:pk>/edit/", vault.DocumentEditView.as_view(), name="document-edit"),
    path("<uuid:pk>/delete/", vault.DocumentDeleteView.as_view(), name="document-delete"),
    path("<uuid:pk>/check-out/", vault.DocumentCheckOutView.as_view(), name="document-check-out"),
    path("<uuid:pk>/check-in/", vault.DocumentCheckInView.as_view(), name="document-check-in"),
    path("<uuid:pk>/undo/", vault.DocumentUndoView.as_view(), name="document-undo"),
    path("<uuid:pk>/break/", vault.DocumentBreakView.as_view(), name="document-break"),
    path("<uuid:pk>/revise/", vault.DocumentReviseView.as_view(), name="document-revise"),
    path("<uuid:pk>/link/", vault.DocumentLinkView.as_view(), name="document-link"),
    path("links/<uuid:pk>/remove/", vault.DocumentUnlinkView.as_view(), name="document-unlink"),
    path("revisions/<uuid:pk>/to/<slug:to>/", vault.DocumentStepView.as_view(), name="document-step"),
    path("versions/<uuid:pk>/", vault_pages.DocumentModelView.as_view(), name="document-version"),
    path("versions/<uuid:pk>/download/", files.VersionFileView.as_view(), name="document-file"),
    path("versions/<uuid:pk>/model/", files.VersionModelView.as_view(), name="document-model"),
    path("versions/<uuid:pk>/thumbnail/", files.VersionThumbnailView.as_view(), name="document-thumbnail"),
    path("versions/<uuid:pk>/state/", files.VersionStateView.as_view(), name="document-state"),
    path("versions/<uuid:pk>/retry/", vault.ModelRetryView.as_view(), name="document-retry"),
]
urlpatterns = [
    path("documents/", include(documents)),
    path("<uuid:pk>/documents/", vault_pages.ProductDocumentsView.as_view(), name="product-documents"),
    path("<uuid:pk>/documents/link/", vault.ProductLinkDocumentView.as_view(), name="product-document-link"),
    path("<uuid:pk>/model/", vault_pages.ProductModelView.as_view(), name="product-model"),
    path("<uuid:pk>/parts.json", files.ProductPartsView.as_view(), name="product-parts"),
    path("", lists.ProductListView.as_view(), name="product-list"),
    path("export.csv", lists.ProductExportView.as_view(), name="product-export"),
    path("search/", lists.ProductSearchView.as_view(), name="product-search"),
    path("new/", editing.ProductCreateView.as_view(), name="product-create"),
    path("import/", imports.ImportUploadView.as_view(), name="import"),
    path("import/<str:token>/", imports.ImportPreviewView.as_view(), name="import-preview"),
    path("import/<str:token>/confirm/", imports.ImportConfirmView.as_view(), name="import-confirm"),
    path("import/<str:token>/cancel/", imports.ImportCancelView.as_view(), name="import-cancel"),
    path("<uuid:pk>/", detail.ProductOverviewView.as_view(), name="product-detail"),
    path("<uuid:pk>/edit/", editing.ProductEditView.as_view(), name="product-edit"),
    path("<uuid:pk>/delete/", editing.ProductDeleteView.as_view(), name="product-delete"),
    path("<uuid:pk>/to/<slug:to>/", editing.ProductTransitionView.as_view(), name="product-transition"),
    path("<uuid:pk>/bom/", bom.ProductBomView.as_view(), name="product-bom"),
    path("<uuid:pk>/bom/rows/", bom.BomRowsView.as_view(), name="product-bom-rows"),
    path("<uuid:pk>/bom/export/", bom.BomExportView.as_view(), name="product-bom-export"),
    path("<uuid:pk>/where-used/", detail.ProductWhereUsedView.as_view(), name="product-where-used"),
    path("<uuid:pk>/revisions/", detail.ProductRevisionsView.as_view(), name="product-revisions"),
    path("<uuid:pk>/compare/", compare.RevisionCompareView.as_view(), name="revision-compare"),
    path("<uuid:pk>/revisions/new/", revisions.RevisionCreateView.as_view(), name="revision-create"),
    path("<uuid:pk>/history/", detail.ProductHistoryView.as_view(), name="product-history"),
    path("revisions/<uuid:pk>/to/<slug:to>/", revisions.RevisionStepView.as_view(), name="revision-step"),
    path("revisions/<uuid:pk>/edit/", revisions.RevisionEditView.as_view(), name="revision-edit"),
    path("revisions/<uuid:pk>/lines/new/", lines.LineAddView.as_view(), name="line-add"),
    path("lines/<uuid:pk>/", lines.LineEditView.as_view(), name="line-edit"),
    path("lines/<uuid:pk>/remove/", lines.LineRemoveView.as_view(), name="line-remove"),
    path("<uuid:pk>/sourcing/", sourcing.ProductSourcingView.as_view(), name="product-sourcing"),
    path("<uuid:pk>/sources/new/", sourcing.SourceAddView.as_view(), name="source-add"),
    path("<uuid:pk>/offers/new/", sourcing.OfferAddView.as_view(), name="offer-add"),
    path("sources/<uuid:pk>/", sourcing.SourceEditView.as_view(), name="source-edit"),
    path("sources/<uuid:pk>/to/<slug:to>/", sourcing.SourceStepView.as_view(), name="source-step"),
    path("sources/<uuid:pk>/remove/", sourcing.SourceRemoveView.as_view(), name="source-remove"),
    path("offers/<uuid:pk>/", sourcing.OfferEditView.as_view(), name="offer-edit"),
    path("offers/<uuid:pk>/remove/", sourcing.OfferRemoveView.as_view(), name="offer-remove"),
    path("sourcing/", sourcing_lists.SingleSourceView.as_view(), name="single-source"),
    path("sourcing/single-source.csv", sourcing_lists.SingleSourceExportView.as_view(), name="single-source-export"),
    path("sourcing/sources.csv", sourcing_lists.SourcesExportView.as_view(), name="sources-export"),
    path("sourcing/exchange-rates/", sourcing_lists.RatesView.as_view(), name="exchange-rates"),
    path("manufacturers/", sourcing_lists.PartnerListView.as_view(kind="manufacturers"), name="manufacturers"),
    path(
        "manufacturers/new/",
        sourcing_lists.PartnerCreateView.as_view(kind="manufacturers"),
        name="manufacturer-create",
    ),
    path(
        "manufacturers/<uuid:pk>/",
        sourcing_lists.PartnerEditView.as_view(kind="manufacturers"),
        name="manufacturer-edit",
    ),
    path(
        "manufacturers/<uuid:pk>/delete/",
        sourcing_lists.PartnerDeleteView.as_view(kind="manufacturers"),
        name="manufacturer-delete",
    ),
    path("suppliers/", sourcing_lists.PartnerListView.as_view(kind="suppliers"), name="suppliers"),
    path("suppliers/new/", sourcing_lists.PartnerCreateView.as_view(kind="suppliers"), name="supplier-create"),
    path("suppliers/<uuid:pk>/", sourcing_lists.PartnerEditView.as_view(kind="suppliers"), name="supplier-edit"),
    path(
        "suppliers/<uuid:pk>/delete/",
        sourcing_lists.PartnerDeleteView.as_view(kind="suppliers"),
        name="supplier-delete",
    ),
]
