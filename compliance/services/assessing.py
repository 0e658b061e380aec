"""Moving a record through its states, and expiring what is past its date."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.choices import LAPSING, ComplianceStatus, status_label
from compliance.models import ComplianceRecord
from compliance.services.facts import statuses_publish
from compliance.services.locked import record_locked
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from plm_project.core.locks import Lock, take
from plm_project.tenancy.history import record_in_bulk
from plm_project.tenancy.states import step
from products.models import Product

MAX_REASON = 500
PORTION = 500


@transaction.atomic
def record_move(
    *,
    actor: Actor,
    record_id: uuid.UUID,
    to: str,
    reason: str = "",
    valid_until: dt.date | None = None,
    expected_version: int | None = None,
) -> ComplianceRecord:
    """Move a record to another state by the machine in ``lifecycle.py``; the actor becomes its assessor.

    ``valid_until`` is the last day on which compliant or waived holds (empty: without end). Raises NotFound,
    PreconditionFailed, ValidationFailed (unknown state, missing reason or evidence, a date that is over or does not
    belong to the state), PermissionDenied, Conflict when there is no way. Publishes compliance_status_changed.
    """
    actor.require(permissions.COMPLIANCE_READ)
    if len(reason) > MAX_REASON:
        raise ValidationFailed.field("reason", _("At most %(limit)d characters are kept.") % {"limit": MAX_REASON})
    if to not in ComplianceStatus.values:
        raise ValidationFailed.field("to", _("Unknown status: %(status)s") % {"status": to})
    record = record_locked(actor, record_id)
    record.expect_version(expected_version)
    before = record.status
    record.transition_reason = reason
    step(record, "status", to, actor)
    _take_date(record, to, valid_until)
    record.reason = reason.strip()
    record.assessor_id, record.assessed_at = actor.user_id, clock.now()
    record.expired_from = before if to == ComplianceStatus.EXPIRED else ""
    text = reason or _("%(before)s → %(after)s") % {"before": status_label(before), "after": status_label(to)}
    record.save_as(actor, reason=text)
    statuses_publish(actor, [(record, before)])
    return record


def _take_date(record: ComplianceRecord, to: str, valid_until: dt.date | None) -> None:
    if valid_until is not None and to not in LAPSING:
        raise ValidationFailed.field("valid_until", _("Only compliant and waived have a last valid day."))
    if valid_until is not None and valid_until < clock.today():
        raise ValidationFailed.field("valid_until", _("The last valid day is over already."))
    if to != ComplianceStatus.EXPIRED:
        record.valid_until = valid_until


def records_expire(*, actor: Actor) -> int:
    """Store as expired what is past its last valid day; return how many. Safe to run twice, and at once.

    In sets, each in its own transaction. Readers show expired from the first day on, whether this has run or not.
    Publishes compliance_status_changed for each.
    """
    actor.require(permissions.COMPLIANCE_ASSESS)
    total = 0
    while moved := _expire_portion(actor, clock.today()):
        total += moved
    return total


@transaction.atomic
def _expire_portion(actor: Actor, day: dt.date) -> int:
    take(Lock.COMPLIANCE, actor.tenant_id)
    over = ComplianceRecord.objects.filter(status__in=LAPSING, valid_until__lt=day)
    product_ids = list(over.order_by("pk").values_list("revision__product_id", flat=True)[:PORTION])
    if not product_ids:
        return 0
    products = {
        product.pk: product
        for product in Product.all_objects.select_for_update().filter(pk__in=product_ids).order_by("pk")
    }
    rows = list(
        over.filter(revision__product_id__in=product_ids)
        .select_related("revision", "regulation")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    moment = clock.now()
    befores = []
    for record in rows:
        record.revision.product = products[record.revision.product_id]
        befores.append(str(record.status))
        record.expired_from = str(record.status)
        step(record, "status", ComplianceStatus.EXPIRED, actor)
        record.version += 1
        record.updated_at, record.updated_by_id = moment, actor.user_id
    fields = ["status", "expired_from", "version", "updated_at", "updated_by"]
    ComplianceRecord.objects.bulk_update(rows, fields, batch_size=PORTION)
    record_in_bulk(ComplianceRecord, rows, actor, reason=_("its last valid day is over"), kind="~")
    statuses_publish(actor, list(zip(rows, befores, strict=True)))
    return len(rows)
