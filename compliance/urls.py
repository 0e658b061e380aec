"""Pages of compliance, below /compliance/."""

from __future__ import annotations

from django.urls import path

from compliance.views import matrix, records, regulations

app_name = "compliance"
urlpatterns = [
    path("", matrix.MatrixPageView.as_view(), name="matrix"),
    path("export/", matrix.MatrixExportView.as_view(), name="matrix-export"),
    path("evidence/", matrix.EndingEvidenceView.as_view(), name="ending"),
    path("evidence/export/", matrix.EndingEvidenceExportView.as_view(), name="ending-export"),
    path("evidence/<uuid:pk>/file/", records.EvidenceDownloadView.as_view(), name="evidence-download"),
    path("evidence/<uuid:pk>/remove/", records.EvidenceRemoveView.as_view(), name="evidence-remove"),
    path("records/<uuid:pk>/", records.RecordDetailView.as_view(), name="record-detail"),
    path("records/<uuid:pk>/steps/<slug:to>/", records.RecordStepView.as_view(), name="record-step"),
    path("records/<uuid:pk>/evidence/new/", records.EvidenceAddView.as_view(), name="evidence-add"),
    path("regulations/", regulations.RegulationListView.as_view(), name="regulation-list"),
    path("regulations/new/", regulations.RegulationCreateView.as_view(), name="regulation-create"),
    path("regulations/<uuid:pk>/", regulations.RegulationDetailView.as_view(), name="regulation-detail"),
    path("regulations/<uuid:pk>/edit/", regulations.RegulationEditView.as_view(), name="regulation-edit"),
    path("regulations/<uuid:pk>/delete/", regulations.RegulationDeleteView.as_view(), name="regulation-delete"),
    path("of/<uuid:pk>/", records.ProductComplianceView.as_view(), name="product-compliance"),
    path("of/<uuid:pk>/markets/", records.ProductMarketsView.as_view(), name="product-markets"),
]
