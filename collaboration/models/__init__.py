"""CollaborationSession and what hangs on it: people, links, the log of updates, the board, who is here."""

from collaboration.models.board import BoardItem
from collaboration.models.links import SessionChange, SessionProduct
from collaboration.models.participant import SessionParticipant
from collaboration.models.presence import SessionPresence
from collaboration.models.session import CollaborationSession
from collaboration.models.update import SessionUpdate

__all__ = [
    "BoardItem",
    "CollaborationSession",
    "SessionChange",
    "SessionParticipant",
    "SessionPresence",
    "SessionProduct",
    "SessionUpdate",
]
