"""Products, revisions and BOM lines on the wire. They parse and shape; the services decide."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from plm_project.api.serializers import PlainDecimalField, PlainJSONField, PlmSerializer, UtcDateTimeField
from products.api.fields import AmountField, QuantityField, UnitField
from products.choices import LifecyclePhase, LineType, ProductStatus, ProductType, RevisionState
from products.conditions import LONGEST_CONDITION
from products.effectivity import HIGHEST_SERIAL, MAX_RANGES
from products.models import Product
from products.models.product import MAX_TAG_LENGTH, MAX_TAGS
from products.selectors.policy import first_label

TAGS_HELP = "A list of words."


def tags_field(**kwargs: Any) -> serializers.ListField:
    """A list of words."""
    word = serializers.CharField(max_length=MAX_TAG_LENGTH)
    return serializers.ListField(child=word, max_length=MAX_TAGS, help_text=TAGS_HELP, **kwargs)


class SerialRangeSerializer(PlmSerializer):
    """The units ``first`` to ``last`` of one end item, both included; ``last`` null: all from ``first`` on."""

    end_item = serializers.UUIDField(required=False, help_text="The end item, by id.")
    end_item_number = serializers.CharField(
        required=False, max_length=50, write_only=True, help_text="The end item, by product number."
    )
    first = serializers.IntegerField(min_value=1, max_value=HIGHEST_SERIAL)
    last = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=HIGHEST_SERIAL)

    def validate(self, attrs: Any) -> Any:
        """Check that one end item is named."""
        if len({"end_item", "end_item_number"} & set(attrs)) != 1:
            raise serializers.ValidationError({"end_item": [_("Name the end item, by id or by number.")]})
        return attrs


def serials_field() -> SerialRangeSerializer:
    """Serial ranges as a caller gives them; null or none: every unit."""
    return SerialRangeSerializer(  # type: ignore[call-arg] # max_length is of the list that many=True makes
        many=True, required=False, allow_null=True, max_length=MAX_RANGES, help_text="Null: every unit."
    )


class LineUseFields(PlmSerializer):
    """How a line is used and for which units: for an ordinary line nothing of it is given."""

    serials = serials_field()
    condition = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST_CONDITION,
        help_text="The options it is for, such as colour:red and not gps:yes. Empty: all.",
    )
    line_type = serializers.ChoiceField(LineType.choices, required=False)
    is_optional = serializers.BooleanField(required=False)
    attrition_percent = PlainDecimalField(
        required=False,
        max_digits=6,
        decimal_places=3,
        min_value=0,
        help_text="Taken beyond the quantity, in per cent.",
    )
    setup_quantity = QuantityField(required=False, min_value=0, help_text="Taken once an order, whatever its size.")
    rounding_multiple = QuantityField(
        required=False, min_value=0, help_text="What an order takes is rounded up to a multiple. 0: not rounded."
    )


class LineChangeSerializer(LineUseFields):
    """A BOM line as a caller gives it. The child is named by ``child_id`` or by ``product_number``."""

    child_id = serializers.UUIDField(required=False, help_text="The child product, by id.")
    product_number = serializers.CharField(required=False, max_length=50, help_text="The child product, by number.")
    quantity = QuantityField(help_text="Above 0, in unit_of_measure.")
    unit_of_measure = UnitField(
        required=False, help_text="Of the quantities given here, default the child's; they are stored in the child's."
    )
    find_number = serializers.IntegerField(
        required=False, min_value=1, max_value=2_147_483_647, help_text="Default: at the end."
    )
    reference_designators = serializers.ListField(child=serializers.CharField(max_length=50), required=False)
    effective_from = serializers.DateField(required=False, allow_null=True, help_text="First day the line holds.")
    effective_to = serializers.DateField(required=False, allow_null=True, help_text="First day it holds no more.")
    notes = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    custom_attributes = PlainJSONField(required=False, help_text="An object of names and values.")

    def validate(self, attrs: Any) -> Any:
        """Check that one child is named."""
        if "child_id" in attrs and "product_number" in attrs:
            raise serializers.ValidationError({"child_id": [_("Name the child by id or by number, not by both.")]})
        if not self.partial and not {"child_id", "product_number"} & set(attrs):
            raise serializers.ValidationError({"child_id": [_("Name the child, by child_id or product_number.")]})
        return attrs


class LineSerializer(PlmSerializer):
    """A BOM line: one row of a revision's bill of materials."""

    line_id = serializers.UUIDField(source="pk")
    revision_id = serializers.UUIDField(source="parent_revision_id")
    child_id = serializers.UUIDField()
    product_number = serializers.CharField(source="child.product_number")
    product_name = serializers.CharField(source="child.product_name")
    quantity = QuantityField()
    unit_of_measure = serializers.CharField()
    find_number = serializers.IntegerField()
    reference_designators = serializers.ListField(child=serializers.CharField())
    effective_from = serializers.DateField(allow_null=True)
    effective_to = serializers.DateField(allow_null=True)
    serials = SerialRangeSerializer(many=True, allow_null=True)
    condition = serializers.CharField()
    line_type = serializers.ChoiceField(LineType.choices)
    is_optional = serializers.BooleanField()
    attrition_percent = PlainDecimalField(max_digits=6, decimal_places=3)
    setup_quantity = QuantityField()
    rounding_multiple = QuantityField()
    notes = serializers.CharField()
    custom_attributes = PlainJSONField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    version = serializers.IntegerField()


class RevisionSerializer(PlmSerializer):
    """A revision: the unit of release. ``is_editable`` says whether its lines may be edited in place."""

    revision_id = serializers.UUIDField(source="pk")
    product_id = serializers.UUIDField()
    product_number = serializers.CharField(source="product.product_number")
    revision = serializers.CharField(source="label")
    state = serializers.ChoiceField(RevisionState.choices)
    description = serializers.CharField()
    effective_from = serializers.DateField(allow_null=True)
    effective_to = serializers.DateField(allow_null=True)
    serials = SerialRangeSerializer(many=True, allow_null=True, help_text="The units it holds for. Null: all.")
    released_at = UtcDateTimeField(allow_null=True)
    released_by = serializers.UUIDField(source="released_by_id", allow_null=True)
    is_editable = serializers.BooleanField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    version = serializers.IntegerField()


class RevisionCreateSerializer(PlmSerializer):
    """The next revision of a product."""

    description = serializers.CharField(required=False, allow_blank=True, max_length=2000, help_text="What changes.")
    base = serializers.CharField(
        required=False,
        max_length=10,
        help_text="Revision whose lines are copied. Default: the released one, else the latest.",
    )


class RevisionChangeSerializer(PlmSerializer):
    """What may be changed of a revision that is not released."""

    description = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    effective_from = serializers.DateField(required=False, allow_null=True, help_text="Planned first day.")
    serials = serials_field()


MOST_LINES = 5_000  # each is checked by itself while nobody else can edit a structure


class ProductFields(PlmSerializer):
    """What a caller may set of a product, at creation and later."""

    product_name = serializers.CharField(min_length=3, max_length=200)
    product_description = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    product_type = serializers.ChoiceField(ProductType.choices, required=False)
    status = serializers.ChoiceField(ProductStatus.choices, required=False)
    target_cost = AmountField(required=False)
    current_cost = AmountField(required=False, help_text="The product's own cost, without what its structure adds.")
    mass_kg = QuantityField(required=False, min_value=0)
    unit_of_measure = UnitField(required=False)
    custom_attributes = PlainJSONField(required=False, help_text="An object of names and values.")
    tags = tags_field(required=False)
    replaced_by = serializers.UUIDField(required=False, allow_null=True, source="replaced_by_id")


class ProductCreateSerializer(ProductFields):
    """A new product, with its structure where given: all of it, or nothing."""

    product_number = serializers.CharField(min_length=3, max_length=50)
    lifecycle_phase = serializers.ChoiceField(
        LifecyclePhase.choices, required=False, help_text="Another phase than concept needs plm.products.release."
    )
    revision = serializers.CharField(required=False, max_length=10, help_text="Its first revision: A, or 1 by number.")
    structure = LineChangeSerializer(  # type: ignore[call-arg] # max_length is of the list that many=True makes
        many=True,
        required=False,
        max_length=MOST_LINES,
        help_text="The lines of its first revision, at most 5,000; more come in by an import.",
    )
    auto_create_digital_twin = serializers.BooleanField(required=False, default=True)

    def validate_revision(self, value: str) -> str:
        """Check that counting begins at the beginning."""
        if value != (first := first_label()):
            raise serializers.ValidationError(_("A product begins with revision %(label)s.") % {"label": first})
        return value


class ProductChangeSerializer(ProductFields):
    """A change of a product. Number, revision and phase have their own ways."""

    product_number = serializers.CharField(read_only=True)
    lifecycle_phase = serializers.ChoiceField(LifecyclePhase.choices, read_only=True)
    revision = serializers.CharField(read_only=True)
    manufacturing_status = serializers.CharField(read_only=True)
    digital_twin_id = serializers.CharField(read_only=True)
    reason = serializers.CharField(required=False, max_length=500, help_text="Why; kept in the history.")


class ProductSerializer(PlmSerializer):
    """A product: the item master."""

    product_id = serializers.UUIDField(source="pk")
    product_number = serializers.CharField()
    product_name = serializers.CharField()
    product_description = serializers.CharField()
    product_type = serializers.ChoiceField(ProductType.choices)
    lifecycle_phase = serializers.ChoiceField(LifecyclePhase.choices)
    revision = serializers.CharField(help_text="Label of the released revision, else of the latest one.")
    status = serializers.ChoiceField(ProductStatus.choices)
    target_cost = AmountField()
    current_cost = AmountField()
    mass_kg = QuantityField()
    unit_of_measure = serializers.CharField()
    manufacturing_status = serializers.CharField(help_text="Set by the manufacturing integration.")
    digital_twin_id = serializers.CharField(help_text="Set by the digital twin integration.")
    custom_attributes = PlainJSONField()
    tags = tags_field()
    compliance_records = serializers.SerializerMethodField()
    document_references = serializers.SerializerMethodField()
    replaced_by = serializers.UUIDField(source="replaced_by_id", allow_null=True)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    version = serializers.IntegerField()

    def get_compliance_records(self, product: Product) -> list[dict[str, Any]]:
        """What the compliance records say."""
        return self._reference("compliance_records", product)

    def get_document_references(self, product: Product) -> list[dict[str, Any]]:
        """What the document records say."""
        return self._reference("document_references", product)

    def _reference(self, name: str, product: Product) -> list[dict[str, Any]]:
        """Take the rows the view fetched for the whole page (``products.extensions``)."""
        return list(self.context.get("references", {}).get(name, {}).get(product.pk, ()))


class TransitionOptionSerializer(PlmSerializer):
    """One transition: possible now, or why not. ``needs_reason``: send a reason (or a replacement) with it."""

    to = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    possible = serializers.BooleanField()
    needs_reason = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    permitted = serializers.BooleanField(help_text="False when it is impossible for want of permission.")
    question = serializers.CharField(help_text="What to ask for where a reason is needed.")
    permission = serializers.CharField(help_text="What the caller must hold; empty where there is no way.")


class ProductTransitionsSerializer(PlmSerializer):
    """Where a product stands and where it can go."""

    lifecycle_phase = serializers.ChoiceField(LifecyclePhase.choices)
    transitions = TransitionOptionSerializer(many=True)


class RevisionTransitionsSerializer(PlmSerializer):
    """Where a revision stands and where it can go."""

    state = serializers.ChoiceField(RevisionState.choices)
    transitions = TransitionOptionSerializer(many=True)


class ProductTransitionSerializer(PlmSerializer):
    """A step in a product's life."""

    to = serializers.CharField(max_length=20, help_text="The phase to go to.")
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500)
    replaced_by = serializers.UUIDField(required=False, allow_null=True, help_text="The product that takes its place.")


class RevisionTransitionSerializer(PlmSerializer):
    """A step of a revision: in_review (submit), in_work (return), released, obsolete."""

    to = serializers.CharField(max_length=20, help_text="in_review, in_work, released or obsolete.")
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500)
    effective_from = serializers.DateField(required=False, help_text="With released: first day. Default: today.")
