"""Asking the tenant's own access control (the neighbour auth_rbac) about what the roles here allow."""

from __future__ import annotations

import uuid

import structlog
from django.conf import settings
from django.core.cache import cache

from integrations.clients.call import call
from integrations.contracts.judging import answer_fault
from integrations.contracts.permission_check import CONTRACT, CheckFacts
from integrations.exceptions import BreakerOpen, CallFailed
from integrations.models import Target
from integrations.permissions import INTEGRATIONS_MANAGE, INTEGRATIONS_READ
from plm_project.accounts.roles import Role
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope

log = structlog.get_logger(__name__)

ACCESS_CONTROL = CONTRACT.neighbour
HOLDS_SECONDS = 30  # an answer; what is taken away there is taken away here this much later
DENIED_SECONDS = 5  # a failure: soon asked again
SECONDS = 3.0  # somebody waits for the page
# An administrator can always reach the page where the neighbour is put right or switched off: else one that is broken
# would lock everybody out for ever.
WAY_BACK = frozenset({INTEGRATIONS_READ, INTEGRATIONS_MANAGE})


def is_authorized(actor: Actor, permission: str) -> bool:
    """Return what the access control says, from the cache for ``HOLDS_SECONDS``. Any failure denies."""
    if permission in WAY_BACK and Role.TENANT_ADMIN in actor.roles:
        return True
    if actor.user_id is None:
        return False
    key = f"permission:{actor.tenant_id}:{actor.user_id}:{permission}"
    known: bool | None = cache.get(key)
    if known is not None:
        return known
    answer = _ask(CheckFacts(actor.user_id, permission, actor.tenant_id))
    cache.set(key, answer is True, HOLDS_SECONDS if answer is not None else DENIED_SECONDS)
    return answer is True


def _ask(facts: CheckFacts) -> bool | None:
    """Return the answer, None where there is none that can be relied on."""
    with tenant_scope(facts.tenant_id):
        target = Target.objects.filter(neighbour_key=ACCESS_CONTROL, is_enabled=True).first()
    if target is None:
        return None
    try:
        answer = call(
            target.endpoint(private_allowed=settings.INTEGRATIONS_ALLOW_PRIVATE),
            method=CONTRACT.method,
            path=CONTRACT.path,
            payload=CONTRACT.map(facts),
            success=CONTRACT.success,
            seconds=SECONDS,
        )
    except (CallFailed, BreakerOpen) as failure:
        log.warning("permission_not_checked", reason=str(failure)[:200])
        return None
    if fault := answer_fault(CONTRACT, answer.body):
        log.warning("permission_not_checked", reason=fault[:200])
        return None
    return bool(answer.body["authorized"])


def access_control_note(tenant_id: uuid.UUID, target: Target | None) -> None:
    """Note on the tenant whether its access control is asked from now on."""
    since = target.updated_at if target is not None and target.is_enabled and not target.is_deleted else None
    Tenant.objects.filter(pk=tenant_id).update(access_control_since=since)
