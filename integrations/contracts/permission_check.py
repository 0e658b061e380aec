"""plm_permission_check (SPEC §7): may this person do that here? Asked while somebody waits, so it is no delivery."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from integrations.contracts.base import Contract, Subject
from integrations.contracts.schemas import ID, TEXT, answer, message
from plm_project.accounts.models import Membership
from plm_project.tenancy.scope import require_tenant_id
from products.permissions import PRODUCTS_READ

RESOURCE = "plm"


@dataclass(frozen=True)
class CheckFacts:
    """Who wants to do what in which tenant."""

    user_id: uuid.UUID
    permission: str
    tenant_id: uuid.UUID


def gather(subject: Subject) -> CheckFacts:
    """For a dry run on a member: whether they may read products."""
    member = Membership.objects.get(user_id=subject.entity_id)
    return CheckFacts(member.user_id, str(subject.data.get("permission", PRODUCTS_READ)), require_tenant_id())


def to_payload(facts: CheckFacts) -> dict[str, Any]:
    """Say it in the platform's words."""
    return {
        "user_id": str(facts.user_id),
        "permission": facts.permission,
        "tenant_id": str(facts.tenant_id),
        "resource": RESOURCE,
    }


CONTRACT = Contract(
    key="plm_permission_check",
    version=1,
    neighbour="auth_rbac",
    title=gettext_lazy("Permission check"),
    path="/api/v1/permissions/check",
    triggers=(),
    success=frozenset({200}),
    schema=message(user_id=ID, permission=TEXT, tenant_id=ID, resource={"const": RESOURCE}),
    answer_schema=answer(authorized={"type": "boolean"}),
    gather=gather,
    map=to_payload,
    mapping=(("user_id", "user_id"), ("permission", "permission"), ("tenant_id", "tenant_id")),
)
