"""The change pages."""

from __future__ import annotations

from django.urls import path

from changes.views import (
    approvals,
    board,
    consequences,
    delegations,
    detail,
    disposition_list,
    dispositions,
    documents,
    editing,
    following,
    list,
    packages,
    redlines,
    replacing,
    request_steps,
    requests,
    steps,
)

app_name = "changes"
urlpatterns = [
    path("", list.ChangeListView.as_view(), name="change-list"),
    path("new/", editing.ChangeCreateView.as_view(), name="change-create"),
    path("approvals/", approvals.MyApprovalsView.as_view(), name="my-approvals"),
    path("board/", board.ChangeBoardView.as_view(), name="change-board"),
    path("deputies/", delegations.DelegationsView.as_view(), name="delegations"),
    path("deputies/<uuid:pk>/end/", delegations.DelegationEndView.as_view(), name="delegation-end"),
    path("dispositions/", disposition_list.DispositionListView.as_view(), name="disposition-list"),
    path("dispositions.csv", disposition_list.DispositionExportView.as_view(), name="disposition-export"),
    path("requests/", requests.RequestListView.as_view(), name="request-list"),
    path("requests/new/", requests.RequestCreateView.as_view(), name="request-create"),
    path("requests/<uuid:pk>/", requests.RequestDetailView.as_view(), name="request-detail"),
    path("requests/<uuid:pk>/edit/", requests.RequestEditView.as_view(), name="request-edit"),
    path("requests/<uuid:pk>/steps/<slug:step>/", request_steps.RequestStepView.as_view(), name="request-step"),
    path("replace/<uuid:pk>/", replacing.ReplaceView.as_view(), name="product-replace"),
    path("of/<uuid:pk>/", list.ProductChangesView.as_view(), name="product-changes"),
    path("<uuid:pk>/", detail.ChangeDetailView.as_view(), name="change-detail"),
    path("<uuid:pk>/consequences/", consequences.ConsequencesView.as_view(), name="change-consequences"),
    path("proof.py", packages.ProofView.as_view(), name="package-proof"),
    path("<uuid:pk>/package/", packages.PackageView.as_view(), name="change-package"),
    path("<uuid:pk>/edit/", editing.ChangeEditView.as_view(), name="change-edit"),
    path("<uuid:pk>/delete/", editing.ChangeDeleteView.as_view(), name="change-delete"),
    path("<uuid:pk>/steps/<slug:step>/", steps.ChangeStepView.as_view(), name="change-step"),
    path("<uuid:pk>/rebase/", following.RebaseView.as_view(), name="change-rebase"),
    path("<uuid:pk>/redlines/<uuid:redline>/settle/", following.ConflictSettleView.as_view(), name="conflict-settle"),
    path("<uuid:pk>/products/", detail.AffectedAddView.as_view(), name="affected-add"),
    path("<uuid:pk>/products/missing/", following.ChildrenAddView.as_view(), name="children-add"),
    path("<uuid:pk>/products/<uuid:affected>/remove/", detail.AffectedRemoveView.as_view(), name="affected-remove"),
    path("<uuid:pk>/documents/", documents.DocumentAddView.as_view(), name="document-add"),
    path("<uuid:pk>/documents/<uuid:link>/remove/", documents.DocumentRemoveView.as_view(), name="document-remove"),
    path(
        "<uuid:pk>/products/<uuid:affected>/dispositions/new/",
        dispositions.DispositionAddView.as_view(),
        name="disposition-add",
    ),
    path(
        "<uuid:pk>/products/<uuid:affected>/no-disposition/",
        dispositions.NoDispositionView.as_view(),
        name="no-disposition",
    ),
    path(
        "<uuid:pk>/dispositions/<uuid:disposition>/",
        dispositions.DispositionEditView.as_view(),
        name="disposition-edit",
    ),
    path(
        "<uuid:pk>/dispositions/<uuid:disposition>/remove/",
        dispositions.DispositionRemoveView.as_view(),
        name="disposition-remove",
    ),
    path(
        "<uuid:pk>/dispositions/<uuid:disposition>/complete/",
        dispositions.DispositionCompleteView.as_view(),
        name="disposition-complete",
    ),
    path(
        "<uuid:pk>/dispositions/<uuid:disposition>/reopen/",
        dispositions.DispositionReopenView.as_view(),
        name="disposition-reopen",
    ),
    path("<uuid:pk>/products/<uuid:affected>/lines/new/", redlines.AdditionView.as_view(), name="addition"),
    path("<uuid:pk>/lines/<uuid:line>/", redlines.LineEditView.as_view(), name="line-edit"),
    path("<uuid:pk>/lines/<uuid:line>/strike/", redlines.LineStrikeView.as_view(), name="line-strike"),
    path("<uuid:pk>/lines/<uuid:line>/restore/", redlines.LineRestoreView.as_view(), name="line-restore"),
    path("<uuid:pk>/additions/<uuid:redline>/", redlines.AdditionEditView.as_view(), name="addition-edit"),
    path("<uuid:pk>/additions/<uuid:redline>/remove/", redlines.AdditionRemoveView.as_view(), name="addition-remove"),
]
