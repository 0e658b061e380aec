"""Reads of the collaboration context."""

from collaboration.selectors.access import Access, role_now, session_access, sessions_open_to
from collaboration.selectors.notices import (
    Choice,
    notice_choices,
    notice_get,
    notice_list,
    notice_preferences,
    notice_unread_count,
)
from collaboration.selectors.state import board_of, missed_updates, people_here, session_state, updates_of

__all__ = [
    "Access",
    "Choice",
    "board_of",
    "missed_updates",
    "notice_choices",
    "notice_get",
    "notice_list",
    "notice_preferences",
    "notice_unread_count",
    "people_here",
    "role_now",
    "session_access",
    "session_state",
    "sessions_open_to",
    "updates_of",
]
