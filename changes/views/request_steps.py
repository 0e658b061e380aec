"""The page behind each step of a change request."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from changes import permissions, services
from changes.request_forms import RequestStepForm
from changes.selectors import change_by_number
from changes.views.base import ServicePage
from changes.views.request_table import STEPS, RequestStep, steps_possible
from changes.views.requests import KeepsTyped, RequestPage
from plm_project.core.exceptions import NotFound


class RequestStepView(KeepsTyped, RequestPage, ServicePage):
    """One step on a page of its own. A second click finds it done and says so."""

    permission = permissions.REQUESTS_READ  # which one a step takes, the state machine says
    template_name = "changes/request_step.html"
    form_class = RequestStepForm
    renamed_fields = {"reason": "comment", "order_id": "order"}

    @property
    def step(self) -> RequestStep:
        """The step in the address."""
        found = STEPS.get(self.kwargs["step"])
        if found is None:
            raise NotFound(_("There is no such step."))
        return found

    def get_form_kwargs(self) -> dict[str, Any]:
        """Ask as the step needs it."""
        step = self.step
        asks = {"label": step.comment_label, "needed": step.needs_comment, "asks_order": step.asks_order}
        return {**super().get_form_kwargs(), **asks}

    def get_initial(self) -> dict[str, Any]:
        """The version that the person sees."""
        return {"expected_version": self.asked.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the step, and whether it is possible now."""
        possible = self.step in steps_possible(self.asked, self.actor)
        return super().get_context_data(**{"step": self.step, "possible": possible, **kwargs})

    def form_valid(self, form: Any) -> HttpResponse:
        """Take the step once, however often it is sent; say at the field that there is no such change."""
        if self.asked.status == self.step.to:
            messages.info(self.request, self.step.done % {"number": self.asked.request_number})
            return HttpResponseRedirect(self.asked.get_absolute_url())
        number = form.cleaned_data.get("order", "").strip()
        self.order_id = None
        if number:
            try:
                self.order_id = change_by_number(number).pk
            except NotFound as unknown:
                form.add_error("order", str(unknown))
                return self.form_invalid(form)
        return super().form_valid(form)

    def call(self, form: Any) -> Any:
        """Take the step."""
        given = form.cleaned_data
        named = {"order_id": self.order_id} if self.step.asks_order else {}
        return self.step.service(
            actor=self.actor,
            request_id=self.asked.pk,
            reason=given["comment"],
            expected_version=given["expected_version"],
            **named,
        )

    def get_success_url(self) -> str:
        """Say what happened; go on with the new change, or show the request."""
        messages.success(self.request, self.step.done % {"number": self.asked.request_number})
        if not isinstance(self.result, services.Accepted):
            return self.asked.get_absolute_url()
        for number, why in self.result.left_out:
            words = _("%(number)s is not taken over: %(why)s") % {"number": number, "why": why}
            messages.warning(self.request, words)
        return reverse("changes:change-detail", args=[self.result.order.pk])
