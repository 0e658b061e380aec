"""Webhooks, to look at; their pages change them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from integrations.models import Webhook
from integrations.permissions import INTEGRATIONS_READ
from plm_project.tenancy.admin import PlmAdmin, badge, moment, on_page


@admin.register(Webhook)
class WebhookAdmin(PlmAdmin):
    """Who is told of events. The secret is never shown."""

    needs: ClassVar = {"view": INTEGRATIONS_READ}
    list_display = ("name", "address", "events", "state", "failing")
    list_select_related = ("target",)
    search_fields = ("name", "target__base_url")
    search_help_text = _("Name or address")
    fields = ("name", "address", "events", "state", "failing", "failed_in_row", "off_reason", "audit_created")
    readonly_fields = fields

    def page_links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """Its page, where it is changed and tried."""
        return [(str(_("The webhook's page")), on_page("integrations:webhook", obj.pk))]

    @admin.display(description=_("address"), ordering="target__base_url")
    def address(self, obj: Webhook) -> str:
        """Where it is."""
        return obj.target.base_url

    @admin.display(description=_("events"))
    def events(self, obj: Webhook) -> str:
        """What it is told of."""
        return ", ".join(obj.event_types) or _now("all")

    @admin.display(description=_("state"), ordering="target__is_enabled")
    def state(self, obj: Webhook) -> str:
        """Whether it is in use."""
        if not obj.target.is_enabled:
            return badge("off", _now("switched off"))
        return badge("trouble", _now("does not answer")) if obj.failing_since else badge("good", _now("in use"))

    @admin.display(description=_("failing since"), ordering="failing_since")
    def failing(self, obj: Webhook) -> str:
        """Since when it fails."""
        return moment(obj.failing_since)
