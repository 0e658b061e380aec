"""Reads of the collaboration context."""

from collaboration.selectors.access import Access, role_now, session_access, sessions_open_to
from collaboration.selectors.state import board_of, missed_updates, people_here, session_state, updates_of

__all__ = [
    "Access",
    "board_of",
    "missed_updates",
    "people_here",
    "role_now",
    "session_access",
    "session_state",
    "sessions_open_to",
    "updates_of",
]
