"""What people type on the change pages. The forms read and explain; the services decide."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from changes.choices import OPEN_STATUSES, ChangeStatus, ChangeType, Meaning, Priority, Urgency
from changes.models import EngineeringChange
from changes.models.change import MAX_TEXT
from plm_project.core.decimals import plain
from plm_project.web.forms import DateInput, DecimalInput

ANY = ("", _("Any"))
OPEN = "open"
LARGEST_FIND_NUMBER = 2_000_000_000


class ChangePagesForm(forms.Form):
    """Labels without a colon, as everywhere."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


def _text(label: Any, rows: int, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=MAX_TEXT, widget=widget, help_text=help_text)


def part_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    """A product by its number; the template adds the suggestions."""
    widget = forms.TextInput(
        attrs={
            "autocomplete": "off",
            "spellcheck": "false",
            "class": "pn",
            "list": "product-options",
            "hx-get": reverse_lazy("products:product-search"),
            "hx-target": "#product-options",
            "hx-trigger": "input changed delay:250ms",
            "hx-sync": "this:replace",
        }
    )
    return forms.CharField(label=label, required=required, max_length=50, widget=widget, help_text=help_text)


def version_field() -> forms.IntegerField:
    """The version of the change that the person saw; a stale one is refused by the service."""
    return forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)


class ChangeFilterForm(ChangePagesForm):
    """The filters of the change list; its values live in the address. A value with a fault filters nothing."""

    WHOSE = (("", _("Everybody's")), ("mine", _("Written by me")), ("waiting", _("Waiting for me")))

    WAYS = (ANY, ("fast", _("Fast track")), ("normal", _("All rules asked")))

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=200,
        widget=forms.SearchInput(attrs={"placeholder": _("Number, title or description")}),
    )
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[ANY, (OPEN, _("All open")), *ChangeStatus.choices]
    )
    change_type = forms.ChoiceField(label=_("Type"), required=False, choices=[ANY, *ChangeType.choices])
    priority = forms.ChoiceField(label=_("Priority"), required=False, choices=[ANY, *Priority.choices])
    whose = forms.ChoiceField(label=_("Whose"), required=False, choices=WHOSE)
    way = forms.ChoiceField(label=_("Way"), required=False, choices=WAYS)
    product = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def wanted(self, user_id: Any) -> dict[str, Any]:
        """Return what ``change_list`` is to be asked for."""
        self.is_valid()
        given = self.cleaned_data
        status = given.get("status")
        wanted: dict[str, Any] = {
            "q": given.get("q", ""),
            "status": sorted(OPEN_STATUSES) if status == OPEN else _one(status),
            "change_type": _one(given.get("change_type")),
            "priority": _one(given.get("priority")),
            "product_id": given.get("product"),
        }
        if given.get("way"):
            wanted["fast_track"] = given["way"] == "fast"
        if given.get("whose") == "mine":
            wanted["author_id"] = user_id
        if given.get("whose") == "waiting":
            wanted["waiting_for"] = user_id
        return wanted

    def is_narrowed(self) -> bool:
        """Return whether anything but the order is asked for."""
        return any(self.data.get(name) for name in self.fields)


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


class ChangeFields(ChangePagesForm):
    """The fields of SPEC §5 that a person writes."""

    change_title = forms.CharField(label=_("Title"), min_length=3, max_length=200)
    change_type = forms.ChoiceField(label=_("Type"), choices=ChangeType.choices, initial=ChangeType.DESIGN)
    priority = forms.ChoiceField(
        label=_("Priority"),
        choices=Priority.choices,
        initial=Priority.MEDIUM,
        help_text=_("High and critical changes need the management's approval."),
    )
    urgency = forms.ChoiceField(label=_("Urgency"), choices=Urgency.choices, initial=Urgency.NORMAL)
    cost_impact = forms.DecimalField(
        label=_("Cost impact"),
        max_digits=15,
        decimal_places=4,
        required=False,
        widget=DecimalInput(),
        help_text=_("What it costs; with a minus sign what it saves."),
    )
    effective_from = forms.DateField(
        label=_("Effective from"),
        required=False,
        widget=DateInput(),
        help_text=_("The planned first day. Empty: the day it is implemented."),
    )
    reason_for_change = _text(
        _("Reason for the change"), 4, _("Why is it needed? Asked for at the latest when you submit.")
    )
    change_description = _text(_("Description"), 5, _("What changes, and how."))
    business_impact = _text(_("Business impact"), 4, _("Stock, deliveries, customers, documents."))

    def change_data(self) -> dict[str, Any]:
        """Return the input of the service."""
        data = {name: self.cleaned_data[name] for name in ChangeFields.base_fields}
        if data["cost_impact"] is None:
            data["cost_impact"] = Decimal(0)
        return data


class ChangeCreateForm(ChangeFields):
    """A new change. ``products`` are the chosen ids, ``product`` the number that is being typed."""

    product = part_field(
        _("Affected product"),
        required=False,
        help_text=_("Number of a product that gets a new revision. You can add more, also later."),
    )


class ChangeEditForm(ChangeFields):
    """A draft as it stands, with the version that the person saw."""

    expected_version = version_field()


def change_values(change: EngineeringChange) -> dict[str, Any]:
    """Return a change as the edit form shows it."""
    values = {name: getattr(change, name) for name in ChangeFields.base_fields}
    return {**values, "cost_impact": plain(change.cost_impact), "expected_version": change.version}


class DocumentForm(ChangePagesForm):
    """A document for a change, by its number."""

    document = forms.CharField(
        label=_("Document"),
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "pn"}),
        help_text=_("Its number."),
    )
    expected_version = version_field()


class MeaningField(forms.ChoiceField):
    """What a signature means; where nothing is sent, the first choice."""

    def clean(self, value: Any) -> Any:
        """Return the choice."""
        choices: Any = self.choices
        first, _label = next(iter(choices))
        return super().clean(value or first)


class StepForm(ChangePagesForm):
    """What is said with a step: a comment or a reason, and which version and round the person looked at. A vote is
    signed: with the password, and what the signature means.
    """

    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "data-autofocus": ""}),
    )
    meaning = MeaningField(label=_("You sign as"))
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        help_text=_("It signs what you see: your name, the time and the content are kept with it."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    expected_version = version_field()
    seen_round = version_field()
    on_behalf_of = forms.UUIDField(required=False, widget=forms.HiddenInput)

    renamed: ClassVar[dict[str, str]] = {
        "reason": "comment",
        "signature.password": "password",
        "signature.meaning": "meaning",
    }

    def __init__(
        self, *args: Any, label: Any = "", needed: bool = False, meanings: Sequence[Meaning] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not meanings:
            del self.fields["password"], self.fields["on_behalf_of"]
        if len(meanings) > 1:
            self.fields["meaning"].choices = [(meaning, meaning.label) for meaning in meanings]  # type: ignore[attr-defined] # a ChoiceField
        else:
            del self.fields["meaning"]
        field = self.fields["comment"]
        field.required = needed
        if label:
            field.label = label
        field.help_text = _("Needed; kept for ever.") if needed else _("Kept for ever.")
