"""CollaborationSession and what hangs on it: people, links, the log of updates, the board, who is here. Notices. Discussions."""

from collaboration.models.board import BoardItem
from collaboration.models.discussion import Comment, DiscussionThread
from collaboration.models.links import SessionChange, SessionProduct
from collaboration.models.notice import Notice, NoticePreference
from collaboration.models.participant import SessionParticipant
from collaboration.models.presence import SessionPresence
from collaboration.models.session import CollaborationSession
from collaboration.models.update import SessionUpdate

__all__ = [
    "BoardItem",
    "CollaborationSession",
    "Comment",
    "DiscussionThread",
    "Notice",
    "NoticePreference",
    "SessionChange",
    "SessionParticipant",
    "SessionPresence",
    "SessionProduct",
    "SessionUpdate",
]
