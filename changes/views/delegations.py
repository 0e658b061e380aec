"""Who decides while somebody is away: one's own deputy, and whom one stands in for."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.generic import View

from changes import permissions
from changes.forms import ChangePagesForm
from changes.models import Delegation
from changes.selectors import delegation_list
from changes.services import delegation_add, delegation_end
from changes.services.approvers import members_who_approve
from changes.views.base import ServicePage
from plm_project.core import clock
from plm_project.web.forms import DateInput
from plm_project.web.views import PageMixin

SHOWN = 50


class DelegationForm(ChangePagesForm):
    """Whom, and from when until when."""

    deputy_id = forms.TypedChoiceField(label=_lazy("Deputy"), coerce=uuid.UUID)
    first_day = forms.DateField(label=_lazy("First day"), widget=DateInput)
    last_day = forms.DateField(label=_lazy("Last day"), widget=DateInput)
    note = forms.CharField(label=_lazy("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, own: uuid.UUID | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [member.user for key, member in members_who_approve().items() if key != own]
        named = sorted(((str(user.pk), user.get_full_name()) for user in people), key=lambda pair: pair[1].lower())
        self.fields["deputy_id"].choices = [("", _("Choose somebody")), *named]  # type: ignore[attr-defined] # a ChoiceField


class DelegationsView(ServicePage):
    """One's own deputies with the form to name one, and for whom one decides."""

    permission = permissions.CHANGES_READ
    write_permission = permissions.CHANGES_APPROVE
    template_name = "changes/delegations.html"
    form_class = DelegationForm
    renamed_fields = {"deputy": "deputy_id", "person": "deputy_id"}  # as ServicePage declares it

    def get_form_kwargs(self) -> dict[str, Any]:
        """Leave oneself out."""
        return {**super().get_form_kwargs(), "own": self.actor.user_id}

    def get_initial(self) -> dict[str, Any]:
        """From today."""
        return {"first_day": clock.today()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add both lists, the latest first."""
        today = clock.today()
        own = list(delegation_list(person_id=self.actor.user_id)[:SHOWN])
        others = list(delegation_list(deputy_id=self.actor.user_id)[:SHOWN])
        return super().get_context_data(
            **{
                "own": [_shown(one, today) for one in own],
                "others": [_shown(one, today) for one in others],
                "may_name": self.actor.may(permissions.CHANGES_APPROVE),
                **kwargs,
            }
        )

    def perform(self, form: Any) -> Delegation:
        """Name the deputy."""
        return delegation_add(actor=self.actor, **form.cleaned_data)

    def get_success_url(self) -> str:
        """Say so and show the list."""
        messages.success(self.request, _("Your deputy is named."))
        return reverse("changes:delegations")


class DelegationEndView(PageMixin, View):
    """End one of one's own."""

    permission = permissions.CHANGES_READ
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """End it and show the list."""
        delegation_end(actor=self.actor, delegation_id=pk)
        messages.success(request, _("The delegation is ended."))
        return HttpResponseRedirect(reverse("changes:delegations"))

    def get_error_url(self) -> str:
        """Back to the list."""
        return reverse("changes:delegations")


def _shown(one: Delegation, today: Any) -> dict[str, Any]:
    state = "over" if one.last_day < today else ("running" if one.first_day <= today else "planned")
    words = {"over": _("over"), "running": _("today"), "planned": _("planned")}
    return {"row": one, "state": state, "label": words[state]}
