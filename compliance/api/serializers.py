"""Regulations, records, evidence and structure statuses on the wire. They parse and shape; the services decide."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from compliance.choices import READINGS, ComplianceStatus
from plm_project.api.serializers import PlmSerializer, UtcDateTimeField
from products.choices import LifecyclePhase, ProductType


class RegulationFields(PlmSerializer):
    """What is set of a regulation."""

    code = serializers.CharField(min_length=2, max_length=50)
    title = serializers.CharField(min_length=3, max_length=200)
    edition = serializers.CharField(required=False, allow_blank=True, max_length=50, help_text="Its version.")
    description = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    link = serializers.URLField(required=False, allow_blank=True, max_length=500)
    effective_from = serializers.DateField(required=False, allow_null=True, help_text="First day; open when empty.")
    effective_to = serializers.DateField(required=False, allow_null=True, help_text="First day on which it is over.")
    product_types = serializers.ListField(
        child=serializers.ChoiceField(ProductType.choices), required=False, help_text="Empty: all types."
    )
    markets = serializers.ListField(
        child=serializers.CharField(min_length=2, max_length=2),
        required=False,
        max_length=250,
        help_text="Two-letter country codes or EU (which holds in its member states). Empty: everywhere.",
    )
    is_binding = serializers.BooleanField(required=False, help_text="The release gate holds what is non-compliant.")


class RegulationSerializer(RegulationFields):
    """A regulation."""

    regulation_id = serializers.UUIDField(source="pk")
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    version = serializers.IntegerField(help_text="Counts the writes of this record; its ETag.")


class RegulationQuery(PlmSerializer):
    """What a list of regulations is narrowed by."""

    q = serializers.CharField(required=False, max_length=200, help_text="Words in code, title or version.")
    market = serializers.CharField(required=False, min_length=2, max_length=2, help_text="Those that hold there.")
    binding = serializers.BooleanField(required=False, help_text="Binding ones alone.")


class HistoryEntrySerializer(PlmSerializer):
    """One write."""

    action = serializers.CharField()
    when = UtcDateTimeField()
    who = serializers.CharField()
    why = serializers.CharField()
    version = serializers.IntegerField()


class RegulationShort(PlmSerializer):
    """The regulation of a record."""

    regulation_id = serializers.UUIDField(source="pk")
    code = serializers.CharField()
    edition = serializers.CharField()
    title = serializers.CharField()
    is_binding = serializers.BooleanField()


class ComplianceRecordSerializer(PlmSerializer):
    """What one revision was found to be under one regulation."""

    record_id = serializers.UUIDField(source="pk")
    product_id = serializers.UUIDField(source="revision.product_id")
    product_number = serializers.CharField(source="revision.product.product_number")
    product_name = serializers.CharField(source="revision.product.product_name")
    revision_id = serializers.UUIDField()
    revision = serializers.CharField(source="revision.label")
    regulation = RegulationShort()
    status = serializers.ChoiceField(
        ComplianceStatus.choices, source="status_now", help_text="As it reads today: past its date is expired."
    )
    valid_until = serializers.DateField(allow_null=True, help_text="The last valid day.")
    reason = serializers.CharField()
    assessor_id = serializers.UUIDField(allow_null=True)
    assessor = serializers.SerializerMethodField()
    assessed_at = UtcDateTimeField(allow_null=True)
    version = serializers.IntegerField()

    def get_assessor(self, record: Any) -> str | None:
        """Who assessed it, by name."""
        return record.assessor.get_full_name() if record.assessor else None


class RecordQuery(PlmSerializer):
    """What a list of records is narrowed by."""

    regulation = serializers.CharField(required=False, max_length=50, help_text="Code, or id, of a regulation.")
    status = serializers.ListField(
        child=serializers.ChoiceField(ComplianceStatus.choices), required=False, help_text="Any of these; repeatable."
    )
    product = serializers.UUIDField(required=False, help_text="Records of this product's revisions.")
    assessor = serializers.UUIDField(required=False, help_text="User id.")
    expiring_before = serializers.DateField(
        required=False, help_text="Valid today, with the last valid day before this date."
    )
    current = serializers.BooleanField(required=False, help_text="Only the products' current revisions.")


class RecordTransitionSerializer(PlmSerializer):
    """A step of a record."""

    to = serializers.ChoiceField(ComplianceStatus.choices)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")
    valid_until = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="Last valid day; with compliant and waived alone."
    )


class RecordTransitionOptionSerializer(PlmSerializer):
    """One transition: possible now, or why not."""

    to = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    possible = serializers.BooleanField()
    needs_reason = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    permission = serializers.CharField(help_text="What the caller must hold; empty where there is no way.")


class EvidenceSerializer(PlmSerializer):
    """A file that a finding stands on."""

    evidence_id = serializers.UUIDField(source="pk")
    record_id = serializers.UUIDField()
    title = serializers.CharField()
    issuer = serializers.CharField()
    file_name = serializers.CharField()
    kind = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True, help_text="The last valid day.")
    created_at = UtcDateTimeField()
    version = serializers.IntegerField()


class EvidenceUploadSerializer(PlmSerializer):
    """A file and what it is."""

    file = serializers.FileField(
        help_text="PDF, PNG, JPEG, CSV, text, XLSX, DOCX, XML or JSON.", allow_empty_file=True
    )
    title = serializers.CharField(min_length=3, max_length=200)
    issuer = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")
    valid_from = serializers.DateField(required=False, allow_null=True, default=None)
    valid_until = serializers.DateField(required=False, allow_null=True, default=None)


class EvidenceRemoveQuery(PlmSerializer):
    """Why it is taken away."""

    reason = serializers.CharField(max_length=500, help_text="Kept in the history.")


class MatrixQuery(PlmSerializer):
    """What the matrix is narrowed by."""

    q = serializers.CharField(required=False, max_length=200, help_text="Words in number, name or description.")
    product_type = serializers.ChoiceField(ProductType.choices, required=False)
    lifecycle_phase = serializers.ChoiceField(LifecyclePhase.choices, required=False)
    regulation_id = serializers.UUIDField(required=False, help_text="Only this column.")
    status = serializers.ChoiceField(ComplianceStatus.choices, required=False, help_text="Products with such a cell.")
    market = serializers.CharField(required=False, min_length=2, max_length=2, help_text="Products sold there.")
    binding = serializers.BooleanField(required=False, help_text="Binding regulations alone.")


class MatrixCellSerializer(PlmSerializer):
    """One product under one regulation."""

    regulation_id = serializers.UUIDField(source="regulation.pk")
    regulation = serializers.CharField(source="regulation.code")
    edition = serializers.CharField(source="regulation.edition")
    status = serializers.ChoiceField(READINGS)
    record_id = serializers.UUIDField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)


class MatrixRowSerializer(PlmSerializer):
    """One product's current revision."""

    product_id = serializers.UUIDField(source="product.pk")
    product_number = serializers.CharField(source="product.product_number")
    product_name = serializers.CharField(source="product.product_name")
    product_type = serializers.CharField(source="product.product_type")
    lifecycle_phase = serializers.CharField(source="product.lifecycle_phase")
    revision = serializers.CharField(source="product.revision")
    cells = MatrixCellSerializer(many=True)


class PartOfPathSerializer(PlmSerializer):
    """A product on the way to a cause."""

    product_id = serializers.UUIDField()
    product_number = serializers.CharField(source="number")
    product_name = serializers.CharField(source="name")
    revision = serializers.CharField(source="label")


class CauseSerializer(PlmSerializer):
    """A part of the worst status, with the shortest way to it."""

    product_id = serializers.UUIDField(source="node.product_id")
    product_number = serializers.CharField(source="node.number")
    revision = serializers.CharField(source="node.label")
    status = serializers.CharField()
    record_id = serializers.UUIDField(source="finding.record_id", allow_null=True, default=None)
    path = PartOfPathSerializer(many=True)


class StructureStatusSerializer(PlmSerializer):
    """One regulation over the product's structure."""

    regulation = RegulationShort()
    status = serializers.ChoiceField(READINGS, help_text="The worst of the structure.")
    own_status = serializers.ChoiceField(READINGS, source="own", help_text="The product by itself.")
    record_id = serializers.UUIDField(source="own_finding.record_id", allow_null=True, default=None)
    path = PartOfPathSerializer(many=True, help_text="From the product down to the nearest part that causes it.")
    cause_count = serializers.SerializerMethodField()
    causes = serializers.SerializerMethodField()
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Distinct parts by status.")

    def get_cause_count(self, found: Any) -> int:
        """How many parts are of the worst status."""
        return len(found.causes)

    def get_causes(self, found: Any) -> list[dict[str, Any]]:
        """The nearest of them."""
        return list(CauseSerializer(found.causes[:CAUSES_SHOWN], many=True).data)


CAUSES_SHOWN = 20


class ProductComplianceQuery(PlmSerializer):
    """The date that is asked for."""

    as_of = serializers.DateField(
        required=False, help_text="Default today. A past date: as known then; a later one: by the last valid days."
    )


class MarketsSerializer(PlmSerializer):
    """Where a product is sold."""

    markets = serializers.ListField(
        child=serializers.CharField(min_length=2, max_length=2),
        max_length=250,
        help_text="Two-letter country codes or EU. Empty: everywhere.",
    )
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")


class ProductComplianceSerializer(PlmSerializer):
    """A product's own records and its structure's status."""

    product_id = serializers.UUIDField()
    product_number = serializers.CharField()
    revision = serializers.CharField(help_text="The revision that the date takes.")
    as_of = serializers.DateField()
    markets = serializers.ListField(child=serializers.CharField(), help_text="Empty: sold everywhere.")
    records = ComplianceRecordSerializer(many=True, help_text="Of that revision, as they read today.")
    structure = StructureStatusSerializer(many=True)
