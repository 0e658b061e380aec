"""Who has to approve a change: the four rules of SPEC §5 over the tenant's own settings and people."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from changes.choices import HIGH_PRIORITIES, QUALITY_TYPES, RuleCode, Urgency
from changes.exceptions import AuthorAlone, NoApprover
from changes.models import ApprovalRule, EngineeringChange
from changes.permissions import CHANGES_APPROVE
from plm_project.accounts.models import Membership, User
from plm_project.accounts.permissions import for_roles
from plm_project.accounts.roles import Role

Condition = Callable[[EngineeringChange, ApprovalRule], bool]


@dataclass
class Named:
    """One approver with the rules that name them. Whom several rules name approves once."""

    user: User
    rules: list[str] = field(default_factory=list)


CONDITIONS: dict[str, Condition] = {
    RuleCode.TECHNICAL: lambda _change, _rule: True,
    RuleCode.FINANCIAL: lambda change, rule: abs(change.cost_impact) > rule.threshold,
    RuleCode.QUALITY: lambda change, _rule: change.change_type in QUALITY_TYPES,
    RuleCode.MANAGEMENT: lambda change, _rule: change.priority in HIGH_PRIORITIES or change.urgency == Urgency.URGENT,
}


def rules_for(change: EngineeringChange) -> list[ApprovalRule]:
    """Return the rules in force that apply to the change."""
    rules = ApprovalRule.objects.filter(is_enabled=True).prefetch_related("people")
    return [rule for rule in rules if CONDITIONS[rule.code](change, rule)]


def approvers_determine(change: EngineeringChange) -> list[Named]:
    """Return who has to approve the change, each once.

    A rule names its own people, else every live member with its role; only who may approve at all counts. Raises
    NoApprover when a rule finds nobody (or no rule applies), AuthorAlone when the author would be the only one.
    """
    rules = rules_for(change)
    members = {
        member.user_id: member
        for member in Membership.objects.filter(user__is_active=True).select_related("user").order_by("user__email")
        if CHANGES_APPROVE in for_roles(member.roles)
    }
    named: dict[uuid.UUID, Named] = {}
    missing: list[tuple[str, str]] = []
    for rule in rules:
        people = _people_of(rule, members)
        if not people:
            missing.append((str(rule), str(Role(rule.role).label)))
        for member in people:
            named.setdefault(member.user_id, Named(member.user)).rules.append(rule.code)
    if not rules:
        missing.append((str(RuleCode.TECHNICAL.label), str(Role.TECHNICAL_APPROVER.label)))
    if missing:
        raise NoApprover(missing)
    if set(named) == {change.created_by_id}:
        raise AuthorAlone
    return list(named.values())


def _people_of(rule: ApprovalRule, members: dict[uuid.UUID, Membership]) -> list[Membership]:
    explicit = [entry.user_id for entry in rule.people.all()]
    if explicit:
        return [members[user_id] for user_id in explicit if user_id in members]
    return [member for member in members.values() if rule.role in member.roles]
