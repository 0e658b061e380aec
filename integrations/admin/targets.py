"""How neighbours are configured, to look at; their pages change it and try it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from integrations.models import Target
from integrations.neighbours import WEBHOOK
from integrations.permissions import INTEGRATIONS_READ
from plm_project.tenancy.admin import PlmAdmin, badge, moment, on_page


@admin.register(Target)
class TargetAdmin(PlmAdmin):
    """The neighbours that this tenant has configured. The token is never shown."""

    needs: ClassVar = {"view": INTEGRATIONS_READ}
    list_display = ("name", "base_url", "state", "token", "allow_private")
    ordering = ("neighbour_key",)
    search_fields = ("neighbour_key", "base_url")
    fields = ("name", "base_url", "state", "token", "allow_private", "audit_created", "audit_changed")
    readonly_fields = fields
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the neighbours; webhooks have a list of their own."""
        return super().get_queryset(request).exclude(neighbour_key=WEBHOOK.key)

    def page_links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """Its page, where it is changed and tried."""
        return [(str(_("Settings of this neighbour")), on_page("integrations:target", obj.neighbour_key))]

    @admin.display(description=_("neighbour"), ordering="neighbour_key")
    def name(self, obj: Target) -> str:
        """Who it is."""
        return str(obj)

    @admin.display(description=_("state"), ordering="is_enabled")
    def state(self, obj: Target) -> str:
        """On or off."""
        return badge("active", _now("switched on")) if obj.is_enabled else badge("inactive", _now("switched off"))

    @admin.display(description=_("token"))
    def token(self, obj: Target) -> str:
        """Since when one is set."""
        return moment(obj.token_set_at) if obj.has_token else "–"
