"""Routes of compliance under /api/v1/plm/."""

from __future__ import annotations

from typing import Any

from compliance.api.evidence_views import EvidenceViewSet, ProductComplianceView
from compliance.api.views import ComplianceRecordViewSet, MatrixView, RegulationViewSet
from plm_project.api.router import PlmRouter, either_slash

router = PlmRouter()
router.register("regulations", RegulationViewSet, basename="api-regulation")
router.register("compliance", ComplianceRecordViewSet, basename="api-compliance")

MANY: Any = {"get": "list", "post": "create"}
ONE: Any = {"get": "retrieve", "delete": "destroy"}
FILE: Any = {"get": "download"}
EVIDENCE = "compliance/<uuid:record_pk>/evidence/"

urlpatterns = [
    either_slash("compliance/matrix/", MatrixView.as_view(), name="api-compliance-matrix"),
    *router.urls,
    either_slash(EVIDENCE, EvidenceViewSet.as_view(MANY), name="api-compliance-evidence"),
    either_slash(
        EVIDENCE + "<uuid:pk>/", EvidenceViewSet.as_view(ONE, detail=True), name="api-compliance-evidence-detail"
    ),
    either_slash(
        EVIDENCE + "<uuid:pk>/file/",
        EvidenceViewSet.as_view(FILE, detail=True),
        name="api-compliance-evidence-file",
    ),
    either_slash("products/<uuid:pk>/compliance/", ProductComplianceView.as_view(), name="api-product-compliance"),
]
