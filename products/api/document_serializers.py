"""Documents, revisions, versions and links on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from plm_project.api.serializers import PlmSerializer, UtcDateTimeField
from products.api.serializers import TransitionOptionSerializer
from products.choices import DocumentType, PreparationState, RevisionState
from products.models import DocumentVersion
from products.selectors.documents import SORT_FIELDS, SORT_ORDERS


class DocumentQuery(PlmSerializer):
    """What a list of documents is narrowed and sorted by."""

    q = serializers.CharField(
        required=False, max_length=200, help_text="Words that must each occur in number, title or description."
    )
    document_type = serializers.ListField(
        child=serializers.ChoiceField(DocumentType.choices), required=False, help_text="Any of these; repeatable."
    )
    state = serializers.ListField(
        child=serializers.ChoiceField(RevisionState.choices),
        required=False,
        help_text="State of the latest revision: any of these; repeatable.",
    )
    product_id = serializers.UUIDField(required=False, help_text="Linked to this product.")
    sort_by = serializers.ChoiceField(SORT_FIELDS, required=False, help_text="Default: created_at.")
    sort_order = serializers.ChoiceField(SORT_ORDERS, required=False, help_text="Default: desc.")


class DocumentSerializer(PlmSerializer):
    """A document: the controlled record. ``revision`` and ``state`` are those of its latest revision."""

    document_id = serializers.UUIDField(source="pk")
    document_number = serializers.CharField()
    title = serializers.CharField()
    document_type = serializers.ChoiceField(DocumentType.choices)
    description = serializers.CharField()
    revision = serializers.CharField(source="latest_label")
    state = serializers.ChoiceField(RevisionState.choices, source="latest_state")
    version_id = serializers.UUIDField(
        source="latest_version_id", allow_null=True, help_text="The last file; null where there is none."
    )
    file_name = serializers.CharField(source="latest_file_name", allow_null=True)
    checked_out_by = serializers.UUIDField(source="checked_out_by_id", allow_null=True)
    checked_out_by_name = serializers.SerializerMethodField()
    checked_out_at = UtcDateTimeField(allow_null=True)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    version = serializers.IntegerField()

    def get_checked_out_by_name(self, document: Any) -> str:
        """Who holds it; empty when nobody does."""
        return str(document.checked_out_by) if document.checked_out_by_id else ""


class DocumentFields(PlmSerializer):
    """What a caller may set of a document."""

    title = serializers.CharField(min_length=3, max_length=200)
    document_type = serializers.ChoiceField(DocumentType.choices, required=False)
    description = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class DocumentCreateSerializer(DocumentFields):
    """A new document, with its first file where given."""

    document_number = serializers.CharField(
        required=False, allow_blank=True, min_length=3, max_length=50, help_text="Default: the tenant's next number."
    )
    product_id = serializers.UUIDField(required=False, help_text="Link it to this product.")
    file = serializers.FileField(required=False, help_text="The first version; multipart only.")
    comment = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="Of the first version."
    )


class DocumentChangeSerializer(DocumentFields):
    """A change of what is written on the record."""

    document_number = serializers.CharField(read_only=True)


class PreparationSerializer(PlmSerializer):
    """How far the server is with a model. ``reason`` says why it failed."""

    state = serializers.ChoiceField(PreparationState.choices)
    reason = serializers.CharField()
    has_thumbnail = serializers.BooleanField(source="thumbnail_sha256")


class VersionSerializer(PlmSerializer):
    """One file as it was checked in."""

    version_id = serializers.UUIDField(source="pk")
    document_id = serializers.UUIDField(source="revision.document_id")
    revision = serializers.CharField(source="revision.label")
    number = serializers.IntegerField()
    file_name = serializers.CharField()
    file_size = serializers.IntegerField(help_text="Bytes.")
    file_kind = serializers.CharField()
    file_sha256 = serializers.CharField()
    comment = serializers.CharField()
    created_by = serializers.UUIDField(source="created_by_id", allow_null=True)
    created_at = UtcDateTimeField()
    preparation = serializers.SerializerMethodField(help_text="Of 3D models; else null.")

    def get_preparation(self, version: DocumentVersion) -> dict[str, Any] | None:
        """How far the server is with the model."""
        found = getattr(version, "preparation", None)
        if found is None:
            return None
        return {"state": found.state, "reason": found.reason, "has_thumbnail": bool(found.thumbnail_sha256)}


class DocumentRevisionSerializer(PlmSerializer):
    """A document's revision: the unit of release."""

    revision_id = serializers.UUIDField(source="pk")
    document_id = serializers.UUIDField()
    revision = serializers.CharField(source="label")
    state = serializers.ChoiceField(RevisionState.choices)
    description = serializers.CharField()
    released_at = UtcDateTimeField(allow_null=True)
    released_by = serializers.UUIDField(source="released_by_id", allow_null=True)
    created_at = UtcDateTimeField()
    version = serializers.IntegerField()


class DocumentReviseSerializer(PlmSerializer):
    """The next revision of a document."""

    description = serializers.CharField(required=False, allow_blank=True, max_length=2000, help_text="What changes.")


class DocumentRevisionTransitionsSerializer(PlmSerializer):
    """Where a document's revision stands and where it can go."""

    state = serializers.ChoiceField(RevisionState.choices)
    transitions = TransitionOptionSerializer(many=True)


class DocumentTransitionSerializer(PlmSerializer):
    """A step of a document's revision."""

    to = serializers.CharField(max_length=20, help_text="in_review, in_work, released or obsolete.")
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500)


class CheckInSerializer(PlmSerializer):
    """The next version of a document's file."""

    file = serializers.FileField()
    comment = serializers.CharField(required=False, allow_blank=True, max_length=500)
    keep = serializers.BooleanField(required=False, default=False, help_text="Hold the document on.")


class BreakCheckOutSerializer(PlmSerializer):
    """Why somebody's check-out is ended."""

    reason = serializers.CharField(max_length=400)


class DocumentLinkSerializer(PlmSerializer):
    """A document belongs to a product, or to one revision of it."""

    link_id = serializers.UUIDField(source="pk")
    document_id = serializers.UUIDField()
    product_id = serializers.UUIDField()
    product_number = serializers.CharField(source="product.product_number")
    product_revision_id = serializers.UUIDField(allow_null=True)
    product_revision = serializers.CharField(source="product_revision.label", allow_null=True, default=None)


class DocumentLinkCreateSerializer(PlmSerializer):
    """What a document is to be linked to."""

    product_id = serializers.UUIDField()
    product_revision_id = serializers.UUIDField(required=False, allow_null=True)
