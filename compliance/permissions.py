"""What may be done about compliance, and by which roles.

Everyone reads. A waiver lets something out that was found wanting, so it has a permission of its own.
"""

from __future__ import annotations

from plm_project.accounts.permissions import Declaration
from plm_project.accounts.roles import EVERYONE, MANAGERS, Role

COMPLIANCE_READ = "plm.compliance.read"
# Assess revisions, attach evidence, say in which markets a product is sold.
COMPLIANCE_ASSESS = "plm.compliance.assess"
COMPLIANCE_WAIVE = "plm.compliance.waive"
REGULATIONS_MANAGE = "plm.regulations.manage"

_OFFICERS = MANAGERS | {Role.COMPLIANCE_OFFICER}

PERMISSIONS: Declaration = {
    COMPLIANCE_READ: EVERYONE,
    COMPLIANCE_ASSESS: _OFFICERS,
    COMPLIANCE_WAIVE: _OFFICERS,
    REGULATIONS_MANAGE: _OFFICERS,
}
