"""What may be done about integrations, and by which roles.

Managers and integrations look; addresses and secrets are an administrator's matter.
"""

from __future__ import annotations

from plm_project.accounts.permissions import Declaration
from plm_project.accounts.roles import EVERYONE, MANAGERS, Role

INTEGRATIONS_READ = "plm.integrations.read"
# What this installation is and offers: no secret to anybody who may call.
CAPABILITY_READ = "plm.capability.read"
# Ask for suggestions on a product, and judge what comes back.
SUGGESTIONS_READ = "plm.suggestions.read"
SUGGESTIONS_ASK = "plm.suggestions.ask"
# Deliver again, discard, take on what waits for a person.
INTEGRATIONS_OPERATE = "plm.integrations.operate"
# Addresses, tokens, webhooks: where data of the tenant goes.
INTEGRATIONS_MANAGE = "plm.integrations.manage"

PERMISSIONS: Declaration = {
    SUGGESTIONS_READ: EVERYONE,
    SUGGESTIONS_ASK: MANAGERS | {Role.ENGINEER, Role.CHANGE_ANALYST},
    CAPABILITY_READ: EVERYONE,
    INTEGRATIONS_READ: MANAGERS | {Role.INTEGRATION},
    INTEGRATIONS_OPERATE: MANAGERS,
    INTEGRATIONS_MANAGE: frozenset({Role.TENANT_ADMIN}),
}
