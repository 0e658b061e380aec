"""Carries one job out: takes it, does the work, notes how it ended."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

import structlog
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from plm_project.accounts.actors import actor_for_user
from plm_project.accounts.models import User
from plm_project.core import clock
from plm_project.core.actor import Actor, acting_as
from plm_project.core.exceptions import AuthenticationRequired, PlmError
from plm_project.jobs.choices import JobState
from plm_project.jobs.models import Job
from plm_project.jobs.progress import JobStopped, Pulse
from plm_project.jobs.registry import JobKind, job_kind
from plm_project.jobs.services.steps import jobs_step
from plm_project.tenancy.scope import tenant_scope

log = structlog.get_logger(__name__)


def job_run(tenant_id: uuid.UUID, job_id: uuid.UUID) -> None:
    """Carry a waiting job out. Whatever else it is (running, ended, gone), nothing happens: a message may come twice.

    The work and the note that it is done are one transaction (for kinds that write), and the note is refused when the job
    was cancelled or given up as lost meanwhile: then the work is undone with it.
    """
    job = _taken(tenant_id, job_id)
    if job is None:
        return
    with translation.override(job.language or settings.LANGUAGE_CODE):
        try:
            kind = job_kind(job.kind)
            with Pulse(job) as pulse:
                _carry_out(job, kind, pulse)
        except JobStopped:
            _note(job, JobState.CANCELLED, error=_("It was cancelled. Nothing was written."))
        except PlmError as refusal:
            _note(job, JobState.FAILED, error=_words(refusal), result=getattr(refusal, "result", {}))
        except Exception:
            log.exception("job_failed", job_id=str(job_id), kind=job.kind)
            error = _("The server met a fault. Nothing was written. Tell your administrator the job's number: %s")
            _note(job, JobState.FAILED, error=error % job_id)


def _taken(tenant_id: uuid.UUID, job_id: uuid.UUID) -> Job | None:
    """Take the job, committed at once: everybody sees that it runs, and nobody else takes it."""
    with tenant_scope(tenant_id, atomic=True):
        moment = clock.now()
        waiting = Job.objects.filter(pk=job_id)
        if not jobs_step(waiting, JobState.RUNNING, started_at=moment, heartbeat_at=moment):
            return None
        return Job.objects.get(pk=job_id)


def _carry_out(job: Job, kind: JobKind, pulse: Pulse) -> None:
    actor = _actor_of(job)
    with acting_as(actor), tenant_scope(job.tenant_id, atomic=kind.writes):
        actor.require(kind.permission)
        result = dict(kind.run(actor, job, pulse))
        pulse.end()  # the row is locked from here to the commit: a beat would wait for it
        rows = Job.objects.filter(pk=job.pk, cancel_asked_at__isnull=True)
        if not jobs_step(rows, JobState.DONE, result=result, **_ended(pulse)):
            raise JobStopped


def _note(job: Job, state: JobState, **values: Any) -> None:
    """Note that it ended without success. A job that was given up as lost stays so."""
    if "error" in values:
        values["error"] = values["error"][:1000]
    with tenant_scope(job.tenant_id, atomic=True):
        jobs_step(Job.objects.filter(pk=job.pk), state, finished_at=clock.now(), **values)


def _ended(pulse: Pulse) -> dict[str, Any]:
    step, done, total = pulse.standing
    return {"step": step, "done": done, "total": total, "finished_at": clock.now()}


def _actor_of(job: Job) -> Actor:
    """Return whom the job works for, with the permissions they have now and, of a token, no more than it had.

    Raises AuthenticationRequired when they have left the tenant meanwhile.
    """
    asked = job.asked_as
    if job.created_by_id is None:
        return Actor.system(job.tenant_id, asked.get("label", "system"), request_id=asked.get("request_id", ""))
    person = User.objects.filter(pk=job.created_by_id, is_active=True).first()
    if person is None:
        raise AuthenticationRequired(_("The account that started this is closed."))
    actor = actor_for_user(person, job.tenant_id, request_id=asked.get("request_id", ""))
    narrowed = asked.get("permissions")
    if narrowed is None:
        return actor
    permissions = actor.permissions & frozenset(narrowed)
    return dataclasses.replace(actor, kind="token", label=asked.get("label", actor.label), permissions=permissions)


def _words(refusal: PlmError) -> str:
    """Return a refusal as one text: its message, and what its details add to that."""
    texts = [str(refusal)]
    texts += [text for found in refusal.details.values() for text in found if text not in texts]
    return " ".join(texts)
