"""What the events of changes make people hear of (SPEC §5)."""

from __future__ import annotations

import uuid
from typing import Any

from changes.events import CHANGE_APPROVED, CHANGE_IMPLEMENTED, CHANGE_REJECTED
from collaboration.choices import NoticeKind, NoticePriority
from collaboration.services.notices import Target, approvals_settle, notice_send
from plm_project.accounts.models import Membership, User
from plm_project.core.actor import Actor
from plm_project.outbox.models import OutboxEvent

DECISIONS = {CHANGE_APPROVED: "approved", CHANGE_REJECTED: "rejected"}


def ask_approvers(event: OutboxEvent) -> None:
    """change_submitted: every approver it names is asked, with the priority it states. A vote of an earlier round is
    asked for no more.
    """
    actor = _who_did_it(event)
    approvals_settle(actor=actor, change_id=event.entity_id)
    _tell(
        event,
        actor,
        NoticeKind.APPROVAL_NEEDED,
        [entry["user_id"] for entry in event.event_data["approvers"]],
        priority=event.event_data.get("notification_priority", NoticePriority.NORMAL),
    )


def ask_later(event: OutboxEvent) -> None:
    """approvals_asked: whoever is asked after the submission, because their step has come, they are late, or stand in for
    who is. What the others were asked stays as it is.
    """
    _tell(
        event,
        _who_did_it(event),
        NoticeKind.APPROVAL_NEEDED,
        [entry["user_id"] for entry in event.event_data["approvers"]],
        priority=event.event_data.get("notification_priority", NoticePriority.NORMAL),
        why=event.event_data["why"],
    )


def tell_decision(event: OutboxEvent) -> None:
    """change_approved, change_rejected: the author hears of it, and nobody's vote is asked for any more."""
    actor = _who_did_it(event)
    approvals_settle(actor=actor, change_id=event.entity_id)
    decision = DECISIONS[event.event_type]
    facts = {"decision": decision, "comment": event.event_data.get("comment", "")}
    _tell(event, actor, NoticeKind.CHANGE_DECIDED, [event.event_data["author_id"]], **facts)


def tell_implemented(event: OutboxEvent) -> None:
    """change_implemented: the author hears of it."""
    assert event.event_type == CHANGE_IMPLEMENTED
    actor = _who_did_it(event)
    _tell(event, actor, NoticeKind.CHANGE_IMPLEMENTED, [event.event_data["author_id"]])


def tell_owners(event: OutboxEvent) -> None:
    """change_implemented, disposition_assigned: who has to deal with existing parts now hears of it, once for all of theirs."""
    data = event.event_data
    rows = data["dispositions"] if event.event_type == CHANGE_IMPLEMENTED else [data]
    owned: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["owner_id"]:
            owned.setdefault(row["owner_id"], []).append(row)
    actor = _who_did_it(event)
    for owner, own in owned.items():
        days = sorted(row["due_on"] for row in own if row["due_on"])
        _tell(
            event,
            actor,
            NoticeKind.DISPOSITION_WAITING,
            [owner],
            count=len(own),
            product_number=own[0]["product_number"],
            due_on=days[0] if days else "",
        )


def tell_requested(event: OutboxEvent) -> None:
    """change_requested: whoever may answer hears of it, with high priority where it is urgent."""
    members = Membership.objects.filter(user__is_active=True).values_list("user_id", flat=True)
    _tell_of_request(event, NoticeKind.CHANGE_REQUESTED, list(members))


def tell_request_answered(event: OutboxEvent) -> None:
    """change_request_answered: who asked hears of it, unless it was their own doing."""
    person = event.event_data["requester_id"]
    _tell_of_request(event, NoticeKind.CHANGE_REQUEST_ANSWERED, [uuid.UUID(person)] if person else [])


def _tell_of_request(event: OutboxEvent, kind: NoticeKind, people: list[uuid.UUID]) -> None:
    data, actor = event.event_data, _who_did_it(event)
    is_urgent = kind == NoticeKind.CHANGE_REQUESTED and data["urgency"] == "urgent"
    about = {name: data[name] for name in ("request_number", "title", "status", "order_number", "comment")}
    notice_send(
        actor=actor,
        kind=kind,
        recipients=people,
        source=event.pk,
        subject_id=event.entity_id,
        facts={**about, "by": actor.label},
        target=Target("changes:request-detail", (str(event.entity_id),)),
        priority=NoticePriority.HIGH if is_urgent else NoticePriority.NORMAL,
        happened_at=event.timestamp,
    )


def tell_webhook_disabled(event: OutboxEvent) -> None:
    """webhook_disabled: whoever may mend it hears of it. Its name is a sibling's (SPEC §6 knows no such event)."""
    notice_send(
        actor=_who_did_it(event),
        kind=NoticeKind.WEBHOOK_DISABLED,
        recipients=list(Membership.objects.filter(user__is_active=True).values_list("user_id", flat=True)),
        source=event.pk,
        subject_id=event.entity_id,
        facts={"name": event.event_data["title"], "reason": event.event_data["reason"]},
        target=Target("integrations:webhook", (str(event.entity_id),)),
        happened_at=event.timestamp,
    )


def _tell(
    event: OutboxEvent,
    actor: Actor,
    kind: NoticeKind,
    people: list[str | None],
    *,
    priority: str = NoticePriority.NORMAL,
    **facts: Any,
) -> None:
    about = {name: event.event_data[name] for name in ("change_number", "change_title")}
    notice_send(
        actor=actor,
        kind=kind,
        recipients=[uuid.UUID(person) for person in people if person],  # what the system wrote has no author
        source=event.pk,
        subject_id=event.entity_id,
        facts={**about, "by": actor.label, **facts},
        target=Target("changes:change-detail", (str(event.entity_id),)),
        priority=priority,
        happened_at=event.timestamp,
    )


def _who_did_it(event: OutboxEvent) -> Actor:
    """Return the system at work for the person of the event: they are named, and not told of their own deed."""
    person = User.objects.filter(pk=event.user_id).first() if event.user_id else None
    return Actor(
        kind="system",
        tenant_id=event.tenant_id,
        user_id=event.user_id,
        label=person.get_full_name() if person else "",
        request_id=event.request_id,
    )
