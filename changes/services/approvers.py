"""Who has to approve a change, and why: the tenant's approval rules over its people."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from changes.choices import Quorum, RuleWeight
from changes.exceptions import NoApprover
from changes.models import ApprovalRule, ChangePolicy, EngineeringChange
from changes.permissions import CHANGES_APPROVE
from changes.policy.attributes import PolicyFacts, facts_of
from changes.policy.conditions import NO_THRESHOLD, alternative_held, why_held
from changes.policy.tally import needed_of
from plm_project.accounts.models import Membership, User
from plm_project.accounts.permissions import for_roles
from plm_project.accounts.roles import Role
from plm_project.core import clock
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import require_tenant_id


@dataclass
class Named:
    """One approver with the rules that name them. Whom several rules name approves once."""

    user: User
    rules: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class AppliedRule:
    """A rule that applies to a change, ``why`` in words, and whom it names; ``fault`` where it could never be met."""

    rule: ApprovalRule
    why: str
    people: tuple[User, ...]
    fault: str = ""

    @property
    def is_required(self) -> bool:
        """Whether the change waits for it."""
        return self.rule.weight == RuleWeight.REQUIRED


@dataclass(frozen=True)
class AppliedPolicy:
    """All rules that apply, in the order of their steps. ``fault``: why they could decide nothing together.

    ``fast_track``: why the change goes the fast track, "" where it does not; ``fast_track_conditions`` are those of the
    policy then, as kept, and ``left_out`` the rules that would apply and do not count on the fast track.
    """

    rules: tuple[AppliedRule, ...]
    fault: str = ""
    fast_track: str = ""
    fast_track_conditions: tuple[Any, ...] = ()
    left_out: tuple[AppliedRule, ...] = ()

    @property
    def faults(self) -> tuple[str, ...]:
        """All that would refuse a submission."""
        return tuple(text for text in (*(one.fault for one in self.rules), self.fault) if text)

    def named(self) -> list[Named]:
        """Return the approvers, each once, in the order the rules name them."""
        found: dict[uuid.UUID, Named] = {}
        for one in self.rules:
            for user in one.people:
                found.setdefault(user.pk, Named(user)).rules.append(one.rule.code)
        return list(found.values())


def policy_apply(change: EngineeringChange, day: dt.date | None = None) -> AppliedPolicy:
    """Return what the policy of a day, default today, would ask of a change. Reads only: it answers before submitting.

    A rule names its own people, else every live member with its role; only who may approve at all counts. Of a change
    that goes the fast track the rules that do not count there are left out; what is refused without a required rule is
    refused there too.
    """
    day = day or clock.today()
    facts = facts_of(change)
    currency = Tenant.objects.values_list("currency", flat=True).get(pk=require_tenant_id())
    members = members_who_approve()
    applying = [
        applied
        for rule in ApprovalRule.objects.filter(is_enabled=True).prefetch_related("people")
        if rule.is_effective(day) and (applied := _applied(rule, change, facts, str(currency), members)) is not None
    ]
    asked_for, why = _fast_track(facts, str(currency))
    rules = [one for one in applying if not why or one.rule.on_fast_track]
    return AppliedPolicy(
        rules=tuple(rules),
        fault=_fault_of(rules, change),
        fast_track=why,
        fast_track_conditions=asked_for,
        left_out=tuple(one for one in applying if one not in rules),
    )


def approvers_determine(change: EngineeringChange) -> AppliedPolicy:
    """Return the policy of today for a change that is submitted now.

    Raises NoApprover when a rule that is waited for could never be met, none is waited for, or the author would be the
    only one who decides.
    """
    policy = policy_apply(change)
    if policy.faults:
        raise NoApprover(policy.faults)
    return policy


def members_who_approve() -> dict[uuid.UUID, Membership]:
    """Return the live members who may approve at all, by user, ordered by address."""
    rows = Membership.objects.filter(user__is_active=True).select_related("user").order_by("user__email")
    return {member.user_id: member for member in rows if CHANGES_APPROVE in for_roles(member.roles)}


def _fast_track(facts: PolicyFacts, currency: str) -> tuple[tuple[Any, ...], str]:
    """Return the policy's conditions of the fast track and, in words, why they hold; nothing where they do not."""
    policy = ChangePolicy.objects.first()
    if policy is None or not policy.fast_track:
        return (), ""
    group = alternative_held(policy.fast_track, facts, NO_THRESHOLD)
    if group is None:
        return (), ""
    return tuple(policy.fast_track_conditions), why_held(group, facts, NO_THRESHOLD, currency)


def _applied(
    rule: ApprovalRule,
    change: EngineeringChange,
    facts: PolicyFacts,
    currency: str,
    members: dict[uuid.UUID, Membership],
) -> AppliedRule | None:
    group = alternative_held(rule.alternatives, facts, rule.threshold)
    if group is None:
        return None
    people = _people_of(rule, members)
    left = [user for user in people if not (rule.bars_author and user.pk == change.created_by_id)]
    why = why_held(group, facts, rule.threshold, currency)
    return AppliedRule(rule, why, tuple(left), _fault(rule, people, left))


def _people_of(rule: ApprovalRule, members: dict[uuid.UUID, Membership]) -> list[User]:
    explicit = [entry.user_id for entry in rule.people.all()]
    if explicit:
        return [members[user_id].user for user_id in explicit if user_id in members]
    return [member.user for member in members.values() if rule.role in member.roles]


def _fault(rule: ApprovalRule, people: list[User], left: list[User]) -> str:
    """Return why a rule that is waited for could never be met."""
    if rule.weight != RuleWeight.REQUIRED:
        return ""
    names = {"rule": rule.label, "role": Role(rule.role).label}
    if not people:
        return _("The rule “%(rule)s” finds no approver: nobody has the role %(role)s.") % names
    if not left:
        return _("The rule “%(rule)s” finds only the author, who may not decide by it.") % names
    needed = needed_of(rule, len(left))
    if rule.decides == Quorum.COUNT and needed > len(left):
        return _("The rule “%(rule)s” needs %(needed)s approvals and finds %(count)s people.") % {
            **names,
            "needed": needed,
            "count": len(left),
        }
    return ""


def _fault_of(rules: list[AppliedRule], change: EngineeringChange) -> str:
    deciding = {user.pk for one in rules if one.is_required for user in one.people}
    if not any(one.is_required for one in rules):
        return _("No rule in force asks for an approval: without one nothing is released.")
    if deciding == {change.created_by_id}:
        return _("The author would be the only approver. Somebody else must approve too.")
    return ""
