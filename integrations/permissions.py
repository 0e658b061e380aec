"""What may be done about integrations, and by which roles.

Managers and integrations look; addresses and secrets are an administrator's matter.
"""

from __future__ import annotations

from plm_project.accounts.permissions import Declaration
from plm_project.accounts.roles import MANAGERS, Role

INTEGRATIONS_READ = "plm.integrations.read"
# Deliver again, discard, take on what waits for a person.
INTEGRATIONS_OPERATE = "plm.integrations.operate"
# Addresses, tokens, webhooks: where data of the tenant goes.
INTEGRATIONS_MANAGE = "plm.integrations.manage"

PERMISSIONS: Declaration = {
    INTEGRATIONS_READ: MANAGERS | {Role.INTEGRATION},
    INTEGRATIONS_OPERATE: MANAGERS,
    INTEGRATIONS_MANAGE: frozenset({Role.TENANT_ADMIN}),
}
