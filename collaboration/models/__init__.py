"""The records of collaboration."""

from collaboration.models.notice import Notice, NoticePreference

__all__ = ["Notice", "NoticePreference"]
