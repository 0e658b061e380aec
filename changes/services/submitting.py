"""Submitting: the complete check, then the approvers."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from changes import events, permissions
from changes.choices import ChangeStatus
from changes.models import EngineeringChange
from changes.services.approvers import approvers_determine
from changes.services.checking import change_problems
from changes.services.facts import submission_facts
from changes.services.locked import change_locked
from changes.services.reasons import require_fitting
from changes.services.redlines import line_before
from changes.services.rounds import round_open
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.outbox.events import publish
from plm_project.tenancy.states import step
from products.selectors.substitutes import substitutes_of_lines
from products.services.revision_plan import refuse


@transaction.atomic
def change_submit(
    *, actor: Actor, change_id: uuid.UUID, comment: str = "", expected_version: int | None = None
) -> EngineeringChange:
    """Submit a draft for approval: its author, or who manages changes.

    Raises ValidationFailed naming every field that is missing or wrong (Conflict when a base revision is no longer the
    current one), NoApprover when what the policy asks could never be given. Publishes change_submitted with the approvers
    whose turn it is at once, who are to be told with high priority when the change has it.
    """
    actor.require(permissions.CHANGES_SUBMIT)
    require_fitting("comment", comment)
    change = change_locked(change_id)
    change.expect_version(expected_version)
    change.transition_reason = comment
    step(change, "status", ChangeStatus.SUBMITTED, actor)
    refuse(change_problems(change))
    policy = approvers_determine(change)
    change.round += 1
    change.submitted_at, change.decided_at = clock.now(), None
    change.save_as(actor, reason=comment or _("submitted"))
    asked = round_open(actor, change, policy)
    _refresh_pictures(actor, change)
    publish(actor, events.CHANGE_SUBMITTED, entity=change, data=submission_facts(change, asked, comment))
    return change


def _refresh_pictures(actor: Actor, change: EngineeringChange) -> None:
    """Keep what the lines say now: those of a revision in work may have been edited since the redline was drawn."""
    redlines = list(change.redlines.filter(line__isnull=False).select_related("line__child"))
    substitutes = substitutes_of_lines([redline.line_id for redline in redlines if redline.line_id is not None])
    for redline in redlines:
        assert redline.line is not None
        before = line_before(redline.line, substitutes.get(redline.line.pk, ()))
        if before != redline.before:
            redline.before = before
            redline.save_as(actor, reason=_("drawn on the line as submitted"), update_fields=["before"])
