"""What a change would do, as the API says it."""

from __future__ import annotations

from rest_framework import serializers

from changes.api.serializers import ProblemSerializer
from changes.choices import ChangeStatus
from changes.services.foreseeing import PORTION
from plm_project.api.serializers import ComputedField, PlainDecimalField, PlmSerializer


class ConsequencesQuery(PlmSerializer):
    """Which products on top."""

    offset = serializers.IntegerField(
        min_value=0, max_value=1_000_000, default=0, help_text=f"{PORTION} from here on."
    )


class FigureSerializer(PlmSerializer):
    """One figure before and after; null where it is not known. ``percent`` of what it was."""

    before = ComputedField(allow_null=True)
    after = ComputedField(allow_null=True)
    difference = ComputedField(allow_null=True)
    percent = ComputedField(allow_null=True)


class LineCauseSerializer(PlmSerializer):
    """What one line of an affected product adds to the product on top; all of them add up to the difference."""

    product_id = serializers.UUIDField()
    product_number = serializers.CharField()
    find_number = serializers.IntegerField()
    kind = serializers.ChoiceField(["added", "removed", "replaced", "changed"])
    part_number = serializers.CharField()
    cost = ComputedField()
    mass = ComputedField()


class VerdictSerializer(PlmSerializer):
    """What a measure finds."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment] # a field of DRF has a label of its own
    parts = serializers.ListField(child=serializers.CharField(), help_text="Numbers of the parts that make it so.")


class MeasureChangeSerializer(PlmSerializer):
    """One measure of another context, such as compliance."""

    key = serializers.CharField(source="measure.key")
    title = serializers.CharField(source="measure.title")
    before = VerdictSerializer()
    after = VerdictSerializer()
    is_worse = serializers.BooleanField()


class TopConsequenceSerializer(PlmSerializer):
    """One product on top: cost (in ``currency``) and mass (kg) of one unit, lead time (days) of an order of one."""

    product_id = serializers.UUIDField()
    product_number = serializers.CharField()
    product_name = serializers.CharField()
    cost = FigureSerializer()
    mass = FigureSerializer()
    lead_time = FigureSerializer()
    single_sourced = FigureSerializer(help_text="Bought parts with one manufacturer or none.")
    lead_time_parts = serializers.ListField(child=serializers.CharField(), help_text="Those that take longest then.")
    lead_time_unknown = serializers.ListField(child=serializers.CharField())
    newly_single = serializers.ListField(child=serializers.CharField())
    no_longer_single = serializers.ListField(child=serializers.CharField())
    missing_cost = serializers.ListField(child=serializers.CharField(), help_text="Parts that have no price then.")
    causes = LineCauseSerializer(many=True)
    measures = MeasureChangeSerializer(many=True, source="verdicts")


class OtherChangeSerializer(PlmSerializer):
    """Another open change of one of the products."""

    change_id = serializers.UUIDField(source="change.pk")
    change_number = serializers.CharField(source="change.change_number")
    change_title = serializers.CharField(source="change.change_title")
    status = serializers.ChoiceField(ChangeStatus.choices, source="change.status")
    product_number = serializers.CharField()


class TouchedDocumentSerializer(PlmSerializer):
    """A document of one of the products."""

    document_id = serializers.UUIDField(source="pk")
    document_number = serializers.CharField()
    title = serializers.CharField()


class TouchedSerializer(PlmSerializer):
    """One thing outside that hears of the change."""

    product_number = serializers.CharField()
    text = serializers.CharField()
    url = serializers.CharField()


class TouchSerializer(PlmSerializer):
    """What one kind of thing hears of it."""

    key = serializers.CharField(source="touch.key")
    title = serializers.CharField(source="touch.title")
    found = TouchedSerializer(many=True)


class ConsequencesSerializer(PlmSerializer):
    """What the change would do on ``day``. Where ``problems`` keep it from being worked out there are no tops."""

    day = serializers.DateField()
    currency = serializers.CharField()
    problems = ProblemSerializer(many=True)
    total = serializers.IntegerField(help_text="Products on top in all.")
    offset = serializers.IntegerField()
    tops = TopConsequenceSerializer(many=True)
    other_changes = OtherChangeSerializer(many=True, source="others")
    documents = TouchedDocumentSerializer(many=True)
    touched = TouchSerializer(many=True)
    existing_parts_cost = PlainDecimalField(
        source="existing_parts.total",
        max_digits=None,
        decimal_places=None,
        help_text="What is planned to be spent, once, on parts that exist already, as far as it is known.",
    )
    existing_parts_unknown = serializers.IntegerField(
        source="existing_parts.unknown", help_text="Dispositions of existing parts without an amount."
    )
