"""plm_notification: what people want to hear in their own channels, as title, text and link."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.contracts.base import Contract, Subject
from integrations.contracts.schemas import ACCEPTED, ID, TEXT, listing, message
from products.events import LIFECYCLE_PHASE_CHANGED

Data = Mapping[str, Any]


@dataclass(frozen=True)
class NewsFacts:
    """One piece of news: the event, for whom, and where to read more."""

    event_id: str
    event_type: str
    data: Data
    link: str


def _change(data: Data) -> str:
    return f"{data.get('change_number', '')} {data.get('change_title', '')}".strip()


def _request(data: Data) -> str:
    return f"{data.get('request_number', '')} {data.get('title', '')}".strip()


def _product(data: Data) -> str:
    return f"{data.get('product_number', '')} {data.get('product_name', '')}".strip()


# What is said of each event: its title, and the page to read on.
NEWS: dict[str, tuple[Callable[[Data], str], str]] = {
    "change_submitted": (
        lambda data: _("%(what)s waits for approval") % {"what": _change(data)},
        "changes:change-detail",
    ),
    "approvals_asked": (
        lambda data: _("%(what)s waits for approval") % {"what": _change(data)},
        "changes:change-detail",
    ),
    "change_approved": (lambda data: _("%(what)s is approved") % {"what": _change(data)}, "changes:change-detail"),
    "change_rejected": (lambda data: _("%(what)s is rejected") % {"what": _change(data)}, "changes:change-detail"),
    "change_implemented": (lambda data: _("%(what)s is released") % {"what": _change(data)}, "changes:change-detail"),
    "change_requested": (
        lambda data: _("A change is asked for: %(what)s") % {"what": _request(data)},
        "changes:request-detail",
    ),
    "change_request_answered": (
        lambda data: _("%(what)s is %(status)s") % {"what": _request(data), "status": data.get("status", "")},
        "changes:request-detail",
    ),
    "compliance_status_changed": (
        lambda data: (
            _("%(what)s: %(to)s under %(regulation)s")
            % {"what": _product(data), "to": data.get("to", ""), "regulation": data.get("regulation", "")}
        ),
        "products:product-detail",
    ),
    LIFECYCLE_PHASE_CHANGED: (
        lambda data: _("%(what)s moves to %(to)s") % {"what": _product(data), "to": data.get("to", "")},
        "products:product-detail",
    ),
    "collaboration_started": (
        lambda data: _("Session started: %(what)s") % {"what": data.get("title", "")},
        "collaboration:session-detail",
    ),
}


def gather(subject: Subject) -> NewsFacts:
    """Take it from the event; nothing is read."""
    _said, page = NEWS[subject.event_type]
    link = f"{settings.SITE_URL}{reverse(page, args=[subject.entity_id])}"
    return NewsFacts(str(subject.event_id), subject.event_type, subject.data, link)


def to_payload(facts: NewsFacts) -> dict[str, Any]:
    """Say it in words, and name whom it is for by their ids; nobody named means: whoever follows the topic."""
    data = facts.data
    said, _page = NEWS[facts.event_type]
    named = [entry["user_id"] for entry in data.get("approvers", data.get("participants", []))]
    if facts.event_type == "change_request_answered":
        named = [data.get("requester_id")]
    elif not named and data.get("author_id"):
        named = [data["author_id"]]
    return {
        "notification_id": facts.event_id,
        "topic": f"plm.{facts.event_type}",
        "title": said(data)[:200],
        "body": str(data.get("comment") or data.get("reason") or ""),
        "link": facts.link,
        "recipients": sorted({str(user_id) for user_id in named if user_id}),
        "priority": "high" if data.get("urgency") == "urgent" else "normal",
    }


CONTRACT = Contract(
    key="plm_notification",
    version=1,
    neighbour="notification_engine",
    title=gettext_lazy("Notification"),
    path="/api/v1/notifications",
    triggers=tuple(NEWS),
    tells_events=True,
    schema=message(
        notification_id=ID,
        topic=TEXT,
        title={"type": "string", "minLength": 1, "maxLength": 200},
        body=TEXT,
        link={"type": "string", "format": "uri"},
        recipients=listing(ID),
        priority={"enum": ["normal", "high"]},
    ),
    answer_schema=ACCEPTED,
    gather=gather,
    map=to_payload,
    mapping=(("event_id", "notification_id"), ("event_type", "topic"), ("comment", "body"), ("urgency", "priority")),
)
