"""Starting: every live revision gets a record for every regulation that reaches its product."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from compliance import permissions
from compliance.choices import ComplianceStatus
from compliance.models import ComplianceRecord, Regulation
from compliance.selectors.applicability import applicable_regulations, regulations_in_force
from compliance.services.facts import Happening, statuses_publish
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.locks import Lock, take
from plm_project.tenancy.history import record_in_bulk
from products.choices import LIVE_STATES
from products.models import Product, ProductRevision

PORTION = 5_000  # revisions looked at together; what is missing is written in batches of 500
BATCH = 500


@transaction.atomic
def records_start(
    *,
    actor: Actor,
    product_ids: Iterable[uuid.UUID] | None = None,
    regulations: Sequence[Regulation] | None = None,
) -> int:
    """Start what is missing: a record, not assessed, for each live revision and each regulation that reaches its product
    today. ``product_ids`` None: all products; ``regulations`` None: all. Returns how many were started.

    Idempotent and in sets: the queries do not grow with the products of one portion. The record of a revision that
    follows an assessed one starts anew; that is a change of the product's status and published as such
    (compliance_status_changed). The earlier revision keeps its own.
    """
    actor.require(permissions.COMPLIANCE_ASSESS)
    take(Lock.COMPLIANCE, actor.tenant_id)
    known = regulations_in_force(clock.today()) if regulations is None else list(regulations)
    if not known:
        return 0
    return sum(_start(actor, portion, known) for portion in _revisions(product_ids))


def _revisions(product_ids: Iterable[uuid.UUID] | None) -> Iterator[list[ProductRevision]]:
    rows = ProductRevision.objects.filter(state__in=LIVE_STATES, product__is_deleted=False)
    rows = rows.select_related("product").order_by("pk")
    if product_ids is not None:
        wanted = sorted(set(product_ids))
        for at in range(0, len(wanted), PORTION):
            yield list(rows.filter(product_id__in=wanted[at : at + PORTION]))
        return
    last: uuid.UUID | None = None
    while True:
        portion = list((rows.filter(pk__gt=last) if last else rows)[:PORTION])
        if not portion:
            return
        yield portion
        last = portion[-1].pk


def _start(actor: Actor, revisions: Sequence[ProductRevision], regulations: Sequence[Regulation]) -> int:
    products = {revision.product_id: revision.product.product_type for revision in revisions}
    reached = applicable_regulations(products.items(), clock.today(), regulations=regulations)
    there = set(
        ComplianceRecord.objects.filter(revision__in=[revision.pk for revision in revisions])
        .order_by()
        .values_list("revision_id", "regulation_id")
    )
    missing = [
        ComplianceRecord(
            tenant_id=actor.tenant_id,
            revision=revision,
            regulation=regulation,
            created_by_id=actor.user_id,
            updated_by_id=actor.user_id,
            version=1,
        )
        for revision in revisions
        for regulation in reached[revision.product_id]
        if (revision.pk, regulation.pk) not in there
    ]
    if not missing:
        return 0
    ComplianceRecord.objects.bulk_create(missing, batch_size=BATCH)
    record_in_bulk(ComplianceRecord, missing, actor, reason=_("tracking started"), kind="+")
    _tell_resets(actor, missing)
    return len(missing)


def _tell_resets(actor: Actor, started: Sequence[ComplianceRecord]) -> None:
    """Publish what starting took back: the product's last revision was assessed, the new one is not."""
    later: Any = [record for record in started if record.revision.sequence > 1]
    if not later:
        return
    product_ids = {record.revision.product_id for record in later}
    list(Product.objects.select_for_update().filter(pk__in=product_ids).order_by("pk"))
    before: dict[tuple[uuid.UUID, uuid.UUID], list[tuple[int, str]]] = {}
    rows = ComplianceRecord.objects.filter(revision__product_id__in=product_ids).order_by("revision__sequence")
    for product_id, regulation_id, sequence, status in rows.values_list(
        "revision__product_id", "regulation_id", "revision__sequence", "status"
    ):
        before.setdefault((product_id, regulation_id), []).append((sequence, status))
    happenings: list[Happening] = []
    for record in later:
        earlier = [
            status
            for sequence, status in before[record.revision.product_id, record.regulation_id]
            if sequence < record.revision.sequence
        ]
        if earlier and earlier[-1] != ComplianceStatus.NOT_ASSESSED:
            happenings.append((record, earlier[-1]))
    statuses_publish(actor, happenings)
