"""The product pages."""

from __future__ import annotations

from django.urls import path

from products.views import bom, compare, detail, editing, imports, lines, lists, revisions

app_name = "products"
urlpatterns = [
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
    path("revisions/<uuid:pk>/lines/new/", lines.LineAddView.as_view(), name="line-add"),
    path("lines/<uuid:pk>/", lines.LineEditView.as_view(), name="line-edit"),
    path("lines/<uuid:pk>/remove/", lines.LineRemoveView.as_view(), name="line-remove"),
]
