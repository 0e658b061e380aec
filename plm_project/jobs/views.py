"""The list of jobs, and the page of one: how far it is, then what came out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.downloads import file_response
from plm_project.core.exceptions import NotFound
from plm_project.jobs import permissions
from plm_project.jobs.choices import JobState
from plm_project.jobs.files import job_file_open
from plm_project.jobs.forms import JobFilterForm
from plm_project.jobs.models import Job
from plm_project.jobs.progress import with_progress
from plm_project.jobs.registry import job_kind
from plm_project.jobs.selectors import job_get, job_list, kind_label, may_see_result, open_count
from plm_project.jobs.services import job_cancel
from plm_project.web.views import PageMixin, PageView, is_htmx

PAGE_SIZE = 25
# A job that runs for longer is asked for less often: (younger than, seconds between two looks).
LOOKS = ((dt.timedelta(seconds=15), 1), (dt.timedelta(minutes=1), 2), (dt.timedelta(minutes=10), 5))
LAST_LOOKS = 15


class JobListView(PageView):
    """One's own jobs, or everybody's."""

    permission = permissions.JOBS_READ
    template_name = "jobs/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filter form and a page of jobs."""
        manages = self.actor.may(permissions.JOBS_MANAGE)
        form = JobFilterForm(self.request.GET, manages=manages)
        page = Paginator(job_list(self.actor, **form.wanted()), PAGE_SIZE).get_page(self.request.GET.get("page"))
        jobs = [(job, kind_label(job)) for job in with_progress(page.object_list)]
        return super().get_context_data(form=form, page=page, jobs=jobs, manages=manages, **kwargs)


class JobView(PageView):
    """One job. While it is open the page asks for its part again, less often the longer it takes."""

    permission = permissions.JOBS_READ
    template_name = "jobs/detail.html"
    partial_template_name = "jobs/_job.html"
    kwargs: dict[str, Any]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the job and, once it has ended, what came out."""
        job = job_get(self.actor, self.kwargs["pk"])
        shown = job_shown(job, self.actor)
        if is_htmx(self.request) and not job.is_open:
            shown["open"] = open_count(self.actor)  # for the bar above the page, which was drawn before
        return super().get_context_data(**shown, **kwargs)


class JobCancelView(PageMixin, View):
    """Call a job off."""

    permission = permissions.JOBS_CANCEL
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Cancel, and show what became of it."""
        job = job_cancel(actor=self.actor, job_id=pk)
        stopped = job.state == JobState.CANCELLED
        messages.info(request, _("It was cancelled.") if stopped else _("It stops at the next chance."))
        return redirect(job.get_absolute_url())

    def get_error_url(self) -> str:
        """Back to the job."""
        return reverse("jobs:job-detail", args=[self.kwargs["pk"]])  # type: ignore[attr-defined]


class JobFileView(PageMixin, View):
    """The file that a job made."""

    permission = permissions.JOBS_READ

    def get(self, request: HttpRequest, pk: Any) -> StreamingHttpResponse:
        """Send it."""
        return job_file_answer(request, self.actor, pk)


def job_file_answer(request: HttpRequest, actor: Actor, job_id: Any) -> StreamingHttpResponse:
    """Return the file that a job made, for page and API alike. NotFound where there is none, or it is not for them."""
    job = job_get(actor, job_id)
    if job.file is None or not may_see_result(job, actor):
        raise NotFound(_("This job made no file."))
    content = job_file_open(job, "result")
    found = job.file
    return file_response(request, content, filename=found["name"], media_type=found["media_type"], size=found["size"])


def job_shown(job: Job, actor: Actor) -> dict[str, Any]:
    """Return what the page of a job shows."""
    shown = {"job": job, "kind_label": kind_label(job), "seconds": seconds_to_next_look(job)}
    if not job.is_open and may_see_result(job, actor):
        kind = job_kind(job.kind)
        shown |= {"links": kind.links(job), "result_template": kind.template, "file": job.file}
    return shown


def seconds_to_next_look(job: Job) -> int:
    """Return how long the page waits before it asks again."""
    age = clock.now() - (job.started_at or job.created_at)
    return next((seconds for younger, seconds in LOOKS if age < younger), LAST_LOOKS)
