"""What people type about existing parts. The forms read and explain; the services decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from changes.choices import Disposal, Place
from changes.forms import ANY, ChangePagesForm
from changes.models import Disposition
from plm_project.accounts.models import Membership, User
from plm_project.core.decimals import plain
from plm_project.web.forms import DateInput, DecimalInput
from products.models import Product


def member_choices() -> list[tuple[str, str]]:
    """Return the members of the tenant by name, for a choice. One query."""
    rows = User.objects.filter(pk__in=Membership.objects.values("user_id")).order_by("full_name", "email")
    return [(str(user.pk), user.get_full_name()) for user in rows]


def _version() -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)


def _text(label: Any, help_text: Any = "", *, limit: int = 2000, needed: bool = False) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, required=needed, max_length=limit, widget=widget, help_text=help_text)


def _amount(label: Any, help_text: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, max_digits=15, decimal_places=4, widget=DecimalInput(), help_text=help_text
    )


def _quantity(label: Any, help_text: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, max_digits=15, decimal_places=6, widget=DecimalInput(), help_text=help_text
    )


class OrganiseForm(ChangePagesForm):
    """Who does it until when: what may change until the change is closed."""

    owner = forms.ChoiceField(
        label=_("Owner"), required=False, choices=lambda: [("", _("Nobody yet")), *member_choices()]
    )
    due_on = forms.DateField(label=_("Due"), required=False, widget=DateInput())
    expected_version = _version()

    renamed: ClassVar[dict[str, str]] = {"owner_id": "owner", "product_id": "part"}

    def values(self) -> dict[str, Any]:
        """Return the input of the service."""
        given = self.cleaned_data
        return {"owner_id": forms.UUIDField(required=False).clean(given["owner"]), "due_on": given["due_on"]}


class DispositionForm(OrganiseForm):
    """All of a disposition. ``parts`` are the products it may be about."""

    part = forms.ChoiceField(label=_("Part"))
    place = forms.ChoiceField(label=_("Where they are"), choices=Place.choices)
    action = forms.ChoiceField(label=_("What happens"), choices=Disposal.choices)
    quantity = _quantity(_("Quantity"), _("In the part's unit. Empty: not known."))
    cost = _amount(_("Cost"), _("Empty: not known."))
    note = _text(_("Note for the approvers"))

    field_order = ("part", "place", "action", "quantity", "cost", "owner", "due_on", "note")

    def __init__(self, *args: Any, parts: Sequence[Product], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["part"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            (str(part.pk), f"{part.product_number} {part.product_name} ({part.unit_of_measure})") for part in parts
        ]

    def values(self) -> dict[str, Any]:
        """Return the input of the service."""
        given = self.cleaned_data
        own = {name: given[name] for name in ("place", "action", "quantity", "cost", "note")}
        return {**super().values(), **own, "product_id": forms.UUIDField().clean(given["part"])}


def disposition_values(row: Disposition) -> dict[str, Any]:
    """Return a row as the forms show it."""
    return {
        "part": str(row.product_id),
        "place": row.place,
        "action": row.action,
        "quantity": "" if row.quantity is None else plain(row.quantity),
        "cost": "" if row.cost is None else plain(row.cost),
        "note": row.note,
        "owner": str(row.owner_id or ""),
        "due_on": row.due_on,
        "expected_version": row.version,
    }


class NoDispositionForm(ChangePagesForm):
    """Why there is nothing to dispose of."""

    reason = _text(
        _("Why there is nothing"),
        _("For example: none was ever built. Empty it to take this back."),
        limit=500,
    )
    expected_version = _version()


class CompleteForm(ChangePagesForm):
    """What was really done."""

    quantity_done = _quantity(_("Quantity done"), _("In the part's unit. Empty: not counted."))
    cost_done = _amount(_("What it cost"), _("Empty: not known."))
    note = _text(_("What was done"))
    expected_version = _version()


class ReopenForm(ChangePagesForm):
    """Why it is not done after all."""

    reason = _text(_("Why it is not done"), _("Needed; kept for ever."), limit=500, needed=True)
    expected_version = _version()


class DispositionFilterForm(ChangePagesForm):
    """The filters of the list; they live in the address. A value with a fault filters nothing."""

    STATES = (("", _("Open")), ("ready", _("Can be done now")), ("done", _("Done")), ("all", _("All")))
    WHOSE = (("", _("Everybody's")), ("mine", _("Mine")))
    WHEN = (("", _("Any")), ("overdue", _("Overdue")))

    whose = forms.ChoiceField(label=_("Whose"), required=False, choices=WHOSE)
    due = forms.ChoiceField(label=_("Due"), required=False, choices=WHEN)
    place = forms.ChoiceField(label=_("Where they are"), required=False, choices=[ANY, *Place.choices])
    action = forms.ChoiceField(label=_("What happens"), required=False, choices=[ANY, *Disposal.choices])
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)

    def wanted(self, user_id: Any) -> dict[str, Any]:
        """Return what ``disposition_list`` is to be asked for."""
        self.is_valid()
        given = self.cleaned_data
        return {
            "state": given.get("state") or "open",
            "owner_id": user_id if given.get("whose") == "mine" else None,
            "is_overdue": given.get("due") == "overdue",
            "place": [given["place"]] if given.get("place") else (),
            "action": [given["action"]] if given.get("action") else (),
        }

    def is_narrowed(self) -> bool:
        """Return whether anything is asked for."""
        return any(self.data.get(name) for name in self.fields)
