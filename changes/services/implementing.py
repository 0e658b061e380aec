"""Implementing: every affected product gets its released revision, in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from changes import events, permissions
from changes.choices import ChangeStatus
from changes.exceptions import AlreadyImplemented
from changes.gates import ReleaseGate
from changes.models import AffectedProduct, EngineeringChange
from changes.services.actions import action_problems, retirements_of
from changes.services.checking import change_conflicts, change_plans, redlines_keep
from changes.services.facts import change_facts
from changes.services.gating import gates_lock, gates_require
from changes.services.locked import change_locked
from changes.services.reasons import require_fitting
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict
from plm_project.outbox.events import publish
from plm_project.tenancy.bulk import point_in_bulk
from plm_project.tenancy.history import record_in_bulk
from plm_project.tenancy.states import step
from products.services import Outcome, products_retire, revisions_succeed
from products.services.revision_plan import PlannedRevision, refuse


@transaction.atomic
def change_implement(
    *, actor: Actor, change_id: uuid.UUID, comment: str = "", expected_version: int | None = None
) -> EngineeringChange:
    """Carry out an approved change: new revisions, redlines applied, released, old ones superseded; products that go out of
    use made obsolete, with their replacements. All or nothing.

    Each becomes effective on its own day, else on the change's planned date, default today. Raises AlreadyImplemented
    the second time, Conflict naming each product whose base revision is no longer current, each conflict that nobody
    has settled, and votes that were given to another content, ReleaseHeld naming each product that a release gate holds,
    ValidationFailed naming each redline and each action that does not work any more. Publishes change_implemented, and
    per product bom_changed and product_updated.
    """
    actor.require(permissions.CHANGES_IMPLEMENT)
    require_fitting("comment", comment)
    change = change_locked(change_id)
    if change.status in (ChangeStatus.IMPLEMENTED, ChangeStatus.CLOSED):
        raise AlreadyImplemented(change.change_number)
    change.expect_version(expected_version)
    change.transition_reason = comment
    redlines_keep(change)
    step(change, "status", ChangeStatus.IMPLEMENTED, actor)
    prefetch_related_objects([change], "affected")
    refuse(change_conflicts(change))
    plans, retirements = change_plans(change), retirements_of(change)
    if not plans and not retirements:
        raise Conflict(_("No product is left in this change."))
    gates = gates_lock(actor)
    reason = _("%(number)s implemented") % {"number": change.change_number}
    outcomes = revisions_succeed(
        actor=actor,
        plans=plans,
        reason=reason,
        description=f"{change.change_number} {change.change_title}",
        judge=lambda planned: _judge(gates, change, planned),
    )
    if retirements:
        products_retire(actor=actor, retirements=retirements, reason=reason)
    _keep_results(actor, change, outcomes)
    change.implemented_at, change.implemented_by_id = clock.now(), actor.user_id
    change.save_as(actor, reason=comment or _("implemented"))
    publish(actor, events.CHANGE_IMPLEMENTED, entity=change, data={**change_facts(change), "comment": comment})
    return change


def _judge(gates: Sequence[ReleaseGate], change: EngineeringChange, planned: Sequence[PlannedRevision]) -> None:
    refuse(action_problems(change, planned))
    gates_require(gates, change, planned)


def _keep_results(actor: Actor, change: EngineeringChange, outcomes: list[Outcome]) -> None:
    """Note what came of every product that got a revision, with two statements. What came of a redline follows from it
    (``selectors/changes.py``).
    """
    revisions = {outcome.product_id: outcome.revision.pk for outcome in outcomes}
    affected = {entry: revisions[entry.product_id] for entry in change.affected.all() if entry.gets_revision}
    point_in_bulk(AffectedProduct, "resulting_revision", affected, actor)
    record_in_bulk(AffectedProduct, list(affected), actor, reason=_("implemented"), kind="~")
