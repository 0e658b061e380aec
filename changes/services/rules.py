"""The tenant's approval policy: four rules made with the tenant, and those its managers add."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from changes import permissions
from changes.choices import RuleCode
from changes.models import ApprovalRule, RuleApprover
from plm_project.accounts.models import Membership
from plm_project.accounts.roles import Role
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, ValidationFailed
from products.services.inputs import apply, clean

DEFAULT_ROLES = {
    RuleCode.TECHNICAL: Role.TECHNICAL_APPROVER,
    RuleCode.FINANCIAL: Role.FINANCIAL_APPROVER,
    RuleCode.QUALITY: Role.QUALITY_APPROVER,
    RuleCode.MANAGEMENT: Role.MANAGEMENT_APPROVER,
}
CHANGEABLE = frozenset(
    {
        "name", "conditions", "role", "threshold", "is_enabled", "weight", "decides", "quorum", "step", "bars_author",
        "bars_release", "on_fast_track", "effective_from", "effective_to", "deadline_days", "remind_days", "escalation_role",
    }
)  # fmt: skip


def approval_rules_provide(actor: Actor) -> None:
    """Give a tenant the rules it does not have yet. Runs for every new tenant; may run again."""
    known = set(ApprovalRule.all_objects.values_list("code", flat=True))
    for code, role in DEFAULT_ROLES.items():
        if code not in known:
            ApprovalRule(tenant_id=actor.tenant_id, code=code, role=role).save_as(actor, reason=_("default rule"))


@transaction.atomic
def approval_rule_add(*, actor: Actor, data: Mapping[str, Any], people: Sequence[uuid.UUID] = ()) -> ApprovalRule:
    """Add a rule of the tenant's own: ``data`` as in ``approval_rule_update``, with at least a name and a role.

    Raises ValidationFailed naming the field, also for a condition that cannot be read and for people who are no members.
    """
    actor.require(permissions.CHANGES_CONFIGURE)
    rule = ApprovalRule(tenant_id=actor.tenant_id)
    apply(rule, data, allowed=CHANGEABLE)
    if not rule.name.strip():
        raise ValidationFailed.field("name", _("Give it a name."))
    rule.code = _free_code(rule.name)
    rule.conditions = [] if rule.conditions is None else rule.conditions
    clean(rule)
    rule.save_as(actor, reason=_("added"))
    _name(actor, rule, set(people))
    return rule


@transaction.atomic
def approval_rule_update(
    *,
    actor: Actor,
    rule_id: uuid.UUID,
    changes: Mapping[str, Any],
    people: Sequence[uuid.UUID] | None = None,
    expected_version: int | None = None,
) -> ApprovalRule:
    """Change a rule, and whom it names. ``changes``: the fields of ``ApprovalRule`` but for its code.

    ``people`` are user ids: exactly these decide from now on; an empty list gives it back to the role; None leaves it.
    Changes already submitted keep their approvers. Raises ValidationFailed, also for somebody who is no member.
    """
    rule = _rule_locked(actor, rule_id)
    rule.expect_version(expected_version)
    changed = set(apply(rule, changes, allowed=CHANGEABLE))
    if not rule.name.strip() and rule.code not in RuleCode.values:
        raise ValidationFailed.field("name", _("Give it a name."))
    clean(rule)
    if people is not None and _name(actor, rule, set(people)):
        changed.add("people")
    if not changed:
        return rule
    return rule.save_as(actor, reason=_("changed: %(fields)s") % {"fields": ", ".join(sorted(changed))})


@transaction.atomic
def approval_rule_remove(
    *, actor: Actor, rule_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> ApprovalRule:
    """Take a rule of the tenant's own away. The four standard ones are switched off instead (Conflict)."""
    rule = _rule_locked(actor, rule_id)
    rule.expect_version(expected_version)
    if rule.code in RuleCode.values:
        raise Conflict(_("A standard rule is switched off, not removed."))
    return rule.soft_delete_as(actor, reason=reason or _("removed"))


def _rule_locked(actor: Actor, rule_id: uuid.UUID) -> ApprovalRule:
    actor.require(permissions.CHANGES_CONFIGURE)
    rule = ApprovalRule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None:
        raise NotFound(_("There is no such rule."))
    return rule


def _free_code(name: str) -> str:
    """Return a code that no rule of the tenant has or had: votes of former rounds name theirs by it."""
    stem = slugify(name)[:34] or "rule"
    taken = set(ApprovalRule.all_objects.values_list("code", flat=True))
    return next(code for number in count(1) if (code := stem if number == 1 else f"{stem}-{number}") not in taken)


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
