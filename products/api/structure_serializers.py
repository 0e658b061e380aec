"""Answers of structure questions, history and the cycle check: the field names of the commands."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from plm_project.api.serializers import ComputedField, PlmSerializer, UtcDateTimeField
from products.choices import LineType, ResolutionMode, RevisionState, Rule


class IndentedLineSerializer(PlmSerializer):
    """A row of the indented BOM. ``total_quantity`` is per one root, 0 below a line for reference. ``reason`` says why
    this revision of the product was taken, ``line_reason`` why the line is in."""

    level = serializers.IntegerField()
    path = serializers.ListField(child=serializers.CharField(), help_text="Product numbers from the root to this row.")
    line_id = serializers.UUIDField()
    product_id = serializers.UUIDField()
    product_number = serializers.CharField()
    product_name = serializers.CharField()
    product_type = serializers.CharField()
    revision = serializers.CharField()
    quantity = ComputedField()
    total_quantity = ComputedField()
    unit_of_measure = serializers.CharField()
    find_number = serializers.IntegerField()
    reference_designators = serializers.ListField(child=serializers.CharField())
    is_leaf = serializers.BooleanField()
    line_type = serializers.ChoiceField(LineType.choices, source="limits.line_type")
    is_optional = serializers.BooleanField(source="limits.is_optional")
    condition = serializers.CharField(source="limits.condition")
    resolved = serializers.BooleanField(help_text="Whether the mode's own rule chose the revision.")
    reason = serializers.CharField(source="reason.text")
    rule = serializers.ChoiceField(Rule.choices, source="reason.rule", help_text="The rule that chose the revision.")
    line_reason = serializers.CharField(source="line_reason.text")
    line_rule = serializers.ChoiceField(
        Rule.choices, source="line_reason.rule", help_text="The rule that chose the line."
    )


class PassedRevisionSerializer(PlmSerializer):
    """A revision that was not taken, and why."""

    revision = serializers.CharField()
    state = serializers.ChoiceField(RevisionState.choices)
    why = serializers.CharField()


class PassedLineSerializer(PlmSerializer):
    """A line for the same place or the same part that does not hold, and why."""

    line_id = serializers.UUIDField()
    find_number = serializers.IntegerField()
    product_number = serializers.CharField()
    product_name = serializers.CharField()
    why = serializers.CharField()


class PassedOverSerializer(PlmSerializer):
    """What a line was chosen over."""

    revisions = PassedRevisionSerializer(many=True)
    lines = PassedLineSerializer(many=True)


class ExplainedLineSerializer(IndentedLineSerializer):
    """A row that says what it was chosen over; asked for with ``explain``."""

    passed_over = PassedOverSerializer(required=False, help_text="With ``explain`` alone.")


class FlatLineSerializer(PlmSerializer):
    """The total of one product in one root."""

    product_id = serializers.UUIDField()
    product_number = serializers.CharField()
    product_name = serializers.CharField()
    total_quantity = ComputedField()
    unit_of_measure = serializers.CharField()
    is_leaf = serializers.BooleanField()


class StructureHead(PlmSerializer):
    """What every explosion says of itself."""

    root = serializers.CharField(help_text="The product's number.")  # type: ignore[assignment]
    revision = serializers.CharField(help_text="The revision taken of it; empty when none could be.")
    as_of = serializers.DateField()
    mode = serializers.ChoiceField(ResolutionMode.choices)
    baseline = serializers.CharField(required=False, help_text="The baseline asked for.")
    serial = serializers.IntegerField(required=False, help_text="The unit asked for.")
    options = serializers.ListField(child=serializers.CharField(), required=False, help_text="The options asked for.")
    optional = serializers.BooleanField(required=False, help_text="Where optional lines were asked for.")
    rows = serializers.IntegerField(help_text="Indented lines below the root.")
    distinct_products = serializers.IntegerField()
    depth = serializers.IntegerField(help_text="Levels below the root.")
    unresolved = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="In mode released: products without such a revision."
    )


# "Paginated" in the name tells the schema that the envelope carries a pagination block.
class PaginatedExplosionSerializer(StructureHead):
    """An indented explosion with one page of its lines."""

    lines = ExplainedLineSerializer(many=True)


class WhereUsedLineSerializer(PlmSerializer):
    """A product that contains the asked one. ``quantity``: by the nearest way; ``total_quantity``: by all ways."""

    level = serializers.IntegerField()
    product_id = serializers.UUIDField()
    product_number = serializers.CharField()
    product_name = serializers.CharField()
    revision = serializers.CharField()
    quantity = ComputedField()
    total_quantity = ComputedField()
    is_root = serializers.BooleanField()


class WhereUsedEdgeSerializer(PlmSerializer):
    """One product directly in another. ``quantity``: of all lines between the two."""

    child_id = serializers.UUIDField()
    child_number = serializers.CharField()
    parent_id = serializers.UUIDField()
    parent_number = serializers.CharField()
    quantity = ComputedField()


class PaginatedWhereUsedSerializer(PlmSerializer):
    """Where a product is used, with one page of its lines."""

    product = serializers.CharField(source="product_number")
    direct = serializers.IntegerField()
    ancestors = serializers.IntegerField()
    roots = serializers.IntegerField()
    edges = WhereUsedEdgeSerializer(many=True, required=False, help_text="Only when asked for.")
    lines = WhereUsedLineSerializer(many=True)


class RollupSerializer(PlmSerializer):
    """Cost and mass of one unit with everything in it. ``missing_cost``: bought parts without a price."""

    product_number = serializers.CharField()
    unit_cost = ComputedField()
    mass_kg = ComputedField()
    currency = serializers.CharField()
    missing_cost = serializers.ListField(child=serializers.CharField())


class CycleCheckSerializer(PlmSerializer):
    """Whether a line would close a cycle, and the way round: parent, child, …, parent."""

    creates_cycle = serializers.BooleanField()
    path = serializers.ListField(child=serializers.CharField())


class ProductFieldChangeSerializer(PlmSerializer):
    """A field before and after."""

    field = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        """Add ``from`` and ``to``; the first is a word of Python's own."""
        values = {name: serializers.JSONField(source=source) for name, source in (("from", "before"), ("to", "after"))}
        return {**super().get_fields(), **values}


class ComparedLineSerializer(PlmSerializer):
    """A line that only one of the two revisions has. ``parent_number``: the product it stands in."""

    parent_number = serializers.CharField()
    find_number = serializers.IntegerField()
    product_number = serializers.CharField()
    quantity = ComputedField()
    unit_of_measure = serializers.CharField()
    reference_designators = serializers.ListField(child=serializers.CharField())


class ComparedFieldSerializer(ProductFieldChangeSerializer):
    """A value that differs on a line both have."""

    parent_number = serializers.CharField()
    find_number = serializers.IntegerField()
    product_number = serializers.CharField()


class PaginatedComparisonSerializer(PlmSerializer):
    """One page of the differences: what was added, then what was removed, then what changed."""

    added = ComparedLineSerializer(many=True)
    removed = ComparedLineSerializer(many=True)
    changed = ComparedFieldSerializer(many=True)


class ProductHistoryEntrySerializer(PlmSerializer):
    """One write: who, when, why, and what changed from what to what."""

    record = serializers.ChoiceField(["product", "revision", "line"])
    record_id = serializers.UUIDField()
    revision = serializers.CharField(help_text="The revision concerned; empty for the product itself.")
    find_number = serializers.IntegerField(allow_null=True, help_text="Of a line.")
    product_number = serializers.CharField(help_text="The child of a line.")
    action = serializers.ChoiceField(["created", "changed", "deleted"])
    when = UtcDateTimeField()
    who = serializers.CharField()
    user_id = serializers.UUIDField(allow_null=True)
    why = serializers.CharField()
    request_id = serializers.CharField()
    changes = ProductFieldChangeSerializer(many=True)
