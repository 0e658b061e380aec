"""Webhooks: the list, one of them, its secret told once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from integrations import permissions
from integrations.forms import WebhookChangeForm, WebhookForm
from integrations.models import Webhook
from integrations.selectors import webhook_get, webhook_list
from integrations.services import (
    webhook_create,
    webhook_ping,
    webhook_remove,
    webhook_secret_change,
    webhook_update,
)
from plm_project.core import clock
from plm_project.web.views import PageFormView, PageMixin, PageView


class WebhookListView(PageView):
    """Everybody who is told of events."""

    permission = permissions.INTEGRATIONS_READ
    template_name = "integrations/webhooks.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add them."""
        may_manage = self.actor.may(permissions.INTEGRATIONS_MANAGE)
        return super().get_context_data(webhooks=list(webhook_list()), may_manage=may_manage, **kwargs)


class WebhookCreateView(PageFormView):
    """Enter one; the answer shows its secret."""

    permission = write_permission = permissions.INTEGRATIONS_MANAGE
    template_name = "integrations/webhook_new.html"
    form_class = WebhookForm

    def perform(self, form: Any) -> Any:
        """Create it."""
        return webhook_create(actor=self.actor, **form.cleaned_data)

    def form_valid(self, form: Any) -> HttpResponse:
        """Show the secret instead of going on: it is told once."""
        self.result: Any = None
        answer = super().form_valid(form)
        return answer if self.result is None else secret_page(self.request, *self.result)

    def get_success_url(self) -> str:
        """Where the page leads whose place the secret takes."""
        return reverse("integrations:webhooks")


class _OneWebhook:
    kwargs: dict[str, Any]

    @cached_property
    def webhook(self) -> Webhook:
        """The webhook; another tenant's is not found."""
        return webhook_get(self.kwargs["pk"])

    def back(self) -> str:
        """Return the address of its page."""
        return reverse("integrations:webhook", args=[self.kwargs["pk"]])


class WebhookView(_OneWebhook, PageFormView):
    """One webhook: what it is told, how it fares."""

    permission = permissions.INTEGRATIONS_READ
    write_permission = permissions.INTEGRATIONS_MANAGE
    template_name = "integrations/webhook.html"
    form_class = WebhookChangeForm
    success_message = gettext_lazy("Saved.")

    def get_initial(self) -> dict[str, Any]:
        """Return what is stored; the secret never."""
        webhook = self.webhook
        return {
            "name": webhook.name,
            "url": webhook.target.base_url,
            "event_types": webhook.event_types,
            "allow_private": webhook.target.allow_private,
            "is_enabled": webhook.target.is_enabled,
            "expected_version": webhook.version,
        }

    def perform(self, form: Any) -> Any:
        """Save."""
        return webhook_update(actor=self.actor, webhook_id=self.kwargs["pk"], **form.cleaned_data)

    def get_success_url(self) -> str:
        """Stay: the next thing is to try it."""
        return self.back()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add it."""
        found = self.webhook
        return super().get_context_data(
            webhook=found,
            both_sign=found.before_until is not None and found.before_until > clock.now(),
            may_manage=self.actor.may(permissions.INTEGRATIONS_MANAGE),
            **kwargs,
        )


class WebhookPingView(_OneWebhook, PageMixin, View):
    """Send a ping."""

    permission = permissions.INTEGRATIONS_MANAGE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Send it, and say how it went."""
        was_taken, words = webhook_ping(actor=self.actor, webhook_id=pk)
        (messages.success if was_taken else messages.error)(request, words)
        return redirect(self.back())

    def get_error_url(self) -> str:
        """Back to the webhook."""
        return self.back()


class WebhookSecretView(_OneWebhook, PageMixin, View):
    """Give it a new secret."""

    permission = permissions.INTEGRATIONS_MANAGE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Change it and show it, this once."""
        return secret_page(request, *webhook_secret_change(actor=self.actor, webhook_id=pk))

    def get_error_url(self) -> str:
        """Back to the webhook."""
        return self.back()


class WebhookRemoveView(_OneWebhook, PageMixin, View):
    """Take it away."""

    permission = permissions.INTEGRATIONS_MANAGE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Do it."""
        webhook_remove(actor=self.actor, webhook_id=pk)
        messages.success(request, _("The webhook and its secret are gone."))
        return redirect(reverse("integrations:webhooks"))

    def get_error_url(self) -> str:
        """Back to the webhook."""
        return self.back()


def secret_page(request: HttpRequest, webhook: Webhook, secret: str) -> HttpResponse:
    """Show a secret. No browser and no cache on the way keeps the page."""
    context = {"webhook": webhook, "secret": secret}
    return TemplateResponse(
        request, "integrations/webhook_secret.html", context, headers={"Cache-Control": "no-store"}
    )
