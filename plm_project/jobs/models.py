"""The record of one piece of long work."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from plm_project.core import clock
from plm_project.jobs.choices import OPEN_STATES, JobState
from plm_project.jobs.lifecycle import JobLifecycle
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.states import Guarded


class Job(Guarded, JobLifecycle, TenantRecord):
    """Long work that somebody started. Its owner is ``created_by``; the system's own jobs have none.

    ``step``, ``done`` of ``total`` say how far it is (``total`` 0: not known); while it runs they may be fresher in
    ``progress.py``. ``input`` is what it works on, ``result`` what it made or, when it failed, what was wrong;
    ``error`` is that in one sentence, for people. ``asked_as`` and ``language`` say as whom and in which words it runs.
    ``sent_at`` is when it was last handed to a worker, ``heartbeat_at`` when its worker was last known to live.

    It keeps no history: nobody edits a job, and the row itself says who started it, when, and how it ended.
    """

    kind = models.CharField(_("kind"), max_length=60, editable=False)
    title = models.CharField(_("title"), max_length=200, editable=False)
    state = FSMField(_("state"), max_length=10, choices=JobState.choices, default=JobState.WAITING, protected=True)
    step = models.CharField(_("step"), max_length=200, blank=True, default="", editable=False)
    done = models.PositiveIntegerField(_("done"), default=0, editable=False)
    total = models.PositiveIntegerField(_("of"), default=0, editable=False)
    input = models.JSONField(_("input"), default=dict, editable=False)
    result = models.JSONField(_("result"), default=dict, editable=False)
    error = models.CharField(_("error"), max_length=1000, blank=True, default="", editable=False)
    asked_as = models.JSONField(default=dict, editable=False)
    language = models.CharField(max_length=20, blank=True, default="", editable=False)
    sent_at = models.DateTimeField(default=clock.now, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, blank=True, editable=False)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True, editable=False)
    cancel_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True, editable=False)

    class Meta(TenantRecord.Meta):
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "created_by", "-id"], name="jobs_of_one"),
            models.Index(
                fields=["tenant", "created_by"], name="jobs_open", condition=models.Q(state__in=sorted(OPEN_STATES))
            ),
            models.Index(fields=["tenant", "finished_at"], name="jobs_finished"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return its page."""
        return reverse("jobs:job-detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in OPEN_STATES

    @property
    def percent(self) -> int | None:
        """How much of the running step is done, 0 to 100; None where nobody knows."""
        return min(100, self.done * 100 // self.total) if self.total else None

    @property
    def file(self) -> dict[str, Any] | None:
        """The file it made: ``name``, ``media_type``, ``size`` in bytes."""
        found: dict[str, Any] | None = self.result.get("file")
        return found
