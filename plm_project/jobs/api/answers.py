"""How an endpoint of a context answers that a job does the work."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from plm_project.api.endpoints import PlmEndpoint
from plm_project.api.envelope import Answer
from plm_project.jobs.api.serializers import JobSerializer
from plm_project.jobs.models import Job


def job_answer(endpoint: PlmEndpoint, job: Job) -> Answer:
    """Answer 202 with the job and, in ``Location``, where to ask how far it is."""
    answer = Answer(
        endpoint.written(job, serializer_class=JobSerializer),
        status=202,
        message=_("A job does this; ask how far it is."),
    )
    answer.headers["Location"] = reverse("api-job-detail", kwargs={"pk": job.pk})
    return answer
