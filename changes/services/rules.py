"""The tenant's approval rules: four, made with the tenant, changed by its managers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from changes import permissions
from changes.choices import RuleCode
from changes.models import ApprovalRule, RuleApprover
from plm_project.accounts.models import Membership
from plm_project.accounts.roles import Role
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound, ValidationFailed
from products.services.inputs import apply, clean

DEFAULT_ROLES = {
    RuleCode.TECHNICAL: Role.TECHNICAL_APPROVER,
    RuleCode.FINANCIAL: Role.FINANCIAL_APPROVER,
    RuleCode.QUALITY: Role.QUALITY_APPROVER,
    RuleCode.MANAGEMENT: Role.MANAGEMENT_APPROVER,
}
CHANGEABLE = frozenset({"role", "threshold", "is_enabled"})


def approval_rules_provide(actor: Actor) -> None:
    """Give a tenant the rules it does not have yet. Runs for every new tenant; may run again."""
    known = set(ApprovalRule.all_objects.values_list("code", flat=True))
    for code, role in DEFAULT_ROLES.items():
        if code not in known:
            ApprovalRule(tenant_id=actor.tenant_id, code=code, role=role).save_as(actor, reason=_("default rule"))


@transaction.atomic
def approval_rule_update(
    *,
    actor: Actor,
    rule_id: uuid.UUID,
    changes: Mapping[str, Any],
    people: Sequence[uuid.UUID] | None = None,
    expected_version: int | None = None,
) -> ApprovalRule:
    """Change a rule's ``role``, ``threshold`` (in the tenant's currency) or ``is_enabled``, and whom it names.

    ``people`` are user ids: exactly these decide from now on; an empty list gives it back to the role; None leaves it.
    Changes already submitted keep their approvers. Raises ValidationFailed, also for somebody who is no member.
    """
    actor.require(permissions.CHANGES_CONFIGURE)
    rule = ApprovalRule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None:
        raise NotFound(_("There is no such rule."))
    rule.expect_version(expected_version)
    changed = set(apply(rule, changes, allowed=CHANGEABLE))
    clean(rule)
    if people is not None and _name(actor, rule, set(people)):
        changed.add("people")
    if not changed:
        return rule
    return rule.save_as(actor, reason=_("changed: %(fields)s") % {"fields": ", ".join(sorted(changed))})


def _name(actor: Actor, rule: ApprovalRule, wanted: set[uuid.UUID]) -> bool:
    """Make the rule name exactly these people; return whether that changed anything."""
    members = set(Membership.objects.filter(user_id__in=wanted).values_list("user_id", flat=True))
    if wanted - members:
        raise ValidationFailed.field("people", _("Only members of this tenant can approve."))
    named = set(rule.people.values_list("user_id", flat=True))
    rule.people.filter(user_id__in=named - wanted).delete()
    RuleApprover.objects.bulk_create(
        [RuleApprover(tenant_id=actor.tenant_id, rule=rule, user_id=user_id) for user_id in sorted(wanted - named)]
    )
    return named != wanted
