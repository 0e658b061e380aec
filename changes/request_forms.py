"""What people type about change requests. The forms read and explain; the services decide."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from changes.choices import ChangeType, Priority, RequestStatus, Urgency
from changes.forms import ANY, ChangePagesForm, part_field
from changes.models import ChangeRequest
from changes.models.request import MAX_ANSWER, MAX_REQUEST_TEXT


class RequestFilterForm(ChangePagesForm):
    """The filters of the list; its values live in the address. A value with a fault filters nothing."""

    WHOSE = (("", _("Everybody's")), ("mine", _("Asked by me")))

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=200,
        widget=forms.SearchInput(attrs={"placeholder": _("Number, title or text")}),
    )
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[ANY, *RequestStatus.choices])
    change_type = forms.ChoiceField(label=_("Type"), required=False, choices=[ANY, *ChangeType.choices])
    priority = forms.ChoiceField(label=_("Priority"), required=False, choices=[ANY, *Priority.choices])
    whose = forms.ChoiceField(label=_("Whose"), required=False, choices=WHOSE)
    product = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def wanted(self, user_id: Any) -> dict[str, Any]:
        """Return what ``request_list`` is to be asked for."""
        self.is_valid()
        given = self.cleaned_data
        lists = {name: (given[name],) if given.get(name) else () for name in ("status", "change_type", "priority")}
        return {
            "q": given.get("q", ""),
            **lists,
            "product_id": given.get("product"),
            "requester_id": user_id if given.get("whose") == "mine" else None,
        }

    def is_narrowed(self) -> bool:
        """Return whether anything but the order is asked for."""
        return any(self.data.get(name) for name in self.fields)


class RequestForm(ChangePagesForm):
    """What somebody asks for. ``product`` is the number that is being typed; the picked ones stand beside the form."""

    title = forms.CharField(label=_("Title"), min_length=3, max_length=200)
    description = forms.CharField(
        label=_("What is wrong"),
        max_length=MAX_REQUEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What happens, where, how often, and since when."),
    )
    proposal = forms.CharField(
        label=_("What is wanted"),
        required=False,
        max_length=MAX_REQUEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("If you have an idea. Whoever works on it may find another way."),
    )
    change_type = forms.ChoiceField(label=_("Type"), choices=ChangeType.choices, initial=ChangeType.DESIGN)
    priority = forms.ChoiceField(label=_("Priority"), choices=Priority.choices, initial=Priority.MEDIUM)
    urgency = forms.ChoiceField(label=_("Urgency"), choices=Urgency.choices, initial=Urgency.NORMAL)
    product = part_field(
        _("Product"), required=False, help_text=_("Number of a product it is about. You can add more.")
    )
    expected_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    FIELDS: ClassVar = ("title", "description", "proposal", "change_type", "priority", "urgency")

    def request_data(self) -> dict[str, Any]:
        """Return the input of the service."""
        return {name: self.cleaned_data[name] for name in self.FIELDS}


def request_values(asked: ChangeRequest) -> dict[str, Any]:
    """Return a request as the form shows it."""
    return {**{name: getattr(asked, name) for name in RequestForm.FIELDS}, "expected_version": asked.version}


class RequestStepForm(ChangePagesForm):
    """What is said with a step; for accepting, which open change answers it."""

    order = forms.CharField(
        label=_("Change"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "pn"}),
        help_text=_("Number of an open change that answers it. Empty: a new draft is opened, which is yours."),
    )
    comment = forms.CharField(
        label=_("Comment"), required=False, max_length=MAX_ANSWER, widget=forms.Textarea(attrs={"rows": 3})
    )
    expected_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, label: Any = "", needed: bool = False, asks_order: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not asks_order:
            del self.fields["order"]
        field = self.fields["comment"]
        field.required = needed
        field.label = label or field.label
        field.help_text = _("Who asked reads it.") if asks_order or needed else ""
