"""What may be done in collaboration, and by which roles.

Notices are everybody's own, whatever their role: who may do nothing else can still be invited or mentioned, and a system
that was named as an approver reads its own like a person. Nobody reads another person's but who looks after the mails.
"""

from __future__ import annotations

from plm_project.accounts.permissions import Declaration
from plm_project.accounts.roles import EVERYONE, MANAGERS

NOTICES_READ = "plm.notices.read"
# Mark one's own notices read or unread, and choose how to be told.
NOTICES_UPDATE = "plm.notices.update"
# See whose mail did not arrive, and have it sent again.
NOTICES_MANAGE = "plm.notices.manage"

PERMISSIONS: Declaration = {
    NOTICES_READ: EVERYONE,
    NOTICES_UPDATE: EVERYONE,
    NOTICES_MANAGE: MANAGERS,
}
