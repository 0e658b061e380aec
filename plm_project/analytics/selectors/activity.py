"""What happened lately in the tenant, from the outbox, in words."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from changes import events as change_events
from plm_project.accounts.models import User
from plm_project.outbox.models import OutboxEvent
from products import events as product_events
from products.choices import LifecyclePhase

READ = 300
SHOWN = 12
# Two events tell one thing: the first of each pair is left out when the same request published the second.
_TOLD_BY = {product_events.COST_UPDATED: product_events.PRODUCT_UPDATED}


@dataclass(frozen=True)
class Activity:
    """One thing that happened. ``subject`` is the product's or change's number, ``url`` its page ("" where none)."""

    when: dt.datetime
    who: str
    text: str
    subject: str
    url: str
    icon: str


def recent_activity(*, limit: int = SHOWN) -> list[Activity]:
    """Return the latest happenings, newest first. Many of one kind in one go (an import) are told as one."""
    read = list(OutboxEvent.objects.order_by("-timestamp", "-id")[:READ])
    events = _told(read)
    groups = [list(group) for _key, group in groupby(events, key=_same_go)][:limit]
    sizes = [len(group) for group in groups]
    if groups and len(read) == READ and groups[-1][-1] is events[-1]:
        sizes[-1] = max(sizes[-1], _size_of(groups[-1][0]))  # the reading may have ended in the middle of it
    people = _names({event.user_id for group in groups for event in group if event.user_id})
    return [_activity(group[0], size, people) for group, size in zip(groups, sizes, strict=True)]


def _told(events: list[OutboxEvent]) -> list[OutboxEvent]:
    published = {(event.event_type, event.entity_id, event.timestamp.replace(microsecond=0)) for event in events}

    def is_told(event: OutboxEvent) -> bool:
        by = _TOLD_BY.get(event.event_type)
        return by is not None and (by, event.entity_id, event.timestamp.replace(microsecond=0)) in published

    return [event for event in events if not is_told(event)]


def _same_go(event: OutboxEvent) -> tuple[Any, ...]:
    """What one person did in one request (or a command in one minute) with one kind of event belongs together."""
    go = event.request_id or event.timestamp.replace(second=0, microsecond=0).isoformat()
    return (event.event_type, event.user_id, go)


def _size_of(event: OutboxEvent) -> int:
    """Return how many events were published in the same go."""
    same = OutboxEvent.objects.filter(event_type=event.event_type, user_id=event.user_id, request_id=event.request_id)
    if not event.request_id:
        minute = event.timestamp.replace(second=0, microsecond=0)
        same = same.filter(timestamp__gte=minute, timestamp__lt=minute + dt.timedelta(minutes=1))
    return same.count()


def _names(user_ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    return {user.pk: str(user) for user in User.objects.filter(pk__in=user_ids)}


def _activity(event: OutboxEvent, size: int, people: Mapping[uuid.UUID, str]) -> Activity:
    who = people.get(event.user_id, "") if event.user_id else ""
    subject = _subject(event) if size == 1 else ""
    return Activity(
        when=event.timestamp,
        who=who or _("The system"),
        text=_words(event, size),
        subject=subject,
        url=_url(event) if subject and not event.event_data.get("deleted") else "",
        icon=_ICONS.get(event.event_type, "clock"),
    )


def _subject(event: OutboxEvent) -> str:
    data = event.event_data
    return str(data.get("product_number") or data.get("parent_product_number") or data.get("change_number") or "")


def _url(event: OutboxEvent) -> str:
    name = "changes:change-detail" if event.entity_type.startswith("changes.") else "products:product-detail"
    try:
        return reverse(name, args=[event.entity_id])
    except NoReverseMatch:
        return ""


def _words(event: OutboxEvent, size: int) -> str:
    words = _WORDS.get(event.event_type)
    if words is None:
        return event.event_type.replace("_", " ")
    return words(event.event_data, size)


def _created(data: Mapping[str, Any], count: int) -> str:
    return ngettext("created a product", "created %(count)d products", count) % {"count": count}


def _updated(data: Mapping[str, Any], count: int) -> str:
    if count > 1:
        return ngettext("changed a product", "changed %(count)d products", count) % {"count": count}
    if data.get("deleted"):
        return _("deleted a product")
    if data.get("released_revision_id"):
        return _("released revision %(label)s") % {"label": data.get("revision", "")}
    return _("changed a product")


def _phase(data: Mapping[str, Any], count: int) -> str:
    if count > 1:
        return _("moved %(count)d products through the lifecycle") % {"count": count}
    labels: dict[Any, Any] = dict(LifecyclePhase.choices)
    return _("moved from %(before)s to %(after)s") % {
        "before": labels.get(data.get("from"), data.get("from")),
        "after": labels.get(data.get("to"), data.get("to")),
    }


def _cost(data: Mapping[str, Any], count: int) -> str:
    return ngettext("changed a cost", "changed %(count)d costs", count) % {"count": count}


def _bom(data: Mapping[str, Any], count: int) -> str:
    if count > 1:
        return _("changed %(count)d bills of materials") % {"count": count}
    parts = [
        words % {"count": number}
        for name, words in (
            ("added", _("%(count)d added")),
            ("changed", _("%(count)d changed")),
            ("removed", _("%(count)d removed")),
        )
        if (number := len(data.get(name, ())))
    ]
    said = {"label": data.get("revision", ""), "lines": ", ".join(parts) or _("no lines")}
    return _("changed the BOM of revision %(label)s (lines: %(lines)s)") % said


def _change(one: Callable[[], str], many: Callable[[int], str]) -> Callable[[Mapping[str, Any], int], str]:
    return lambda data, count: one() if count == 1 else many(count) % {"count": count}


_WORDS: dict[str, Callable[[Mapping[str, Any], int], str]] = {
    product_events.PRODUCT_CREATED: _created,
    product_events.PRODUCT_UPDATED: _updated,
    product_events.LIFECYCLE_PHASE_CHANGED: _phase,
    product_events.COST_UPDATED: _cost,
    product_events.BOM_CHANGED: _bom,
    change_events.CHANGE_SUBMITTED: _change(
        lambda: _("submitted a change"),
        lambda n: ngettext("submitted a change", "submitted %(count)d changes", n),
    ),
    change_events.CHANGE_APPROVED: _change(
        lambda: _("approved a change"),
        lambda n: ngettext("approved a change", "approved %(count)d changes", n),
    ),
    change_events.CHANGE_REJECTED: _change(
        lambda: _("rejected a change"),
        lambda n: ngettext("rejected a change", "rejected %(count)d changes", n),
    ),
    change_events.CHANGE_IMPLEMENTED: _change(
        lambda: _("implemented a change"),
        lambda n: ngettext("implemented a change", "implemented %(count)d changes", n),
    ),
}
_ICONS = {
    product_events.PRODUCT_CREATED: "plus-circle",
    product_events.PRODUCT_UPDATED: "pencil",
    product_events.LIFECYCLE_PHASE_CHANGED: "arrow-right",
    product_events.COST_UPDATED: "coin",
    product_events.BOM_CHANGED: "diagram-3",
    change_events.CHANGE_SUBMITTED: "send",
    change_events.CHANGE_APPROVED: "check-circle",
    change_events.CHANGE_REJECTED: "x-circle",
    change_events.CHANGE_IMPLEMENTED: "patch-check",
}
