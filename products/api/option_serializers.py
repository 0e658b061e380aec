"""Options, rules and configurations on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from plm_project.api.serializers import PlmSerializer
from products.api.filters import ResolutionQuery
from products.api.sourcing_serializers import Recorded
from products.choices import FindingKind, OptionRuleKind, ResolutionMode
from products.conditions import CODE, LONGEST_CODE, LONGEST_CONDITION
from products.configuring.problem import Problem
from products.models.configuration import MOST_CHOSEN
from products.models.options import MOST_CHOICES

WORD_HELP = "family:choice"
RANK: dict[str, Any] = {"required": False, "min_value": 1, "max_value": 32_767, "help_text": "1 stands first."}


def code_field(**kwargs: Any) -> serializers.RegexField:
    """A code as conditions name it."""
    help_text = "Small letters, digits, “.”, “_”, “-”. It never changes: conditions name it."
    return serializers.RegexField(rf"^{CODE}\Z", **{"help_text": help_text, **kwargs})


def word_list(**kwargs: Any) -> serializers.ListField:
    """Choices as conditions name them."""
    word = serializers.CharField(max_length=2 * LONGEST_CODE + 1)
    return serializers.ListField(child=word, **{"help_text": WORD_HELP, **kwargs})


# --- families ---------------------------------------------------------------------------------------------------------
class FamilyChangeSerializer(PlmSerializer):
    """What may be changed of a family."""

    name = serializers.CharField(max_length=100)


class FamilyCreateSerializer(FamilyChangeSerializer):
    """A new family."""

    code = code_field()


class OptionChoiceChangeSerializer(PlmSerializer):
    """What may be changed of a choice."""

    name = serializers.CharField(max_length=100)
    rank = serializers.IntegerField(**RANK)


class OptionChoiceCreateSerializer(OptionChoiceChangeSerializer):
    """A new choice of a family."""

    code = code_field()


class OptionChoiceSerializer(Recorded):
    """One answer of a family."""

    choice_id = serializers.UUIDField(source="pk")
    family_id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    rank = serializers.IntegerField()


class FamilySerializer(Recorded):
    """A question that is asked, with its choices by rank."""

    family_id = serializers.UUIDField(source="pk")
    code = serializers.CharField()
    name = serializers.CharField()
    choices = serializers.SerializerMethodField()

    def get_choices(self, family: Any) -> list[dict[str, Any]]:
        """Its choices."""
        return list(OptionChoiceSerializer(family.choices.all(), many=True).data)


# --- options and rules of a product -----------------------------------------------------------------------------------
class OptionChangeSerializer(PlmSerializer):
    """What may be said of an option of a product."""

    is_required = serializers.BooleanField(required=False, help_text="Exactly one choice is taken, else at most one.")
    allowed = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_CODE),
        required=False,
        max_length=MOST_CHOICES,
        help_text="Codes of the choices that the product has; empty: all of the family.",
    )
    default_choice_id = serializers.UUIDField(required=False, allow_null=True)
    rank = serializers.IntegerField(**RANK)


class OptionCreateSerializer(OptionChangeSerializer):
    """A family that may be chosen from for the product."""

    family_id = serializers.UUIDField()


class OptionSerializer(Recorded):
    """A family that may be chosen from for a product."""

    option_id = serializers.UUIDField(source="pk")
    product_id = serializers.UUIDField()
    product_number = serializers.CharField(source="product.product_number")
    family_id = serializers.UUIDField()
    family = serializers.CharField(source="family.code")
    family_name = serializers.CharField(source="family.name")
    is_required = serializers.BooleanField()
    allowed = serializers.ListField(child=serializers.CharField())
    default_choice_id = serializers.UUIDField(allow_null=True)
    rank = serializers.IntegerField()


class RuleChangeSerializer(PlmSerializer):
    """A rule as a caller gives it."""

    kind = serializers.ChoiceField(OptionRuleKind.choices, required=False, help_text="requires (default) or excludes.")
    condition = serializers.CharField(max_length=LONGEST_CONDITION, help_text="For example motor:e or gps:yes.")
    then = serializers.CharField(
        max_length=LONGEST_CONDITION, help_text="What must hold too (requires), or must not (excludes)."
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)


class RuleSerializer(Recorded):
    """What choices of a product ask of each other."""

    rule_id = serializers.UUIDField(source="pk")
    product_id = serializers.UUIDField()
    product_number = serializers.CharField(source="product.product_number")
    kind = serializers.ChoiceField(OptionRuleKind.choices)
    condition = serializers.CharField()
    then = serializers.CharField()
    note = serializers.CharField()


# --- configurations ---------------------------------------------------------------------------------------------------
class BrokenSerializer(PlmSerializer):
    """What keeps choices from being a configuration."""

    message = serializers.CharField()
    rule_id = serializers.UUIDField(allow_null=True)
    family = serializers.CharField(help_text="The family asked for or named; empty for a rule.")


class ConfigurationChangeSerializer(PlmSerializer):
    """What may be changed of a configuration."""

    name = serializers.CharField(max_length=100)
    choices = word_list(max_length=MOST_CHOSEN)
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)


class ConfigurationCreateSerializer(ConfigurationChangeSerializer):
    """A choice of the product's options to keep."""

    code = code_field()


class ConfigurationSerializer(Recorded):
    """A saved choice, and whether the rules as they are now allow it."""

    configuration_id = serializers.UUIDField(source="pk")
    product_id = serializers.UUIDField()
    product_number = serializers.CharField(source="product.product_number")
    code = serializers.CharField()
    name = serializers.CharField()
    choices = word_list()
    note = serializers.CharField()
    valid = serializers.SerializerMethodField()
    broken = serializers.SerializerMethodField()

    def get_valid(self, record: Any) -> bool:
        """Whether it keeps all rules."""
        return not self._broken(record)

    def get_broken(self, record: Any) -> list[str]:
        """What it breaks, in words."""
        return [entry.text for entry in self._broken(record)]

    def _broken(self, record: Any) -> list[Any]:
        problems: dict[Any, Problem] = self.context["problems"]
        return problems[record.product_id].broken(record.choices)


# --- questions --------------------------------------------------------------------------------------------------------
class ChoosingQuery(PlmSerializer):
    """A choice made so far."""

    options = serializers.CharField(
        required=False, max_length=4000, help_text="What is chosen, family:choice, parted by commas. Default: nothing."
    )


class OptionChoiceStateSerializer(PlmSerializer):
    """One choice beside what is chosen of the other families."""

    choice = serializers.CharField(help_text=WORD_HELP)
    name = serializers.CharField()
    is_chosen = serializers.BooleanField()
    is_possible = serializers.BooleanField()
    is_forced = serializers.BooleanField(help_text="Everything else is ruled out.")
    because = serializers.ListField(child=serializers.CharField(), help_text="The rules and choices that rule it out.")


class OptionStateSerializer(PlmSerializer):
    """One option with its choices."""

    family = serializers.CharField()
    name = serializers.CharField()
    is_required = serializers.BooleanField()
    may_be_none = serializers.BooleanField()
    default = serializers.CharField()
    choices = OptionChoiceStateSerializer(many=True)


class CountField(serializers.CharField):
    """A number of configurations."""

    def __init__(self, **kwargs: Any) -> None:
        help_text = "A whole number as text: it may have hundreds of digits. null: too entangled to be counted."
        super().__init__(**{"allow_null": True, "help_text": help_text, **kwargs})


class ChoosingSerializer(PlmSerializer):
    """What a choice breaks and leaves open."""

    chosen = word_list()
    valid = serializers.BooleanField(help_text="Exactly these choices are a configuration.")
    broken = BrokenSerializer(many=True)
    can_be_completed = serializers.BooleanField()
    conflict = serializers.ListField(
        child=serializers.CharField(), help_text="The smallest set of rules and choices that cannot hold together."
    )
    forced = word_list()
    configurations = CountField()
    options = OptionStateSerializer(many=True)


class CheckQuery(ResolutionQuery):
    """Which structure is checked. Options chosen do not count: a check is about all of them."""

    def get_fields(self) -> dict[str, Any]:
        """Leave out what a check decides itself."""
        left_out = ("options", "configuration", "optional")
        return {name: field for name, field in super().get_fields().items() if name not in left_out}


class CheckedLineSerializer(PlmSerializer):
    """A line that a finding names."""

    line_id = serializers.UUIDField()
    parent_number = serializers.CharField()
    parent_revision = serializers.CharField()
    find_number = serializers.IntegerField()
    product_number = serializers.CharField()
    condition = serializers.CharField()


class FindingSerializer(PlmSerializer):
    """What is wrong, with its proof."""

    kind = serializers.ChoiceField(FindingKind.choices)
    message = serializers.CharField()
    choice = serializers.CharField()
    lines = CheckedLineSerializer(many=True)
    example = word_list(
        help_text="A valid configuration that shows it; for what can never be, the choices that would take it."
    )
    broken = BrokenSerializer(many=True, help_text="What the example breaks.")
    because = serializers.ListField(
        child=serializers.CharField(), help_text="The smallest set of rules that the proof stands on."
    )


class ConfigurationCheckSerializer(PlmSerializer):
    """What options, rules and conditions make of the whole structure."""

    product_number = serializers.CharField()
    revision = serializers.CharField()
    as_of = serializers.DateField()
    mode = serializers.ChoiceField(ResolutionMode.choices)
    options = serializers.IntegerField()
    rules = serializers.IntegerField()
    lines = serializers.IntegerField()
    conditioned_lines = serializers.IntegerField()
    configurations = CountField()
    clean = serializers.BooleanField()
    findings = FindingSerializer(many=True)
