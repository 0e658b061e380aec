"""Deliveries with their attempts, to look at and to send again."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from integrations.choices import DeliveryState, Outcome
from integrations.models import Attempt, Delivery
from integrations.permissions import INTEGRATIONS_OPERATE, INTEGRATIONS_READ
from integrations.services import deliveries_replay
from integrations.services.operating import AGAIN
from plm_project.ops.logging import masked
from plm_project.tenancy.admin import PlmAdmin, ReadOnlyInline, badge, moment, on_page

MOST_AT_ONCE = 1_000


class AttemptInline(ReadOnlyInline):
    """Every call."""

    model = Attempt
    needs: ClassVar = {"view": INTEGRATIONS_READ}
    fields = ("number", "started", "outcome_badge", "status", "milliseconds", "text")
    readonly_fields = fields

    @admin.display(description=_("started"))
    def started(self, obj: Attempt) -> str:
        """When."""
        return moment(obj.started_at)

    @admin.display(description=_("outcome"))
    def outcome_badge(self, obj: Attempt) -> str:
        """What it came to."""
        return badge("success" if obj.outcome == Outcome.SUCCESS else "failed", obj.get_outcome_display())


@admin.register(Delivery)
class DeliveryAdmin(PlmAdmin):
    """What each neighbour was to be told."""

    needs: ClassVar = {"view": INTEGRATIONS_READ, "operate": INTEGRATIONS_OPERATE}
    inlines = (AttemptInline,)
    list_display = ("about", "target", "contract_key", "event_type", "state_badge", "attempt_count", "made", "reason")
    list_filter = ("state", "event_type")
    list_select_related = ("target__webhook",)
    date_hierarchy = "created_at"
    ordering = ("-id",)
    search_fields = ("entity_label", "reason", "=entity_id", "=event_id")
    search_help_text = _("What it is about, the reason, or an id")
    fields = (
        "about", "entity_id", "target", "contract_key", "contract_version", "event_type", "event_id", "state_badge",
        "reason", "attempt_count", "next_try", "delivered", "assignee", "sent", "answered", "audit_created",
    )  # fmt: skip
    readonly_fields = fields
    actions = ("send_again",)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Whether the caller may have deliveries sent again."""
        return self.may(request, "operate")

    def page_links(self, request: HttpRequest, obj: Any) -> list[tuple[str, str]]:
        """Its page, where it is discarded and taken on."""
        return [(str(_("The delivery's page")), on_page("integrations:delivery", obj.pk))]

    @admin.action(description=_("Send again"), permissions=["operate"])
    def send_again(self, request: HttpRequest, queryset: Any) -> None:
        """Have those sent again that are not on their way, after this request's commit."""
        ids = list(queryset.filter(state__in=AGAIN).values_list("pk", flat=True)[:MOST_AT_ONCE])
        count = deliveries_replay(actor=request.actor, ids=ids, states=AGAIN)  # type: ignore[attr-defined]
        said = ngettext("One delivery is sent again.", "%(count)d deliveries are sent again.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS if count else messages.WARNING)

    @admin.display(description=_("about"), ordering="entity_label")
    def about(self, obj: Delivery) -> str:
        """What it is about."""
        return obj.entity_label or str(obj.entity_id)

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, obj: Delivery) -> str:
        """How it fares."""
        return badge(obj.state, obj.get_state_display())

    @admin.display(description=_("made"), ordering="created_at")
    def made(self, obj: Delivery) -> str:
        """When it was made."""
        return moment(obj.created_at)

    @admin.display(description=_("next try"))
    def next_try(self, obj: Delivery) -> str:
        """When it is tried again."""
        return moment(obj.next_try_at) if obj.state == DeliveryState.WAITING else "–"

    @admin.display(description=_("delivered"))
    def delivered(self, obj: Delivery) -> str:
        """When it arrived."""
        return moment(obj.delivered_at)

    @admin.display(description=_("sent"))
    def sent(self, obj: Delivery) -> str:
        """What was sent, readable."""
        return _readable(obj.payload)

    @admin.display(description=_("answered"))
    def answered(self, obj: Delivery) -> str:
        """What came back, readable."""
        return _readable(obj.answer)


def _readable(document: Any) -> str:
    if document is None:
        return "–"
    text = json.dumps(masked(document), indent=2, ensure_ascii=False, sort_keys=True)
    return format_html('<pre class="plm-payload">{}</pre>', text if len(text) < 20_000 else f"{text[:20_000]} …")
