"""Jobs, to look at."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from plm_project.jobs.models import Job
from plm_project.jobs.permissions import JOBS_MANAGE
from plm_project.jobs.progress import with_progress
from plm_project.jobs.selectors import kind_label
from plm_project.tenancy.admin import PlmAdmin, badge, moment, on_page


@admin.register(Job)
class JobAdmin(PlmAdmin):
    """Everybody's. Jobs are started where their work is, and cancelled on their page."""

    needs: ClassVar = {"view": JOBS_MANAGE}
    list_display = ("title", "kind_name", "state_badge", "how_far", "created_by", "started", "finished")
    list_filter = ("state",)
    list_select_related = ("created_by",)
    ordering = ("-id",)
    search_fields = ("title", "=id")
    search_help_text = _("Title, or the job's number")
    fields = (
        "title", "kind_name", "state_badge", "step", "how_far", "error", "started", "heartbeat", "finished",
        "given", "outcome", "audit_created",
    )  # fmt: skip
    readonly_fields = fields
    actions = None

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return it with its freshest progress."""
        found = super().get_object(request, object_id, from_field)
        return with_progress([found])[0] if found is not None else None

    def page_links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """Its page, with the bar."""
        return [(str(_("The job's page")), on_page("jobs:job-detail", obj.pk))]

    @admin.display(description=_("kind"), ordering="kind")
    def kind_name(self, obj: Job) -> str:
        """What it does."""
        return kind_label(obj)

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, obj: Job) -> str:
        """How it fares."""
        return badge(obj.state, obj.get_state_display())

    @admin.display(description=_("how far"))
    def how_far(self, obj: Job) -> str:
        """Done of total."""
        return f"{obj.done} / {obj.total}" if obj.total else "–"

    @admin.display(description=_("started"), ordering="started_at")
    def started(self, obj: Job) -> str:
        """When somebody took it."""
        return moment(obj.started_at)

    @admin.display(description=_("last sign of life"))
    def heartbeat(self, obj: Job) -> str:
        """When its worker was last known to live."""
        return moment(obj.heartbeat_at)

    @admin.display(description=_("finished"), ordering="finished_at")
    def finished(self, obj: Job) -> str:
        """When it ended."""
        return moment(obj.finished_at)

    @admin.display(description=_("input"))
    def given(self, obj: Job) -> str:
        """What it works on, readable."""
        return _readable(obj.input)

    @admin.display(description=_("result"))
    def outcome(self, obj: Job) -> str:
        """What came out, readable."""
        return _readable(obj.result)


def _readable(document: Any) -> str:
    text = json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True)
    return format_html('<pre class="plm-payload">{}</pre>', text if len(text) < 20_000 else f"{text[:20_000]} …")
