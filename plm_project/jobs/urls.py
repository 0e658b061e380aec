"""Pages of jobs, below /jobs/."""

from __future__ import annotations

from django.urls import path

from plm_project.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.JobListView.as_view(), name="job-list"),
    path("<uuid:pk>/", views.JobView.as_view(), name="job-detail"),
    path("<uuid:pk>/cancel/", views.JobCancelView.as_view(), name="job-cancel"),
    path("<uuid:pk>/file/", views.JobFileView.as_view(), name="job-file"),
]
