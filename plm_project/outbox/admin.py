"""Events and their deliveries, to look at; a delivery that did not arrive can be tried again."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from plm_project.accounts.permissions import EVENTS_READ, EVENTS_REPLAY
from plm_project.outbox.models import Delivery, OutboxEvent
from plm_project.outbox.registry import event_types
from plm_project.outbox.relay import MAX_ATTEMPTS
from plm_project.outbox.replay import deliveries_retry
from plm_project.tenancy.admin import PlmAdmin, ReadOnlyInline, badge, moment

MOST_AT_ONCE = 200


class EventTypeFilter(admin.SimpleListFilter):
    """By type; the types are known, so the table is not asked which it holds."""

    title = _("event type")
    parameter_name = "event_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The declared types."""
        return [(name, name) for name in sorted(event_types())]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep one type."""
        return queryset.filter(event_type=self.value()) if self.value() else queryset


class SettledFilter(admin.SimpleListFilter):
    """Whether everybody has it."""

    title = _("state")
    parameter_name = "settled"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Two."""
        return [("yes", _("settled")), ("no", _("waiting"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep one of the two."""
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(settled_at__isnull=self.value() == "no")


class DeliveryStateFilter(admin.SimpleListFilter):
    """How a delivery fares."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Three."""
        return [("delivered", _("delivered")), ("waiting", _("waiting")), ("given_up", _("given up"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep one of the three."""
        if self.value() == "delivered":
            return queryset.filter(delivered_at__isnull=False)
        if self.value() == "waiting":
            return queryset.filter(delivered_at__isnull=True, attempts__lt=MAX_ATTEMPTS)
        if self.value() == "given_up":
            return queryset.filter(delivered_at__isnull=True, attempts__gte=MAX_ATTEMPTS)
        return queryset


class DeliveryInline(ReadOnlyInline):
    """Who has received an event."""

    model = Delivery
    needs: ClassVar = {"view": EVENTS_READ}
    fields = ("subscriber", "state", "attempts", "delivered", "next_attempt", "last_error")
    readonly_fields = fields
    show_change_link = True

    @admin.display(description=_("state"))
    def state(self, obj: Delivery) -> str:
        """How it fares."""
        return delivery_badge(obj)

    @admin.display(description=_("delivered"))
    def delivered(self, obj: Delivery) -> str:
        """When."""
        return moment(obj.delivered_at)

    @admin.display(description=_("next attempt"))
    def next_attempt(self, obj: Delivery) -> str:
        """When it is tried again."""
        return moment(obj.next_attempt_at)


def delivery_badge(delivery: Delivery) -> str:
    """Return how a delivery fares."""
    if delivery.delivered_at is not None:
        return badge("delivered", _now("delivered"))
    if delivery.attempts >= MAX_ATTEMPTS:
        return badge("given_up", _now("given up"))
    return badge("waiting", _now("waiting"))


@admin.register(OutboxEvent)
class OutboxEventAdmin(PlmAdmin):
    """What happened, oldest events included: the outbox is also the record of what was told to others."""

    needs: ClassVar = {"view": EVENTS_READ}
    inlines = (DeliveryInline,)
    list_display = ("when", "event_type", "entity_type", "entity_id", "position", "state")
    list_filter = (EventTypeFilter, SettledFilter)
    date_hierarchy = "timestamp"
    ordering = ("-id",)
    search_fields = ("=entity_id", "=request_id")
    search_help_text = _("Id of the record, or of the request")
    fields = (
        "event_type",
        "when",
        "entity_type",
        "entity_id",
        "position",
        "user_id",
        "request_id",
        "state",
        "payload",
    )
    readonly_fields = fields
    actions = None

    @admin.display(description=_("when"), ordering="timestamp")
    def when(self, obj: OutboxEvent) -> str:
        """When it happened."""
        return moment(obj.timestamp)

    @admin.display(description=_("state"), ordering="settled_at")
    def state(self, obj: OutboxEvent) -> str:
        """Whether everybody has it."""
        return badge("settled", _now("settled")) if obj.settled_at else badge("waiting", _now("waiting"))

    @admin.display(description=_("data"))
    def payload(self, obj: OutboxEvent) -> str:
        """The data, readable."""
        text = json.dumps(obj.event_data, indent=2, ensure_ascii=False, sort_keys=True)
        return format_html('<pre class="plm-payload">{}</pre>', text)


@admin.register(Delivery)
class DeliveryAdmin(PlmAdmin):
    """One event for one subscriber."""

    needs: ClassVar = {"view": EVENTS_READ, "replay": EVENTS_REPLAY}
    list_display = (
        "subscriber",
        "event_type",
        "happened",
        "state",
        "attempts",
        "delivered",
        "next_attempt",
        "last_error",
    )
    list_display_links = ("subscriber", "event_type")
    list_filter = (DeliveryStateFilter,)
    list_select_related = ("event",)
    ordering = ("-event_id", "subscriber")
    search_fields = ("subscriber", "=event__entity_id")
    fields = ("subscriber", "event_link", "state", "attempts", "delivered", "next_attempt", "last_error")
    readonly_fields = fields
    actions = ("deliver_again",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the events."""
        return super().get_queryset(request).select_related("event")

    def has_replay_permission(self, request: HttpRequest) -> bool:
        """Whether the caller may have deliveries tried again."""
        return self.may(request, "replay")

    @admin.action(description=_("Deliver again"), permissions=["replay"])
    def deliver_again(self, request: HttpRequest, queryset: Any) -> None:
        """Have those that did not arrive tried again, after this request's commit."""
        rows = list(queryset[:MOST_AT_ONCE])
        count = deliveries_retry(actor=request.actor, deliveries=rows)  # type: ignore[attr-defined]
        text = ngettext("%s delivery is tried again.", "%s deliveries are tried again.", count) % count
        self.message_user(request, text, messages.SUCCESS if count else messages.WARNING)

    @admin.display(description=_("event"))
    def event_link(self, obj: Delivery) -> str:
        """The event, leading to its page."""
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:outbox_outboxevent_change", args=[obj.event_id]), obj.event
        )

    @admin.display(description=_("event type"), ordering="event__event_type")
    def event_type(self, obj: Delivery) -> str:
        """What happened."""
        return obj.event.event_type

    @admin.display(description=_("happened"))
    def happened(self, obj: Delivery) -> str:
        """When it happened."""
        return moment(obj.event.timestamp)

    @admin.display(description=_("state"))
    def state(self, obj: Delivery) -> str:
        """How it fares."""
        return delivery_badge(obj)

    @admin.display(description=_("delivered"), ordering="delivered_at")
    def delivered(self, obj: Delivery) -> str:
        """When it arrived."""
        return moment(obj.delivered_at)

    @admin.display(description=_("next attempt"), ordering="next_attempt_at")
    def next_attempt(self, obj: Delivery) -> str:
        """When it is tried again."""
        return moment(obj.next_attempt_at)
