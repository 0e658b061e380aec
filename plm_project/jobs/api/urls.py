"""Routes of jobs under /api/v1/plm/."""

from __future__ import annotations

from plm_project.api.router import PlmRouter
from plm_project.jobs.api.views import JobViewSet

router = PlmRouter()
router.register("jobs", JobViewSet, basename="api-job")

urlpatterns = router.urls
