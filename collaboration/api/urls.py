"""Routes of collaboration under /api/v1/plm/."""

from __future__ import annotations

from typing import Any

from collaboration.api.discussions import DiscussionCommentViewSet, DiscussionViewSet
from collaboration.api.notices import NoticeViewSet, PreferencesView
from collaboration.api.parts import ChangeLinkViewSet, ParticipantViewSet, ProductLinkViewSet
from collaboration.api.views import SessionViewSet
from plm_project.api.router import PlmRouter, either_slash

router = PlmRouter()
router.register("collaborate", SessionViewSet, basename="api-session")
router.register("notices", NoticeViewSet, basename="api-notice")
router.register("discussions", DiscussionViewSet, basename="api-discussion")

PARTICIPANT: Any = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
COMMENT: Any = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
LINK: Any = {"delete": "destroy"}

urlpatterns = [
    either_slash(
        "discussions/comments/<uuid:pk>/",
        DiscussionCommentViewSet.as_view(COMMENT, detail=True),
        name="api-discussion-comment-detail",
    ),
    either_slash(
        "discussions/comments/<uuid:pk>/versions/",
        DiscussionCommentViewSet.as_view({"get": "versions"}, detail=True, pagination_class=None),
        name="api-discussion-comment-versions",
    ),
    *router.urls,
    either_slash(
        "notices/preferences/", PreferencesView.as_view(pagination_class=None), name="api-notice-preferences"
    ),
    either_slash(
        "collaborate/<uuid:session_pk>/participants/<uuid:pk>/",
        ParticipantViewSet.as_view(PARTICIPANT, detail=True),
        name="api-session-participant-detail",
    ),
    either_slash(
        "collaborate/<uuid:session_pk>/products/<uuid:pk>/",
        ProductLinkViewSet.as_view(LINK, detail=True),
        name="api-session-product-detail",
    ),
    either_slash(
        "collaborate/<uuid:session_pk>/changes/<uuid:pk>/",
        ChangeLinkViewSet.as_view(LINK, detail=True),
        name="api-session-change-detail",
    ),
]
