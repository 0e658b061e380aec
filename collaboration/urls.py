"""Pages of collaboration, below /collaboration/."""

from __future__ import annotations

from django.urls import path

from collaboration.views import discussions, notices, people, room, sessions, steps

app_name = "collaboration"
urlpatterns = [
    path("notices/", notices.NoticeListView.as_view(), name="notice-list"),
    path("notices/sheet/", notices.NoticeSheetView.as_view(), name="notice-sheet"),
    path("notices/settings/", notices.NoticeSettingsView.as_view(), name="notice-settings"),
    path("notices/read-all/", notices.NoticesReadAllView.as_view(), name="notices-read-all"),
    path("notices/read-all/undo/", notices.NoticesReadAllUndoView.as_view(), name="notices-read-all-undo"),
    path("notices/<uuid:pk>/open/", notices.NoticeOpenView.as_view(), name="notice-open"),
    path("notices/<uuid:pk>/mark/", notices.NoticeMarkView.as_view(), name="notice-mark"),
    path("discussions/of/<uuid:pk>/new/", discussions.DiscussionNewView.as_view(), name="discussion-new"),
    path("discussions/people/", discussions.PeopleToCallView.as_view(), name="people-to-call"),
    path("discussions/<uuid:pk>/", discussions.DiscussionView.as_view(), name="discussion"),
    path("discussions/<uuid:pk>/reply/", discussions.DiscussionReplyView.as_view(), name="discussion-reply"),
    path(
        "discussions/<uuid:pk>/resolve/",
        discussions.DiscussionSettleView.as_view(),
        {"step": "resolve"},
        name="discussion-resolve",
    ),
    path(
        "discussions/<uuid:pk>/reopen/",
        discussions.DiscussionSettleView.as_view(),
        {"step": "reopen"},
        name="discussion-reopen",
    ),
    path("discussions/comments/<uuid:pk>/edit/", discussions.CommentEditView.as_view(), name="comment-edit"),
    path(
        "discussions/comments/<uuid:pk>/versions/",
        discussions.CommentVersionsView.as_view(),
        name="comment-versions",
    ),
    path("discussions/comments/<uuid:pk>/remove/", discussions.CommentRemoveView.as_view(), name="comment-remove"),
    path("", sessions.SessionListView.as_view(), name="session-list"),
    path("new/", sessions.SessionCreateView.as_view(), name="session-create"),
    path("of/<uuid:pk>/", sessions.ProductSessionsView.as_view(), name="product-sessions"),
    path("<uuid:pk>/", room.SessionRoomView.as_view(), name="session-detail"),
    path("<uuid:pk>/edit/", sessions.SessionEditView.as_view(), name="session-edit"),
    path("<uuid:pk>/delete/", sessions.SessionDeleteView.as_view(), name="session-delete"),
    path("<uuid:pk>/steps/<slug:step>/", steps.SessionStepView.as_view(), name="session-step"),
    path("<uuid:pk>/participants/", people.ParticipantsView.as_view(), name="session-participants"),
    path("<uuid:pk>/participants/<uuid:user>/", people.ParticipantView.as_view(), name="session-participant"),
    path("<uuid:pk>/leave/", people.LeaveView.as_view(), name="session-leave"),
    path("<uuid:pk>/links/", people.LinkAddView.as_view(), name="session-link"),
    path("<uuid:pk>/products/<uuid:product>/remove/", people.ProductUnlinkView.as_view(), name="product-unlink"),
    path("<uuid:pk>/changes/<uuid:change>/remove/", people.ChangeUnlinkView.as_view(), name="change-unlink"),
]
