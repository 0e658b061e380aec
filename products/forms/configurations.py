"""What people type about options, rules and configurations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from products.choices import OptionRuleKind
from products.conditions import LONGEST_CODE, LONGEST_CONDITION
from products.forms.base import PlmForm, version_field
from products.models import OptionFamily, ProductOption

CODE_HELP = _("Small letters, digits, “.”, “_”, “-”. Conditions name it, so it never changes.")
WORDS = {"spellcheck": "false", "autocomplete": "off", "autocapitalize": "none"}


def code_field() -> forms.CharField:
    """A code as conditions name it."""
    return forms.CharField(
        label=_("Code"), max_length=LONGEST_CODE, widget=forms.TextInput(attrs=WORDS), help_text=CODE_HELP
    )


def rank_field() -> forms.IntegerField:
    """Where something stands among its like."""
    return forms.IntegerField(
        label=_("Rank"), required=False, min_value=1, max_value=32_767, help_text=_("1 stands first. Empty: last.")
    )


def condition_field(label: Any, help_text: Any) -> forms.CharField:
    """A condition on choices."""
    return forms.CharField(
        label=label, max_length=LONGEST_CONDITION, widget=forms.TextInput(attrs=WORDS), help_text=help_text
    )


class FamilyForm(PlmForm):
    """A family's name; a new one's code too."""

    name = forms.CharField(label=_("Name"), max_length=100)
    expected_version = version_field()


class FamilyAddForm(FamilyForm):
    """A new family."""

    code = code_field()
    field_order = ("name", "code")


class ChoiceForm(PlmForm):
    """A choice's name and place; a new one's code too."""

    name = forms.CharField(label=_("Name"), max_length=100)
    rank = rank_field()
    expected_version = version_field()


class ChoiceAddForm(ChoiceForm):
    """A new choice."""

    code = code_field()
    field_order = ("name", "code", "rank")


class OptionForm(PlmForm):
    """An option of a product: must it be chosen, which choices, which default."""

    is_required = forms.BooleanField(
        label=_("Must be chosen"), required=False, initial=True, help_text=_("Otherwise nothing of it need be taken.")
    )
    allowed = forms.MultipleChoiceField(
        label=_("Choices of this product"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all of the family."),
    )
    default_choice_id = forms.ChoiceField(label=_("Default"), required=False)
    rank = rank_field()
    expected_version = version_field()

    def __init__(self, *args: Any, option: ProductOption, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(option.family.choices.all())
        fields: Any = self.fields
        fields["allowed"].choices = [(choice.code, choice.name) for choice in choices]
        fields["default_choice_id"].choices = [("", _("None")), *((str(choice.pk), choice.name) for choice in choices)]

    def clean_default_choice_id(self) -> str | None:
        """Return the id, or None."""
        return self.cleaned_data["default_choice_id"] or None


class OptionAddForm(PlmForm):
    """A family that may be chosen from for the product."""

    family_id = forms.ChoiceField(label=_("Option family"))
    is_required = forms.BooleanField(
        label=_("Must be chosen"), required=False, initial=True, help_text=_("Otherwise nothing of it need be taken.")
    )

    def __init__(self, *args: Any, families: list[OptionFamily], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["family_id"]
        field.choices = [(str(family.pk), str(family)) for family in families]


class RuleForm(PlmForm):
    """A rule among the choices."""

    condition = condition_field(_("If"), _("For example: motor:e or gps:yes"))
    kind = forms.ChoiceField(label=_("Kind"), choices=OptionRuleKind.choices)
    then = condition_field(_("Then"), _("What must hold too, or must not. For example: not size:s"))
    note = forms.CharField(label=_("Note"), required=False, max_length=500)
    expected_version = version_field()


class ConfigurationForm(PlmForm):
    """A saved choice: its name, and the choices."""

    name = forms.CharField(label=_("Name"), max_length=100)
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        max_length=9000,
        widget=forms.Textarea(attrs={"rows": 2, **WORDS}),
        help_text=_("family:choice, by commas."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=500)
    expected_version = version_field()

    def clean_choices(self) -> list[str]:
        """Return the words."""
        return self.cleaned_data["choices"].replace(",", " ").split()  # type: ignore[no-any-return]


class ConfigurationAddForm(ConfigurationForm):
    """A choice to save."""

    code = code_field()
    field_order = ("name", "code", "choices", "note")
