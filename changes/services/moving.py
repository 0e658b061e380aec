"""The steps beside the main line: withdraw, cancel, reopen, close. Each leaves its reason in the history."""

from __future__ import annotations

import uuid

from django.db import transaction

from changes import permissions
from changes.choices import ChangeStatus
from changes.models import EngineeringChange
from changes.services.locked import change_locked
from changes.services.reasons import require_fitting
from changes.services.requests import requests_free
from plm_project.core.actor import Actor
from plm_project.tenancy.states import step


@transaction.atomic
def change_withdraw(
    *, actor: Actor, change_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> EngineeringChange:
    """Take a submitted or approved change back: its author, or who manages changes. It can be reopened as a draft."""
    actor.require(permissions.CHANGES_SUBMIT)
    return _move(actor, change_id, ChangeStatus.WITHDRAWN, reason, expected_version)


@transaction.atomic
def change_cancel(
    *, actor: Actor, change_id: uuid.UUID, reason: str, expected_version: int | None = None
) -> EngineeringChange:
    """Give up a draft, submitted or approved change for good. Raises ValidationFailed without a reason. The requests that
    it answers are open again.
    """
    actor.require(permissions.CHANGES_CANCEL)
    change = _move(actor, change_id, ChangeStatus.CANCELLED, reason, expected_version)
    requests_free(actor, change, reason)
    return change


@transaction.atomic
def change_reopen(
    *, actor: Actor, change_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> EngineeringChange:
    """Make a rejected or withdrawn change a draft again. Its votes stay readable, and count no more."""
    actor.require(permissions.CHANGES_SUBMIT)
    return _move(actor, change_id, ChangeStatus.DRAFT, reason, expected_version)


@transaction.atomic
def change_close(
    *, actor: Actor, change_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> EngineeringChange:
    """Close an implemented change: nothing is left to do. Raises Conflict naming the existing parts not dealt with yet."""
    actor.require(permissions.CHANGES_CLOSE)
    return _move(actor, change_id, ChangeStatus.CLOSED, reason, expected_version)


def _move(
    actor: Actor, change_id: uuid.UUID, to: ChangeStatus, reason: str, expected_version: int | None
) -> EngineeringChange:
    """Run one transition. Raises NotFound, PreconditionFailed, PermissionDenied, Conflict when there is no way."""
    require_fitting("reason", reason)
    change = change_locked(change_id)
    change.expect_version(expected_version)
    change.transition_reason = reason
    step(change, "status", to, actor)
    if to == ChangeStatus.DRAFT:
        change.submitted_at = change.decided_at = None
    return change.save_as(actor, reason=reason or str(to.label))
