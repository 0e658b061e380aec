"""What the tests of the approval policy share."""

from __future__ import annotations

import datetime as dt
from typing import Any

from changes.models import ApprovalRule, EngineeringChange
from changes.services import approval_rule_update, change_submit
from tests.changes.conftest import Lamp, People, fresh, make_draft

DAY = dt.timedelta(days=1)


def rule(people: People, **changes: Any) -> ApprovalRule:
    """The technical rule, changed."""
    found = ApprovalRule.objects.get(code="technical")
    return approval_rule_update(actor=people.manager, rule_id=found.pk, changes=changes)


def asked(change: EngineeringChange) -> set[str]:
    """Who is waited for now, by the first part of their address."""
    votes = fresh(change).round_approvals().filter(is_asked=True, decision="pending").select_related("approver")
    return {vote.approver.email.partition("@")[0] for vote in votes}


def submitted_by(people: People, lamp: Lamp, **data: Any) -> EngineeringChange:
    return change_submit(actor=people.author, change_id=make_draft(people.author, lamp, **data).pk)
