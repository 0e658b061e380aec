"""Collaboration sessions for PLM managers. A door: every write goes through the services."""

from collaboration.admin.sessions import CollaborationSessionAdmin
from collaboration.admin.updates import SessionUpdateAdmin

__all__ = ["CollaborationSessionAdmin", "SessionUpdateAdmin"]
