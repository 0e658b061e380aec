"""Carrying out the edits of an engineering change: next revisions made, edited and released in one transaction."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.locks import Lock, take
from plm_project.tenancy.bulk import insert_in_bulk
from plm_project.tenancy.history import record_in_bulk
from products import permissions
from products.models import BomLine, Product, ProductRevision
from products.services.bom_lines import line_change, line_facts, publish_bom_changed
from products.services.inputs import LINE_FIELDS
from products.services.locked import revision_locked
from products.services.revision_plan import PlannedLine, PlannedRevision, RevisionPlan, plan_resolve, refuse
from products.services.revisions import revision_make_effective, revision_start
from products.services.substitute_copies import (
    substitutes_become,
    substitutes_copy,
    substitutes_give,
    substitutes_settle,
)


@dataclass(frozen=True)
class Outcome:
    """The released revision of one product. Its lines know which lines they continue (``predecessor_id``)."""

    product_id: uuid.UUID
    revision: ProductRevision


@transaction.atomic
def revisions_succeed(
    *,
    actor: Actor,
    plans: Sequence[RevisionPlan],
    reason: str,
    description: str = "",
    effective_from: dt.date | None = None,
    judge: Callable[[Sequence[PlannedRevision]], None] | None = None,
) -> list[Outcome]:
    """Give every planned product its next revision with the edits applied, and release it; the old one is superseded.

    A product that was never released has its revision in work edited in place and released. All or nothing. Raises
    Conflict naming each product whose base is no longer current, ValidationFailed naming each faulty edit. Publishes
    bom_changed and product_updated per product. ``judge`` sees under the locks what will be made, before anything is
    written, and refuses it by raising.
    """
    for permission in (permissions.REVISIONS_CREATE, permissions.REVISIONS_RELEASE, permissions.BOM_UPDATE):
        actor.require(permission)
    take(Lock.STRUCTURE, actor.tenant_id)
    # One statement in key order: two callers with products in common cannot wait for each other in a circle.
    list(Product.objects.select_for_update().filter(pk__in=[plan.product_id for plan in plans]).order_by("pk"))
    planned, problems = plan_resolve(plans)
    refuse(problems)
    if judge is not None:
        judge(planned)
    made = [_make(actor, entry, reason, description) for entry in planned]
    for outcome, entry in zip(made, planned, strict=True):
        revision = revision_locked(outcome.revision.pk)
        revision.serials = entry.plan.serials or revision.serials
        begins = entry.plan.effective_from or effective_from or revision.effective_from or clock.today()
        revision_make_effective(actor, revision, reason, begins)
    return made


def _make(actor: Actor, planned: PlannedRevision, reason: str, description: str) -> Outcome:
    if planned.is_in_place:
        revision = planned.base
        lines = _edit_in_place(actor, planned, reason)
    else:
        revision = revision_start(actor, planned.product, description)
        lines = _write_successor(actor, planned, revision, reason)
    if planned.plan.edits:
        publish_bom_changed(actor, revision, **_changes(planned, lines))
    return Outcome(planned.product.pk, revision)


def _write_successor(
    actor: Actor, planned: PlannedRevision, revision: ProductRevision, reason: str
) -> list[tuple[PlannedLine, BomLine]]:
    for entry in planned.lines:
        _own(actor, entry.line, revision)
        entry.line.version = 1  # as a save would have counted
    insert_in_bulk(BomLine, [entry.line for entry in planned.lines])
    copied = [entry.line for entry in planned.lines if not entry.is_touched]
    edited = [entry.line for entry in planned.lines if entry.is_touched]
    said = _("copied from revision %s") % planned.base.label
    record_in_bulk(BomLine, copied, actor, reason=said, kind="+")
    record_in_bulk(BomLine, edited, actor, reason=reason, kind="+")
    successors = {
        entry.base.pk: entry.line
        for entry in planned.lines
        if entry.base is not None and entry.former_substitutes and not entry.sets_substitutes
    }
    if successors:
        substitutes_copy(actor, successors, said)
    substitutes_give(
        actor, [(entry.line, entry.substitutes) for entry in planned.lines if entry.sets_substitutes], reason
    )
    return [(entry, entry.line) for entry in planned.lines]


def _edit_in_place(actor: Actor, planned: PlannedRevision, reason: str) -> list[tuple[PlannedLine, BomLine]]:
    written: list[tuple[PlannedLine, BomLine]] = []
    for _key, line in planned.removed:
        BomLine.objects.select_for_update().get(pk=line.pk).soft_delete_as(actor, reason=reason)
    for entry in planned.lines:
        if not entry.is_touched:
            continue
        if entry.base is None:
            written.append((entry, _own(actor, entry.line, planned.base).save_as(actor, reason=reason)))
            continue
        stored = BomLine.objects.select_for_update().get(pk=entry.base.pk)
        for name in LINE_FIELDS:
            setattr(stored, name, getattr(entry.line, name))
        stored.child = entry.line.child
        written.append((entry, stored.save_as(actor, reason=reason)))
    for entry, line in written:
        if entry.sets_substitutes:
            substitutes_become(actor, line, entry.substitutes, reason)
    if written:
        substitutes_settle(actor, [line.pk for _entry, line in written])
    return written


def _own(actor: Actor, line: BomLine, revision: ProductRevision) -> BomLine:
    line.tenant_id, line.parent_revision = actor.tenant_id, revision
    line.created_by_id = line.updated_by_id = actor.user_id
    return line


def _changes(planned: PlannedRevision, lines: list[tuple[PlannedLine, BomLine]]) -> dict[str, list[dict[str, Any]]]:
    touched = [(entry, line) for entry, line in lines if entry.is_touched]
    return {
        "added": [_facts(entry, line) for entry, line in touched if entry.base is None],
        "removed": [line_facts(line) for _key, line in planned.removed],
        "changed": [
            line_change(_facts(entry, entry.base), _facts(entry, line))
            for entry, line in touched
            if entry.base is not None
        ],
    }


def _facts(entry: PlannedLine, line: BomLine) -> dict[str, Any]:
    """Return what the event says of a line; of its substitutes too where an edit told them."""
    if not entry.sets_substitutes:
        return line_facts(line)
    told = entry.former_substitutes if line is entry.base else entry.substitutes
    return {**line_facts(line), "substitutes": [one.stored() for one in told]}
