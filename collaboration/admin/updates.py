"""The log of sessions, to look at: nobody edits what was said."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from collaboration import permissions
from collaboration.models import SessionUpdate
from collaboration.selectors.access import sessions_open_to
from plm_project.tenancy.admin import PlmAdmin

SHOWN = 120  # characters


@admin.register(SessionUpdate)
class SessionUpdateAdmin(PlmAdmin):
    """Stored updates of the sessions that are open to the person."""

    needs: ClassVar = {"view": permissions.COLLABORATION_READ}
    linked: ClassVar = frozenset({"session__id__exact"})
    list_display = ("session", "sequence", "kind_name", "user", "content", "timestamp")
    list_display_links = ("sequence",)
    list_filter = ("kind",)
    list_select_related = ("session", "user")
    ordering = ("-timestamp", "-sequence")
    search_fields = ("session__title",)
    search_help_text = _("Title of the session")
    fields = ("session", "sequence", "kind_name", "user", "whole_content", "request", "timestamp")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        """Those of the sessions that are open to the person."""
        rows = super().get_queryset(request).select_related("session", "user")
        return rows.filter(session__in=sessions_open_to(request.actor).order_by().values("pk"))  # type: ignore[attr-defined]

    @admin.display(description=_("kind"), ordering="kind")
    def kind_name(self, obj: SessionUpdate) -> str:
        """The kind; an extension has none."""
        return obj.get_kind_display() if obj.kind else str(_("Extension"))

    @admin.display(description=_("content"))
    def content(self, obj: SessionUpdate) -> str:
        """The beginning of what was sent."""
        text = obj.payload.get("text") if obj.kind == "chat" else json.dumps(obj.payload, ensure_ascii=False)
        return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"

    @admin.display(description=_("content"))
    def whole_content(self, obj: SessionUpdate) -> str:
        """All of it."""
        return json.dumps(obj.payload, ensure_ascii=False, indent=2)
