"""Permissions are strings, plm.<resource>.<action>. Each context declares its own with the roles that hold them.

A permission nobody declared is held by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from plm_project.accounts.roles import MANAGERS, Role

Declaration = Mapping[str, Set[Role]]

ADMIN_ACCESS = "plm.admin.access"
MEMBERS_READ = "plm.members.read"
MEMBERS_MANAGE = "plm.members.manage"
TOKENS_MANAGE = "plm.tokens.manage"
EVENTS_READ = "plm.events.read"
EVENTS_REPLAY = "plm.events.replay"

GROUND: Declaration = {
    ADMIN_ACCESS: MANAGERS,
    MEMBERS_READ: MANAGERS,
    MEMBERS_MANAGE: {Role.TENANT_ADMIN},
    TOKENS_MANAGE: {Role.TENANT_ADMIN},
    EVENTS_READ: MANAGERS,
    EVENTS_REPLAY: {Role.TENANT_ADMIN},
}

_holders: dict[str, frozenset[Role]] = {}


def register(declaration: Declaration) -> None:
    """Declare permissions with their roles. Raises ValueError when one is declared twice with other roles."""
    for permission, roles in declaration.items():
        known = _holders.setdefault(permission, frozenset(roles))
        if known != frozenset(roles):
            raise ValueError(f"{permission} is declared twice with different roles")


def for_roles(roles: Iterable[str]) -> frozenset[str]:
    """Return every permission that one of ``roles`` holds."""
    held = set(roles)
    return frozenset(permission for permission, holders in _holders.items() if holders & held)


def holders(permission: str) -> frozenset[Role]:
    """Return the roles that hold ``permission``; none when it is unknown."""
    return _holders.get(permission, frozenset())


def all_permissions() -> list[str]:
    """Return every declared permission in order."""
    return sorted(_holders)
