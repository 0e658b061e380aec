"""Reads of the collaboration context."""

from collaboration.selectors.notices import (
    Choice,
    notice_choices,
    notice_get,
    notice_list,
    notice_preferences,
    notice_unread_count,
)

__all__ = ["Choice", "notice_choices", "notice_get", "notice_list", "notice_preferences", "notice_unread_count"]
