"""The managers' admin of collaboration."""

from collaboration.admin.notices import NoticeAdmin, NoticePreferenceAdmin

__all__ = ["NoticeAdmin", "NoticePreferenceAdmin"]
