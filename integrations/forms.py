"""Forms of the integration pages."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.choices import DeliveryState, Question, SuggestionState
from integrations.contracts.audit import EVERY_EVENT
from integrations.contracts.registry import contracts
from integrations.neighbours import neighbours
from integrations.selectors import DeliveryFilter, SuggestionFilter


class DeliveryFilterForm(forms.Form):
    """What the list of deliveries is narrowed by; it stands in the address."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200, widget=forms.SearchInput())
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any")), *DeliveryState.choices])
    neighbour = forms.ChoiceField(label=_("Neighbour"), required=False)
    contract = forms.ChoiceField(label=_("Contract"), required=False)
    entity = forms.UUIDField(required=False, widget=forms.HiddenInput())
    webhook = forms.UUIDField(required=False, widget=forms.HiddenInput())

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        anything = [("", _("Any"))]
        self.fields["neighbour"].choices = [*anything, *((one.key, one.name) for one in neighbours())]  # type: ignore[attr-defined]
        self.fields["contract"].choices = [*anything, *((one.key, one.title) for one in contracts())]  # type: ignore[attr-defined]

    def wanted(self) -> DeliveryFilter:
        """Return the filter; what makes no sense narrows nothing."""
        self.is_valid()
        given = self.cleaned_data
        entity: uuid.UUID | None = given.get("entity")
        return DeliveryFilter(
            q=given.get("q", ""),
            state=[given["state"]] if given.get("state") else [],
            neighbour=given.get("neighbour", ""),
            contract=given.get("contract", ""),
            entity=entity,
            webhook=given.get("webhook"),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out."""
        return self.wanted() != DeliveryFilter()


class SuggestionFilterForm(forms.Form):
    """What the list of suggestions is narrowed by."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any")), *SuggestionState.choices])
    question = forms.ChoiceField(label=_("Question"), required=False, choices=[("", _("Any")), *Question.choices])

    def wanted(self) -> SuggestionFilter:
        """Return the filter; what makes no sense narrows nothing."""
        self.is_valid()
        given = self.cleaned_data
        return SuggestionFilter(
            question=given.get("question", ""), state=[given["state"]] if given.get("state") else []
        )


class TargetForm(forms.Form):
    """Where a neighbour is, and with which token."""

    base_url = forms.URLField(
        label=_("Address"), max_length=500, assume_scheme="https",
        help_text=_("What its paths begin with, such as https://mes.example.com."),
    )  # fmt: skip
    token = forms.CharField(
        label=_("Token"), required=False, max_length=4000, strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Sent with every call. It is kept encrypted and never shown again; leave it empty to keep it."),
    )  # fmt: skip
    drop_token = forms.BooleanField(label=_("Take the token away"), required=False)
    is_enabled = forms.BooleanField(label=_("Switched on"), required=False)
    allow_private = forms.BooleanField(
        label=_("May be inside our own network"), required=False,
        help_text=_("Only where this installation lets calls in there."),
    )  # fmt: skip
    expected_version = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def token_given(self) -> str | None:
        """Return the new token, "" to take it away, None to keep it."""
        if self.cleaned_data["drop_token"]:
            return ""
        return self.cleaned_data["token"] or None


class WebhookForm(forms.Form):
    """Who is told of which events, and where."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Who it is, such as: the shop's stock system.")
    )
    url = forms.URLField(
        label=_("Address"), max_length=500, assume_scheme="https", help_text=_("Every event is sent there by POST.")
    )
    event_types = forms.MultipleChoiceField(
        label=_("Events"), required=False, widget=forms.CheckboxSelectMultiple(),
        choices=[(name, name) for name in EVERY_EVENT], help_text=_("None ticked: all of them."),
    )  # fmt: skip
    allow_private = forms.BooleanField(
        label=_("May be inside our own network"), required=False,
        help_text=_("Only where this installation lets calls in there."),
    )  # fmt: skip


class WebhookChangeForm(WebhookForm):
    """The same for one that is there."""

    is_enabled = forms.BooleanField(label=_("Switched on"), required=False)
    expected_version = forms.IntegerField(required=False, widget=forms.HiddenInput())


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
