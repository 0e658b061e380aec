"""Jobs on the wire."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from plm_project.api.serializers import PlmSerializer, UtcDateTimeField
from plm_project.jobs.choices import JobState
from plm_project.jobs.models import Job
from plm_project.jobs.selectors import may_see_result


class JobQuery(PlmSerializer):
    """What a list of jobs is narrowed by."""

    state = serializers.ListField(
        child=serializers.ChoiceField(JobState.choices), required=False, help_text="Any of these; repeatable."
    )
    mine = serializers.BooleanField(required=False, default=False, help_text="The caller's own alone.")


class JobRowSerializer(PlmSerializer):
    """A job and how far it is."""

    job_id = serializers.UUIDField(source="pk")
    kind = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(JobState.choices)
    step = serializers.CharField(help_text="What it is doing, in words.")
    done = serializers.IntegerField()
    total = serializers.IntegerField(help_text="0: not known.")
    error = serializers.CharField(help_text="Why it failed, in words.")
    is_cancelling = serializers.SerializerMethodField(help_text="It runs, and stops at the next chance.")
    started_by = serializers.UUIDField(source="created_by_id", allow_null=True)
    created_at = UtcDateTimeField()
    started_at = UtcDateTimeField(allow_null=True)
    finished_at = UtcDateTimeField(allow_null=True)
    page = serializers.SerializerMethodField(help_text="Path of its page.")

    def get_is_cancelling(self, job: Job) -> bool:
        """Return whether it was called off and has not stopped yet."""
        return job.is_open and job.cancel_asked_at is not None

    def get_page(self, job: Job) -> str:
        """Return the path."""
        return job.get_absolute_url()


class JobSerializer(JobRowSerializer):
    """A job with what came out of it."""

    result = serializers.SerializerMethodField(
        help_text="What it made, as its kind says; when it failed, what was wrong. Null for who may not do such work."
    )
    file = serializers.SerializerMethodField(help_text="Path of the file it made; null where there is none.")

    def get_result(self, job: Job) -> dict[str, Any] | None:
        """Return the result."""
        return job.result if may_see_result(job, self.context["view"].actor) else None

    def get_file(self, job: Job) -> str | None:
        """Return the path."""
        if job.file is None or not may_see_result(job, self.context["view"].actor):
            return None
        return reverse("api-job-file", kwargs={"pk": job.pk})
