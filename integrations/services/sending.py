"""Sending: take one delivery, call, note what came of it. No transaction is open while the other side thinks.

Each step is committed before the next, so a process that dies at any point leaves a delivery that another takes up when
the lease is over; the Idempotency-Key tells the other side that the repeated call is the same one.
"""

from __future__ import annotations

import datetime as dt
import random
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from integrations.choices import OPEN_STATES, DeliveryState, Outcome
from integrations.clients.call import SECONDS as LONGEST_CALL
from integrations.clients.call import CallAnswer, call
from integrations.contracts.base import Fault
from integrations.contracts.judging import answer_fault, payload_faults
from integrations.exceptions import BreakerOpen, CallFailed
from integrations.metrics import ATTEMPTS, SECONDS
from integrations.models import Attempt, Delivery
from integrations.services.webhook_health import signer, webhook_failed, webhook_heard
from plm_project.core import clock
from plm_project.core.actor import Actor, acting_as
from plm_project.tenancy.scope import tenant_scope
from plm_project.tenancy.states import step

log = structlog.get_logger(__name__)

RETRIES = 3  # after the first try (SPEC §7)
FIRST_WAIT = dt.timedelta(seconds=5)
GROWTH = 3  # 5 s, 15 s, 45 s
JITTER = 0.25  # up to a quarter more, so that many do not come back at once
LEASE = dt.timedelta(seconds=LONGEST_CALL * 2)
BATCH = 200  # candidates looked for at once
LABEL = "integrations"


def deliveries_send(
    tenant_id: uuid.UUID,
    target_id: uuid.UUID,
    *,
    seconds: float | None = None,
    at: Callable[[str], None] | None = None,
) -> int:
    """Send everything that is due for one target, in order per entity; return how many calls were made.

    After ``seconds`` no further call begins: the schedule goes on with what is left. ``at`` is told every step as it
    is reached ("taken", "called", "settled"); the crash tests use it.
    """
    actor = Actor.system(tenant_id, LABEL)
    reached = at or (lambda name: None)
    calls, start = 0, time.monotonic()
    with acting_as(actor):
        for delivery in _taken(actor, target_id):
            reached("taken")
            if delivery.state == DeliveryState.REVIEW:
                continue  # it was not fit to send
            started = clock.now()
            try:
                answer = _call(delivery)
            except BreakerOpen as waiting:
                _postpone(actor, target_id, delivery, waiting.seconds)
                break
            except CallFailed as failure:
                reached("called")
                _failed(actor, delivery, started, failure)
            else:
                reached("called")
                _succeeded(actor, delivery, started, answer)
            calls += 1
            reached("settled")
            if seconds is not None and time.monotonic() - start >= seconds:
                break
    return calls


def due_targets(tenant_id: uuid.UUID) -> list[tuple[uuid.UUID, str]]:
    """Return the tenant's targets (id, neighbour) for which something is due now."""
    with tenant_scope(tenant_id):
        rows = _due(clock.now()).order_by().values_list("target_id", "target__neighbour_key").distinct()
        return sorted(set(rows))


def _due(moment: dt.datetime) -> models.QuerySet[Delivery]:
    """Deliveries that may be sent now: switched on, their time has come, nothing earlier of the entity is open."""
    earlier = Delivery.objects.filter(
        target_id=OuterRef("target_id"), entity_id=OuterRef("entity_id"), id__lt=OuterRef("id"), state__in=OPEN_STATES
    ).order_by()
    ready = Q(state=DeliveryState.WAITING, next_try_at__lte=moment)
    left = Q(state=DeliveryState.SENDING, lease_until__lt=moment)
    found: models.QuerySet[Delivery] = Delivery.objects.filter(
        ready | left, ~Exists(earlier), target__is_enabled=True, target__is_deleted=False
    )
    return found


def _taken(actor: Actor, target_id: uuid.UUID) -> Iterator[Delivery]:
    """Take one after another until nothing is due. Candidates are looked for a batch at a time: looking costs as much
    as the backlog is long, taking one does not.
    """
    took = True
    while took:
        took = False
        with tenant_scope(actor.tenant_id):
            due = _due(clock.now()).filter(target_id=target_id).order_by("id")
            candidates = list(due.values_list("pk", flat=True)[:BATCH])
        for pk in candidates:
            if (delivery := _take(actor, pk)) is not None:
                took = True
                yield delivery


def _take(actor: Actor, pk: uuid.UUID) -> Delivery | None:
    """Take it if it is still due and nobody else is at it: marked as being sent, its payload made if this is the first
    try. Committed at once.
    """
    with tenant_scope(actor.tenant_id, atomic=True):
        moment = clock.now()
        skip = connection.features.has_select_for_update_skip_locked
        rows = _due(moment).filter(pk=pk).select_for_update(of=("self",), skip_locked=skip)
        delivery: Delivery | None = rows.select_related("target", "target__webhook").first()
        if delivery is None:
            return None
        step(delivery, "state", DeliveryState.SENDING, actor)
        delivery.lease_until = moment + LEASE
        delivery.attempt_count += 1
        if delivery.payload is None:
            _prepare(actor, delivery)
        delivery.save_between_as(actor)
        return delivery


def _prepare(actor: Actor, delivery: Delivery) -> None:
    """Make the payload. What is not fit to send goes to a person at once, with the faults and without a call."""
    entry = delivery.contract
    try:
        with transaction.atomic():
            facts = entry.gather(delivery.subject)
            payload = entry.map(facts)
            faults = entry.validate(facts) or payload_faults(entry, payload)
            if not faults:
                delivery.before = entry.begin(actor, delivery.entity_id) if entry.begin is not None else None
                delivery.payload = payload
                return
    except Exception as fault:  # one that cannot be made must not hold up the others for ever
        log.exception("payload_not_made", delivery_id=str(delivery.pk), contract=delivery.contract_key)
        faults = [Fault("fault", "", type(fault).__name__)]
    text = "\n".join(f"{fault.code}: {fault.where}: {fault.message}" for fault in faults)
    _note(delivery, clock.now(), Outcome.INVALID, text)
    _to_review(actor, delivery, _("Not fit to send: %(what)s") % {"what": text.splitlines()[0]})


def _call(delivery: Delivery) -> CallAnswer:
    entry = delivery.contract
    answer = call(
        delivery.target.endpoint(private_allowed=settings.INTEGRATIONS_ALLOW_PRIVATE),
        method=entry.method,
        path=entry.path,
        payload=delivery.payload,
        success=entry.success,
        idempotency_key=delivery.idempotency_key,
        headers={"X-Contract": f"{entry.key}/{delivery.contract_version}", "X-Event-ID": str(delivery.event_id)},
        sign=signer(delivery.target.webhook) if delivery.target.is_webhook else None,
        reads_answer=entry.reads_answer,
    )
    if fault := answer_fault(entry, answer.body):
        raise CallFailed(
            Outcome.MALFORMED, f"{fault}\n{answer.text}", status=answer.status, milliseconds=answer.milliseconds
        )
    return answer


def _succeeded(actor: Actor, delivery: Delivery, started: dt.datetime, answer: CallAnswer) -> None:
    with tenant_scope(actor.tenant_id, atomic=True):
        row = _still_ours(delivery)
        if row is None:
            return
        _note(row, started, Outcome.SUCCESS, answer.text, status=answer.status, milliseconds=answer.milliseconds)
        row.answer = answer.body
        webhook_heard(actor, row.target_id)
        if _applied(actor, row, answer):
            step(row, "state", DeliveryState.DELIVERED, actor)
            row.delivered_at, row.lease_until, row.reason, row.failed_in_row = clock.now(), None, "", 0
        else:
            _to_review(actor, row, _("The other side has it, but its answer could not be taken in here."))
        row.save_between_as(actor)


def _applied(actor: Actor, row: Delivery, answer: CallAnswer) -> bool:
    """Take the answer in; nothing of it stays when that fails."""
    apply = row.contract.apply
    if apply is None:
        return True
    try:
        with transaction.atomic():
            apply(actor, row.entity_id, answer.body)
    except Exception:
        log.exception("answer_not_applied", delivery_id=str(row.pk), contract=row.contract_key)
        return False
    return True


def _failed(actor: Actor, delivery: Delivery, started: dt.datetime, failure: CallFailed) -> None:
    with tenant_scope(actor.tenant_id, atomic=True):
        row = _still_ours(delivery)
        if row is None:
            return
        _note(row, started, failure.outcome, failure.text, status=failure.status, milliseconds=failure.milliseconds)
        row.failed_in_row += 1
        webhook_failed(actor, row.target_id, failure.text)
        if failure.retryable and row.failed_in_row <= RETRIES:
            step(row, "state", DeliveryState.WAITING, actor)
            row.next_try_at, row.lease_until = clock.now() + wait_after(row.failed_in_row), None
        else:
            words = {"outcome": failure.outcome.label, "text": failure.text.splitlines()[0] if failure.text else ""}
            _to_review(actor, row, _("%(outcome)s: %(text)s") % words)
        row.save_between_as(actor)


def _to_review(actor: Actor, row: Delivery, reason: str) -> None:
    step(row, "state", DeliveryState.REVIEW, actor)
    row.reason, row.lease_until = reason[:1000], None
    undo = row.contract.undo
    if undo is not None and row.payload is not None:
        undo(actor, row.entity_id, row.before)
    log.warning("delivery_for_review", delivery_id=str(row.pk), contract=row.contract_key)


def _postpone(actor: Actor, target_id: uuid.UUID, delivery: Delivery, seconds: float) -> None:
    """The breaker is open: no call was made, so no try is used up. All that is due for the target waits as long."""
    until = clock.now() + dt.timedelta(seconds=seconds)
    with tenant_scope(actor.tenant_id, atomic=True):
        row = _still_ours(delivery)
        if row is not None:
            step(row, "state", DeliveryState.WAITING, actor)
            row.attempt_count -= 1
            row.next_try_at, row.lease_until = until, None
            row.save_between_as(actor)
        due = Delivery.objects.filter(target_id=target_id, state=DeliveryState.WAITING, next_try_at__lt=until)
        due.update(next_try_at=until)


def _still_ours(delivery: Delivery) -> Delivery | None:
    """Return the row, locked, unless another worker has taken it up since; then that one says how it ends."""
    row: Delivery | None = (
        Delivery.objects.select_for_update(of=("self",)).select_related("target").filter(pk=delivery.pk).first()
    )
    if row is None or row.state != DeliveryState.SENDING or row.attempt_count != delivery.attempt_count:
        return None
    return row


def _note(
    delivery: Delivery,
    started: dt.datetime,
    outcome: Outcome,
    text: str,
    *,
    status: int | None = None,
    milliseconds: int = 0,
) -> None:
    ATTEMPTS.labels(neighbour=delivery.target.neighbour_key, outcome=outcome).inc()
    if outcome != Outcome.INVALID:
        SECONDS.labels(neighbour=delivery.target.neighbour_key).observe(milliseconds / 1000)
    Attempt(
        delivery=delivery,
        number=delivery.attempt_count,
        started_at=started,
        milliseconds=milliseconds,
        status=status,
        outcome=outcome,
        text=text,
    ).save()


def wait_after(failures: int) -> dt.timedelta:
    """Return how long to wait after this many failures in a row: 5 s, then three times as long each, and a bit."""
    spread: Any = 1 + random.random() * JITTER  # noqa: S311 - spreads load, keeps no secret
    return FIRST_WAIT * GROWTH ** (failures - 1) * spread
