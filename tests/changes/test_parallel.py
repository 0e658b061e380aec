"""Two people at once, on two connections."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from changes.models import Approval, Disposition, EngineeringChange
from changes.services import (
    change_cancel,
    change_close,
    change_create,
    change_implement,
    change_submit,
    change_withdraw,
    disposition_add,
    disposition_complete,
    disposition_reopen,
)
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import ProductRevision
from tests.changes.conftest import COMPLETE, Lamp, events_of, make_draft, make_lamp
from tests.conftest import MakeActor
from tests.parallel import at_once, refusals
from tests.signing import change_approve, change_reject

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@dataclass
class Firm:
    """A tenant with a lamp and people; everything is committed, so that every connection sees it."""

    tenant: Tenant
    lamp: Lamp
    author: Actor
    manager: Actor
    approvers: list[Actor]

    def submitted(self) -> uuid.UUID:
        with tenant_scope(self.tenant.pk):
            change = make_draft(self.author, self.lamp)
            change_submit(actor=self.author, change_id=change.pk)
        return change.pk

    def approved(self) -> uuid.UUID:
        change_id = self.submitted()
        with tenant_scope(self.tenant.pk):
            for actor in self.approvers:
                change_approve(actor=actor, change_id=change_id)
        return change_id

    def disposed(self) -> tuple[uuid.UUID, uuid.UUID]:
        """An implemented change with one disposition to be done."""
        with tenant_scope(self.tenant.pk):
            change = make_draft(self.author, self.lamp)
            row = disposition_add(
                actor=self.author,
                change_id=change.pk,
                affected_id=change.affected.get().pk,
                values={"place": "stock", "action": "scrap"},
            )
            change_submit(actor=self.author, change_id=change.pk)
            for actor in self.approvers:
                change_approve(actor=actor, change_id=change.pk)
            change_implement(actor=self.manager, change_id=change.pk)
        return change.pk, row.pk


@pytest.fixture
def firm(tenant: Tenant, make_actor: MakeActor) -> Firm:
    with tenant_scope(tenant.pk):
        lamp = make_lamp()
    return Firm(
        tenant,
        lamp,
        make_actor("engineer"),
        make_actor("plm_manager"),
        [make_actor("technical_approver", email=f"approver{n}@acme.example") for n in (1, 2)],
    )


@pytest.mark.parametrize("attempt", range(3))
def test_two_implementers_release_once(firm: Firm, attempt: int) -> None:
    change_id = firm.approved()
    answers = at_once(
        firm.tenant, [lambda: change_implement(actor=firm.manager, change_id=change_id) for _each in range(3)]
    )
    assert len(refusals(answers)) == 2
    assert all(isinstance(found, Conflict) and "already implemented" in found.message for found in refusals(answers))
    with tenant_scope(firm.tenant.pk):
        labels = ProductRevision.objects.filter(product=firm.lamp.product).order_by("sequence")
        assert list(labels.values_list("label", "state")) == [("A", "superseded"), ("B", "released")]
        assert len(events_of("change_implemented")) == 1


def test_two_changes_of_one_product_do_not_take_the_same_letter(firm: Firm) -> None:
    ids = [firm.approved(), firm.approved()]
    answers = at_once(
        firm.tenant,
        [lambda key=key: change_implement(actor=firm.manager, change_id=key) for key in ids],  # type: ignore[misc]
    )
    (refusal,) = refusals(answers)
    assert isinstance(refusal, Conflict) and "Revision A of LAMP is no longer the current one; B is" in refusal.message
    with tenant_scope(firm.tenant.pk):
        assert sorted(EngineeringChange.objects.values_list("status", flat=True)) == ["approved", "implemented"]
        assert ProductRevision.objects.filter(product=firm.lamp.product).count() == 2


@pytest.mark.parametrize("attempt", range(3))
def test_the_last_two_votes_at_once_approve_once(firm: Firm, attempt: int) -> None:
    change_id = firm.submitted()
    answers = at_once(
        firm.tenant,
        [lambda a=actor: change_approve(actor=a, change_id=change_id) for actor in firm.approvers],  # type: ignore[misc]
    )
    assert refusals(answers) == []
    with tenant_scope(firm.tenant.pk):
        assert EngineeringChange.objects.get(pk=change_id).status == "approved"
        assert len(events_of("change_approved")) == 1


def test_one_vote_sent_twice_counts_once(firm: Firm) -> None:
    change_id = firm.submitted()
    voter = firm.approvers[0]
    answers = at_once(firm.tenant, [lambda: change_approve(actor=voter, change_id=change_id) for _each in range(2)])
    (refusal,) = refusals(answers)
    assert "decided already" in refusal.message
    with tenant_scope(firm.tenant.pk):
        assert Approval.objects.filter(change_id=change_id, decision="approved").count() == 1
        assert EngineeringChange.objects.get(pk=change_id).status == "submitted"


def test_a_vote_against_a_withdrawal(firm: Firm) -> None:
    """Whoever comes first decides; the other is told, and there is never a vote on a change that is back in a draft."""
    change_id = firm.submitted()
    answers = at_once(
        firm.tenant,
        [
            lambda: change_reject(actor=firm.approvers[0], change_id=change_id, comment="no"),
            lambda: change_withdraw(actor=firm.author, change_id=change_id),
            lambda: change_cancel(actor=firm.manager, change_id=change_id, reason="stop"),
        ],
    )
    assert len(refusals(answers)) == 2 and all(isinstance(found, Conflict) for found in refusals(answers))
    with tenant_scope(firm.tenant.pk):
        change = EngineeringChange.objects.get(pk=change_id)
        assert change.status in ("rejected", "withdrawn", "cancelled")
        voted = Approval.objects.filter(change=change, decision="rejected").exists()
        assert voted == (change.status == "rejected") == bool(events_of("change_rejected"))


def test_numbers_have_no_gaps_and_no_repeats(firm: Firm) -> None:
    """Every third taker fails after it has its number: the number goes to somebody else."""

    def take(index: int) -> Any:
        change = change_create(actor=firm.author, data=COMPLETE)
        if index % 3 == 0:
            raise ZeroDivisionError
        return change.change_number

    takers = [lambda n=n: take(n) for n in range(12)]  # type: ignore[misc]
    answers = at_once(firm.tenant, takers, also=(ZeroDivisionError,))
    made = sorted(answer for answer in answers if isinstance(answer, str))
    assert made == [f"ECO-{n:06d}" for n in range(1, 9)]


@pytest.mark.parametrize("attempt", range(3))
def test_a_disposition_is_completed_once(firm: Firm, attempt: int) -> None:
    """Two say at once that it is done: one is told that it is, and what the first said stands."""
    _change_id, row_id = firm.disposed()
    answers = at_once(
        firm.tenant,
        [partial(disposition_complete, actor=firm.manager, disposition_id=row_id, note=f"by {n}") for n in range(3)],
    )
    assert len(refusals(answers)) == 2
    assert all(isinstance(found, Conflict) and "is done already" in found.message for found in refusals(answers))
    with tenant_scope(firm.tenant.pk):
        row = Disposition.objects.get(pk=row_id)
        assert row.is_done and row.completion_note.startswith("by ")
        assert row.history.filter(completed_at__isnull=False).count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_closing_against_opening_a_disposition_again(firm: Firm, attempt: int) -> None:
    """Never is a change closed with something left to do."""
    change_id, row_id = firm.disposed()
    with tenant_scope(firm.tenant.pk):
        disposition_complete(actor=firm.manager, disposition_id=row_id)
    answers = at_once(
        firm.tenant,
        [
            lambda: change_close(actor=firm.manager, change_id=change_id),
            lambda: disposition_reopen(actor=firm.manager, disposition_id=row_id, reason="one more box"),
        ],
    )
    assert len(refusals(answers)) == 1 and isinstance(refusals(answers)[0], Conflict)
    with tenant_scope(firm.tenant.pk):
        closed = EngineeringChange.objects.get(pk=change_id).status == "closed"
        assert Disposition.objects.get(pk=row_id).is_done == closed
