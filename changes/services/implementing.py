"""Implementing: every affected product gets its released revision, in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from changes import events, permissions
from changes.choices import ChangeStatus
from changes.exceptions import AlreadyImplemented
from changes.models import AffectedProduct, EngineeringChange, Redline
from changes.services.checking import change_plans, redline_key
from changes.services.facts import change_facts
from changes.services.locked import change_locked
from changes.services.reasons import require_fitting
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict
from plm_project.outbox.events import publish
from plm_project.tenancy.history import record_in_bulk
from plm_project.tenancy.references import CHUNK
from plm_project.tenancy.states import step
from products.models import BomLine
from products.services import Outcome, revisions_succeed


@transaction.atomic
def change_implement(
    *, actor: Actor, change_id: uuid.UUID, comment: str = "", expected_version: int | None = None
) -> EngineeringChange:
    """Carry out an approved change: new revisions, redlines applied, released, old ones superseded. All or nothing.

    They become effective on the change's planned date, default today. Raises AlreadyImplemented the second time,
    Conflict naming each product whose base revision is no longer current, ValidationFailed naming each redline that
    does not work any more. Publishes change_implemented, and per product bom_changed and product_updated.
    """
    actor.require(permissions.CHANGES_IMPLEMENT)
    require_fitting("comment", comment)
    change = change_locked(change_id)
    if change.status in (ChangeStatus.IMPLEMENTED, ChangeStatus.CLOSED):
        raise AlreadyImplemented(change.change_number)
    change.expect_version(expected_version)
    change.transition_reason = comment
    step(change, "status", ChangeStatus.IMPLEMENTED, actor)
    plans = change_plans(change)
    if not plans:
        raise Conflict(_("No product is left in this change."))
    outcomes = revisions_succeed(
        actor=actor,
        plans=plans,
        reason=_("%(number)s implemented") % {"number": change.change_number},
        description=f"{change.change_number} {change.change_title}",
        effective_from=change.effective_from,
    )
    _keep_results(actor, change, outcomes)
    change.implemented_at, change.implemented_by_id = clock.now(), actor.user_id
    change.save_as(actor, reason=comment or _("implemented"))
    publish(actor, events.CHANGE_IMPLEMENTED, entity=change, data={**change_facts(change), "comment": comment})
    return change


def _keep_results(actor: Actor, change: EngineeringChange, outcomes: list[Outcome]) -> None:
    """Note what came of every affected product and redline; a fixed number of statements each 500 of them."""
    revisions = {outcome.product_id: outcome.revision for outcome in outcomes}
    affected = list(change.affected.all())
    for entry in affected:
        entry.resulting_revision = revisions[entry.product_id]
    _update(actor, AffectedProduct, affected, "resulting_revision")
    lines: Mapping[str, BomLine] = {key: line for outcome in outcomes for key, line in outcome.lines.items()}
    met: list[Redline] = []
    for index, redline in enumerate(change.redlines.all()):
        line = lines.get(redline_key(index))
        if line is not None:
            redline.resulting_line = line
            met.append(redline)
    _update(actor, Redline, met, "resulting_line")


def _update(actor: Actor, model: type[AffectedProduct | Redline], rows: Sequence[Any], field: str) -> None:
    """Write one field of many rows as ``save_as`` would: stamped, counted, with a history row each."""
    if not rows:
        return
    moment = clock.now()
    for row in rows:
        row.version += 1
        row.updated_at, row.updated_by_id = moment, actor.user_id
    model.all_objects.bulk_update(rows, [field], batch_size=CHUNK)
    for start in range(0, len(rows), CHUNK):
        keys = [row.pk for row in rows[start : start + CHUNK]]
        model.all_objects.filter(pk__in=keys).update(
            version=F("version") + 1, updated_at=moment, updated_by_id=actor.user_id
        )
    record_in_bulk(model, rows, actor, reason=_("implemented"), kind="~")
