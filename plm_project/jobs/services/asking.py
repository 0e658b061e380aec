"""What people do with jobs: start one, call it off."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound
from plm_project.jobs import permissions
from plm_project.jobs.choices import OPEN_STATES, JobState
from plm_project.jobs.files import job_file_keep
from plm_project.jobs.models import Job
from plm_project.jobs.registry import job_kind
from plm_project.jobs.workers import send
from plm_project.tenancy.states import step

MOST_OPEN = 20  # a person


@transaction.atomic
def job_start(
    *,
    actor: Actor,
    kind: str,
    title: str,
    input: Mapping[str, Any] | None = None,
    content: File[Any] | None = None,
    once: bool = False,
) -> Job:
    """Have a job carried out after the commit, in the actor's name and with at most the permissions they have now.

    ``input`` is a JSON object, ``content`` a file it works on. With ``once`` an open job of theirs of the same kind and
    input is returned instead of a second one. Raises PermissionDenied without the permission of the kind, Conflict when too
    many of theirs are open.
    """
    actor.require(job_kind(kind).permission)
    values = dict(input or {})
    mine = Job.objects.filter(created_by_id=actor.user_id, state__in=OPEN_STATES)
    if once and (known := mine.filter(kind=kind, input=values).first()):
        found: Job = known
        return found
    if mine.count() >= MOST_OPEN:
        raise Conflict(
            _("%(count)d of your jobs are not done yet. Wait for them, or cancel some.") % {"count": MOST_OPEN}
        )
    job = Job(kind=kind, title=title[:200], input=values, asked_as=_asked_as(actor), language=get_language() or "")
    job.save_as(actor, reason="started")
    if content is not None:
        job_file_keep(job, "input", content)
    # Robust: the job is committed. When it cannot be handed on now, the schedule does it (``jobs_send_again``).
    transaction.on_commit(partial(send, job.tenant_id, job.pk), robust=True)
    return job


@transaction.atomic
def job_cancel(*, actor: Actor, job_id: uuid.UUID) -> Job:
    """Call a job off. One that waits is cancelled at once; one that runs stops at its next report and undoes its work.

    On SQLite a running job that writes holds the file, and the call waits for it. Raises NotFound for somebody else's job
    without the permission to manage them, Conflict when it has ended already.
    """
    actor.require(permissions.JOBS_CANCEL)
    job: Job | None = Job.objects.select_for_update().filter(pk=job_id).first()
    if job is None or not may_see(job, actor):
        raise NotFound(_("There is no such job."))
    if not job.is_open:
        raise Conflict(_("It has ended already: %(state)s.") % {"state": job.get_state_display()})
    job.cancel_asked_at = job.cancel_asked_at or clock.now()
    if job.state == JobState.WAITING:
        step(job, "state", JobState.CANCELLED, actor)
        job.finished_at = clock.now()
    job.save_as(actor, reason="cancelled", update_fields=["state", "cancel_asked_at", "finished_at"])
    return job


def may_see(job: Job, actor: Actor) -> bool:
    """Return whether the job is the actor's own, or they manage all."""
    return actor.may(permissions.JOBS_MANAGE) or (actor.user_id is not None and job.created_by_id == actor.user_id)


def _asked_as(actor: Actor) -> dict[str, Any]:
    """Return how the actor came in. A token's permissions may be fewer than its person's: they are kept."""
    narrowed = sorted(actor.permissions) if actor.kind == "token" else None
    return {"kind": actor.kind, "label": actor.label, "request_id": actor.request_id, "permissions": narrowed}
