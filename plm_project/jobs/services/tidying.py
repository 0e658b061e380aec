"""What the schedule does for jobs: gives up those whose server died, sends those again that nobody took, sweeps old ones."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from plm_project.core import clock
from plm_project.jobs.choices import JobState
from plm_project.jobs.files import job_files_drop
from plm_project.jobs.models import Job
from plm_project.jobs.progress import LOST_AFTER, last_sign_of_life
from plm_project.jobs.services.steps import jobs_step
from plm_project.jobs.workers import send
from plm_project.tenancy.scope import tenant_scope

# Behind a broker a job may wait long for a free worker; without one it waits in a process that may have ended.
SENT_AGAIN_AFTER = dt.timedelta(minutes=10)
SENT_AGAIN_AFTER_ALONE = dt.timedelta(seconds=60)
SWEPT_AT_ONCE = 500


def jobs_give_up_lost(tenant_id: uuid.UUID) -> int:
    """Mark the running jobs as failed whose worker gave no sign of life for ``LOST_AFTER``; return how many.

    If such a worker lives after all, it finds the job given up when it wants to note that it is done, and undoes its work.
    """
    with tenant_scope(tenant_id):
        since = clock.now() - LOST_AFTER
        silent = Job.objects.filter(state=JobState.RUNNING, heartbeat_at__lt=since)
        return sum(_give_up(job, since) for job in silent if (last_sign_of_life(job) or since) <= since)


def _give_up(job: Job, since: dt.datetime) -> int:
    rows = Job.objects.filter(pk=job.pk, heartbeat_at__lt=since)
    with translation.override(job.language or settings.LANGUAGE_CODE):
        error = _("The server that worked on this stopped before it was done. Nothing was written. Start it again.")
        return jobs_step(rows, JobState.FAILED, error=error, finished_at=clock.now())


def jobs_send_again(tenant_id: uuid.UUID) -> int:
    """Hand jobs on again that have waited for long: their message, or the process that held them, may be gone.

    Twice does no harm: a job is taken once. Returns how many.
    """
    waits = SENT_AGAIN_AFTER if settings.CELERY_BROKER_URL else SENT_AGAIN_AFTER_ALONE
    moment = clock.now()
    with tenant_scope(tenant_id):
        overdue = Job.objects.filter(state=JobState.WAITING, sent_at__lt=moment - waits).order_by("id")
        ids = [
            key
            for key in overdue.values_list("pk", flat=True)
            if Job.objects.filter(pk=key, sent_at__lt=moment - waits).update(sent_at=moment)
        ]
    for key in ids:
        send(tenant_id, key)
    return len(ids)


def jobs_sweep(tenant_id: uuid.UUID) -> int:
    """Delete jobs that ended more than JOBS_KEPT_DAYS ago, for good, with their files; return how many."""
    before = clock.now() - dt.timedelta(days=settings.JOBS_KEPT_DAYS)
    swept = 0
    while True:
        with tenant_scope(tenant_id, atomic=True):
            ids = list(Job.all_objects.filter(finished_at__lt=before).values_list("pk", flat=True)[:SWEPT_AT_ONCE])
            Job.all_objects.filter(pk__in=ids).delete()
        for key in ids:
            job_files_drop(tenant_id, key)
        swept += len(ids)
        if len(ids) < SWEPT_AT_ONCE:
            return swept
