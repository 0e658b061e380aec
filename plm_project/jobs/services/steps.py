"""A step of the state machine as one conditional UPDATE: of two who try it at once, one succeeds."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet

from plm_project.core import clock
from plm_project.jobs.choices import JobState
from plm_project.jobs.models import Job


def jobs_step(jobs: QuerySet[Job], to: JobState, **values: Any) -> int:
    """Take those of ``jobs`` to a state that the machine lets go there; return how many went. ``values`` go with it."""
    machine = getattr(Job, f"to_{to}")._django_fsm
    sources = [state for state in JobState.values if machine.get_transition(state) is not None]
    values |= {"state": to, "version": F("version") + 1, "updated_at": clock.now()}
    return jobs.filter(state__in=sources).update(**values)
