"""What may be done with collaboration sessions and with notices, and by which roles.

A permission opens the door; the session narrows it: it is open to its participants and to those who manage sessions,
and for everybody else it does not exist. Within it the participant's role decides (lifecycle.py, services).

Notices are everybody's own, whatever their role: who may do nothing else can still be invited or mentioned, and a system
that was named as an approver reads its own like a person. Nobody sees another's but who looks after the mails.
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
NOTICES_READ = "plm.notices.read"
# Mark one's own notices read or unread, and choose how to be told.
NOTICES_UPDATE = "plm.notices.update"
# See whose mail did not arrive, and have it sent again.
NOTICES_MANAGE = "plm.notices.manage"

_WRITERS = EVERYONE - {Role.VIEWER}

PERMISSIONS: Declaration = {
    COLLABORATION_READ: EVERYONE,
    COLLABORATION_CREATE: _WRITERS,
    COLLABORATION_UPDATE: _WRITERS,
    COLLABORATION_MANAGE: MANAGERS,
    NOTICES_READ: EVERYONE,
    NOTICES_UPDATE: EVERYONE,
    NOTICES_MANAGE: MANAGERS,
}
