"""Routes of changes under /api/v1/plm/."""

from __future__ import annotations

from typing import Any

from changes.api.affected import AffectedViewSet
from changes.api.change_policy import ChangePolicyViewSet
from changes.api.dispositions import AllDispositionsViewSet, DispositionViewSet
from changes.api.documents import ChangeDocumentViewSet
from changes.api.parts import RedlineViewSet
from changes.api.policy import ApprovalRuleViewSet, DelegationViewSet
from changes.api.replacing import ReplaceViewSet
from changes.api.requests import ChangeRequestViewSet
from changes.api.views import ChangeViewSet
from plm_project.api.router import PlmRouter, either_slash

router = PlmRouter()
router.register("changes", ChangeViewSet, basename="api-change")
router.register("change-requests", ChangeRequestViewSet, basename="api-change-request")
router.register("approval-rules", ApprovalRuleViewSet, basename="api-approval-rule")
router.register("delegations", DelegationViewSet, basename="api-delegation")

LINKED: Any = {"get": "retrieve", "delete": "destroy"}
EDITED: Any = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    either_slash(
        "products/<uuid:product_pk>/replace/",
        ReplaceViewSet.as_view({"get": "list", "post": "create"}),
        name="api-product-replace",
    ),
    *router.urls,
    either_slash(
        "change-policy/",
        ChangePolicyViewSet.as_view({"get": "retrieve", "patch": "partial_update"}, detail=True),
        name="api-change-policy",
    ),
    either_slash("dispositions/", AllDispositionsViewSet.as_view({"get": "list"}), name="api-disposition-list"),
    either_slash(
        "changes/<uuid:change_pk>/dispositions/<uuid:pk>/",
        DispositionViewSet.as_view(EDITED, detail=True),
        name="api-change-disposition-detail",
    ),
    either_slash(
        "changes/<uuid:change_pk>/dispositions/<uuid:pk>/complete/",
        DispositionViewSet.as_view({"post": "complete"}, detail=True),
        name="api-change-disposition-complete",
    ),
    either_slash(
        "changes/<uuid:change_pk>/dispositions/<uuid:pk>/reopen/",
        DispositionViewSet.as_view({"post": "reopen"}, detail=True),
        name="api-change-disposition-reopen",
    ),
    either_slash(
        "changes/<uuid:change_pk>/affected/<uuid:pk>/",
        AffectedViewSet.as_view(EDITED, detail=True),
        name="api-change-affected-detail",
    ),
    either_slash(
        "changes/<uuid:change_pk>/affected/<uuid:pk>/redline-uses/",
        AffectedViewSet.as_view({"post": "redline_uses"}, detail=True),
        name="api-change-affected-redline-uses",
    ),
    either_slash(
        "changes/<uuid:change_pk>/documents/<uuid:pk>/",
        ChangeDocumentViewSet.as_view(LINKED, detail=True),
        name="api-change-document-detail",
    ),
    either_slash(
        "changes/<uuid:change_pk>/redlines/<uuid:pk>/",
        RedlineViewSet.as_view(EDITED, detail=True),
        name="api-change-redline-detail",
    ),
    either_slash(
        "changes/<uuid:change_pk>/redlines/<uuid:pk>/settle/",
        RedlineViewSet.as_view({"post": "settle"}, detail=True),
        name="api-change-redline-settle",
    ),
]
