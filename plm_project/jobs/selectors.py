"""Reads: one's own jobs, and everybody's for who manages them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound
from plm_project.jobs import permissions
from plm_project.jobs.choices import OPEN_STATES
from plm_project.jobs.models import Job
from plm_project.jobs.progress import with_progress
from plm_project.jobs.registry import job_kind, job_kinds


def job_list(actor: Actor, *, states: Sequence[str] = (), mine: bool = False) -> QuerySet[Job]:
    """Return the jobs the actor may see, newest first: their own, or all where they manage them (``mine``: not those)."""
    rows = Job.objects.select_related("created_by").order_by("-id")
    if mine or not actor.may(permissions.JOBS_MANAGE):
        rows = rows.filter(created_by_id=actor.user_id, created_by__isnull=False)
    return rows.filter(state__in=states) if states else rows


def job_get(actor: Actor, job_id: uuid.UUID) -> Job:
    """Return one of them with its freshest progress; any other is not found."""
    found: Job | None = job_list(actor).filter(pk=job_id).first()
    if found is None:
        raise NotFound(_("There is no such job."))
    return with_progress([found])[0]


def open_count(actor: Actor) -> int:
    """Return how many of the actor's own jobs wait or run: one statement on the index of open ones."""
    return Job.objects.filter(created_by_id=actor.user_id, state__in=OPEN_STATES).count()


def may_see_result(job: Job, actor: Actor) -> bool:
    """Return whether the actor may see what came out: whoever may do such work oneself."""
    known = {kind.name: kind.permission for kind in job_kinds()}
    return job.kind in known and actor.may(known[job.kind])


def kind_label(job: Job) -> str:
    """Return the job's kind in words; its name when this installation does not have it any more."""
    known = {kind.name for kind in job_kinds()}
    return str(job_kind(job.kind).label) if job.kind in known else job.kind
