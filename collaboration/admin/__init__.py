"""Collaboration sessions and notices for PLM managers. A door: every write goes through the services."""

from collaboration.admin.discussions import DiscussionThreadAdmin
from collaboration.admin.notices import NoticeAdmin, NoticePreferenceAdmin
from collaboration.admin.sessions import CollaborationSessionAdmin
from collaboration.admin.updates import SessionUpdateAdmin

__all__ = [
    "CollaborationSessionAdmin",
    "DiscussionThreadAdmin",
    "NoticeAdmin",
    "NoticePreferenceAdmin",
    "SessionUpdateAdmin",
]
