"""Pages of collaboration, below /collaboration/."""

from __future__ import annotations

from django.urls import path

from collaboration.views import notices

app_name = "collaboration"
urlpatterns = [
    path("notices/", notices.NoticeListView.as_view(), name="notice-list"),
    path("notices/sheet/", notices.NoticeSheetView.as_view(), name="notice-sheet"),
    path("notices/settings/", notices.NoticeSettingsView.as_view(), name="notice-settings"),
    path("notices/read-all/", notices.NoticesReadAllView.as_view(), name="notices-read-all"),
    path("notices/read-all/undo/", notices.NoticesReadAllUndoView.as_view(), name="notices-read-all-undo"),
    path("notices/<uuid:pk>/open/", notices.NoticeOpenView.as_view(), name="notice-open"),
    path("notices/<uuid:pk>/mark/", notices.NoticeMarkView.as_view(), name="notice-mark"),
]
