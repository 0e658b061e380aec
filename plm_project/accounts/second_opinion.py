"""A second opinion on permissions: what the roles here allow, an access control of the tenant's own may still refuse.

A context that can ask one registers it; it is asked for tenants that have switched it on (``Tenant.access_control_since``)
and never for the system. It can take away and never give.
"""

from __future__ import annotations

from collections.abc import Callable

from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant

Opinion = Callable[[Actor, str], bool]

_registered: list[Opinion] = []


def register_second_opinion(opinion: Opinion) -> None:
    """Have ``opinion(actor, permission)`` asked. It answers False for whatever is not certain."""
    _registered[:] = [opinion]


def second_opinion_for(tenant: Tenant) -> Opinion | None:
    """Return whom to ask for this tenant; None: the roles alone decide."""
    return _registered[0] if _registered and tenant.access_control_since is not None else None
