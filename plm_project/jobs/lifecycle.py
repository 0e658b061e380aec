"""The state machine of a job: waiting → running → done or failed; cancelled from either of the first two.

A person makes one step alone: to cancel. The others are made by whoever carries the job out, as one conditional UPDATE
each (``services/steps.py``) which takes the states it may start from out of this machine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django_fsm import transition

from plm_project.core.actor import Actor
from plm_project.jobs import permissions
from plm_project.jobs.choices import JobState
from plm_project.tenancy.states import PermissionRule, permitted

if TYPE_CHECKING:
    from plm_project.jobs.models import Job


def is_ones_own(job: Job, actor: Actor) -> str:
    """One cancels one's own job; somebody else's takes the permission to manage jobs."""
    if actor.may(permissions.JOBS_MANAGE) or (actor.user_id is not None and job.created_by_id == actor.user_id):
        return ""
    return _("This is somebody else's job.")


def _state(
    source: list[JobState],
    target: JobState,
    permission: str = permissions.JOBS_RUN,
    rule: PermissionRule | None = None,
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    return transition(  # type: ignore[no-any-return]
        field="state", source=source, target=target, permission=permitted(permission, rule)
    )


class JobLifecycle:
    """The transitions. The bodies are empty: what else a step writes stands with whoever makes it."""

    transition_reason: str = ""

    @_state([JobState.WAITING], JobState.RUNNING)
    def to_running(self) -> None:
        """Somebody carries it out, and nobody else will."""

    @_state([JobState.RUNNING], JobState.DONE)
    def to_done(self) -> None:
        """What it was to do is done and committed."""

    @_state([JobState.WAITING, JobState.RUNNING], JobState.FAILED)
    def to_failed(self) -> None:
        """It was refused, met a fault, or died with its server; nothing was written."""

    @_state([JobState.WAITING, JobState.RUNNING], JobState.CANCELLED, permissions.JOBS_CANCEL, is_ones_own)
    def to_cancelled(self) -> None:
        """Somebody called it off; nothing was written."""
