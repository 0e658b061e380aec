"""The approval policy with several people at once, on connections of their own."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest

from changes.models import Approval, ApprovalRule, Delegation, EngineeringChange
from changes.services import approval_rule_update, approvals_chase, delegation_add
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict
from plm_project.tenancy.scope import tenant_scope
from tests.changes.conftest import events_of
from tests.changes.test_parallel import Firm, firm  # noqa: F401 # its firm is a fixture
from tests.conftest import MakeActor
from tests.parallel import at_once, refusals
from tests.signing import change_approve

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

DAY = dt.timedelta(days=1)


@pytest.fixture
def quick(firm: Firm) -> Firm:  # noqa: F811 # the fixture by its name
    """Any of the two approvers is enough, within a day."""
    with tenant_scope(firm.tenant.pk):
        rule = ApprovalRule.objects.get(code="technical")
        approval_rule_update(
            actor=firm.manager,
            rule_id=rule.pk,
            changes={"decides": "any", "deadline_days": 1, "escalation_role": "plm_manager"},
        )
    return firm


def test_either_of_two_at_once_approves_once(quick: Firm) -> None:
    change_id = quick.submitted()
    answers = at_once(
        quick.tenant, [partial(change_approve, actor=actor, change_id=change_id) for actor in quick.approvers]
    )
    (refusal,) = refusals(answers)
    assert isinstance(refusal, Conflict) and "there is nothing to decide" in refusal.message
    with tenant_scope(quick.tenant.pk):
        assert EngineeringChange.objects.get(pk=change_id).status == "approved"
        assert len(events_of("change_approved")) == 1


def test_owner_and_deputy_cast_one_vote(firm: Firm, make_actor: MakeActor) -> None:  # noqa: F811 # as above
    deputy = make_actor("quality_approver", email="deputy@acme.example")
    owner = firm.approvers[0]
    assert deputy.user_id is not None and owner.user_id is not None
    with tenant_scope(firm.tenant.pk):
        today = clock.today()
        delegation_add(actor=owner, deputy_id=deputy.user_id, first_day=today, last_day=today + DAY)
    change_id = firm.submitted()
    answers = at_once(
        firm.tenant, [partial(change_approve, actor=actor, change_id=change_id) for actor in (owner, deputy)]
    )
    (refusal,) = refusals(answers)
    assert isinstance(refusal, Conflict) and "decided already" in refusal.message
    with tenant_scope(firm.tenant.pk):
        assert Approval.objects.filter(change_id=change_id, decision="approved").count() == 1


def test_one_deputy_a_day(firm: Firm, make_actor: MakeActor) -> None:  # noqa: F811 # as above
    deputies = [make_actor("quality_approver", email=f"deputy{n}@acme.example").user_id for n in (1, 2)]
    today = clock.today()
    answers = at_once(
        firm.tenant,
        [
            partial(delegation_add, actor=firm.approvers[0], deputy_id=key, first_day=today, last_day=today)
            for key in deputies
            if key is not None
        ],
    )
    (refusal,) = refusals(answers)
    assert isinstance(refusal, Conflict) and "stands in from" in refusal.message
    with tenant_scope(firm.tenant.pk):
        assert Delegation.objects.count() == 1


def test_two_schedules_hand_up_once(quick: Firm) -> None:
    change_id = quick.submitted()
    with tenant_scope(quick.tenant.pk):
        for vote in Approval.objects.filter(change_id=change_id):
            vote.due_at = clock.now() - DAY
            vote.save_as(Actor.system(quick.tenant.pk, "tests"), reason="long ago", update_fields=["due_at"])
    system = Actor.system(quick.tenant.pk, "tests")
    answers = at_once(quick.tenant, [partial(approvals_chase, actor=system) for _each in range(2)])
    assert refusals(answers) == [] and sorted(done.escalated for done in answers) == [0, 2]
    with tenant_scope(quick.tenant.pk):
        assert len(events_of("approvals_asked")) == 1
        assert Approval.objects.filter(change_id=change_id).count() == 3
