"""What may be done with collaboration sessions, and by which roles.

A permission opens the door; the session narrows it: it is open to its participants and to those who manage sessions,
and for everybody else it does not exist. Within it the participant's role decides (lifecycle.py, services).
"""

from __future__ import annotations

from plm_project.accounts.permissions import Declaration
from plm_project.accounts.roles import EVERYONE, MANAGERS, Role

COLLABORATION_READ = "plm.collaboration.read"
COLLABORATION_CREATE = "plm.collaboration.create"
# Run a session one hosts; write and draw in one.
COLLABORATION_UPDATE = "plm.collaboration.update"
# See and run every session of the tenant.
COLLABORATION_MANAGE = "plm.collaboration.manage"

_WRITERS = EVERYONE - {Role.VIEWER}

PERMISSIONS: Declaration = {
    COLLABORATION_READ: EVERYONE,
    COLLABORATION_CREATE: _WRITERS,
    COLLABORATION_UPDATE: _WRITERS,
    COLLABORATION_MANAGE: MANAGERS,
}
