"""Routes of the API, below /api/v1/plm/."""

from __future__ import annotations

from collaboration.api.notices import NoticeViewSet, PreferencesView
from plm_project.api.router import PlmRouter, either_slash

router = PlmRouter()
router.register("notices", NoticeViewSet, basename="api-notice")

urlpatterns = [
    either_slash(
        "notices/preferences/", PreferencesView.as_view(pagination_class=None), name="api-notice-preferences"
    ),
    *router.urls,
]
