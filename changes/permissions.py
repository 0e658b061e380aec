"""What may be done with engineering changes, and by which roles.

A permission opens the door; the record narrows it: a draft is edited by its author or who manages changes, a vote is
cast by a named approver (lifecycle.py). Implementing also needs plm.revisions.create, plm.revisions.release,
plm.bom.update and, where a product goes out of use, plm.products.retire, which the same roles hold.
"""

from __future__ import annotations

from plm_project.accounts.permissions import Declaration
from plm_project.accounts.roles import APPROVERS, EVERYONE, MANAGERS, Role

CHANGES_READ = "plm.changes.read"
CHANGES_CREATE = "plm.changes.create"
CHANGES_UPDATE = "plm.changes.update"
CHANGES_SUBMIT = "plm.changes.submit"
CHANGES_APPROVE = "plm.changes.approve"
CHANGES_IMPLEMENT = "plm.changes.implement"
CHANGES_CANCEL = "plm.changes.cancel"
CHANGES_CLOSE = "plm.changes.close"
# Edit, submit and withdraw changes that somebody else wrote.
CHANGES_MANAGE = "plm.changes.manage"
# Say that what was decided about existing parts is done: its owner, or who manages changes (services/dispositions.py).
CHANGES_DISPOSE = "plm.changes.dispose"
# Change requests: whoever reads of changes may ask for one, also a neighbouring system; change analysts answer.
REQUESTS_READ = "plm.requests.read"
REQUESTS_CREATE = "plm.requests.create"
REQUESTS_ANSWER = "plm.requests.answer"
# The approval rules and the policy of the tenant.
CHANGES_CONFIGURE = "plm.changes.configure"

_ANALYSTS = MANAGERS | {Role.CHANGE_ANALYST}
_AUTHORS = _ANALYSTS | {Role.ENGINEER, Role.COMPLIANCE_OFFICER}

PERMISSIONS: Declaration = {
    CHANGES_READ: EVERYONE,
    CHANGES_CREATE: _AUTHORS | {Role.INTEGRATION},
    CHANGES_UPDATE: _AUTHORS | {Role.INTEGRATION},
    CHANGES_SUBMIT: _AUTHORS,
    CHANGES_APPROVE: APPROVERS | MANAGERS,
    CHANGES_IMPLEMENT: _ANALYSTS,
    CHANGES_CANCEL: _ANALYSTS,
    CHANGES_CLOSE: _ANALYSTS,
    CHANGES_MANAGE: _ANALYSTS,
    CHANGES_DISPOSE: EVERYONE,
    CHANGES_CONFIGURE: MANAGERS,
    REQUESTS_READ: EVERYONE,
    REQUESTS_CREATE: EVERYONE,
    REQUESTS_ANSWER: _ANALYSTS,
}
