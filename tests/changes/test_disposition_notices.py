"""Who has to deal with existing parts hears of it when the change is released, or when they get them afterwards."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from changes.models import Disposition, EngineeringChange
from changes.services import change_implement, disposition_add, disposition_update
from collaboration.choices import NoticeKind
from collaboration.models import Notice
from collaboration.notice_wording import wording_of
from plm_project.core.actor import Actor
from plm_project.outbox.relay import relay_tenant
from tests.changes.conftest import People, approved, events_of
from tests.conftest import MakeActor

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(make_actor: MakeActor) -> Actor:
    return make_actor("viewer", email="keeper@acme.example")


def planned(people: People, change: EngineeringChange, owner: Actor | None, **values: Any) -> Disposition:
    given = {"place": "stock", "action": "scrap", "owner_id": owner.user_id if owner else None, **values}
    return disposition_add(
        actor=people.author, change_id=change.pk, affected_id=change.affected.get().pk, values=given
    )


def told(owner: Actor) -> list[Notice]:
    return list(Notice.objects.filter(recipient_id=owner.user_id, kind=NoticeKind.DISPOSITION_WAITING).order_by("id"))


def release(people: People, change: EngineeringChange) -> None:
    approved(people, change)
    change_implement(actor=people.analyst, change_id=change.pk)
    relay_tenant(change.tenant_id)


def test_owners_are_told_once_for_all_of_theirs(people: People, draft: EngineeringChange, keeper: Actor) -> None:
    planned(people, draft, keeper, due_on=dt.date(2031, 3, 1))
    planned(people, draft, keeper, place="supplier", due_on=dt.date(2031, 2, 1))
    planned(people, draft, None, place="field")
    approved(people, draft)
    relay_tenant(draft.tenant_id)
    assert not told(keeper), "nothing is to be done before the release"
    change_implement(actor=people.analyst, change_id=draft.pk)
    relay_tenant(draft.tenant_id)
    (notice,) = told(keeper)
    words = wording_of(notice.kind, notice.facts)
    assert words.title == f"{draft.change_number}: 2 places with existing parts wait for you"
    assert words.detail == "Brighter lamp · due 2031-02-01"


def test_a_later_owner_is_told(people: People, draft: EngineeringChange, keeper: Actor) -> None:
    row = planned(people, draft, None)
    release(people, draft)
    disposition_update(actor=people.author, disposition_id=row.pk, changes={"owner_id": keeper.user_id})
    relay_tenant(draft.tenant_id)
    (notice,) = told(keeper)
    assert wording_of(notice.kind, notice.facts).title == (
        f"{draft.change_number}: existing parts of LAMP wait for you"
    )
    disposition_update(actor=people.author, disposition_id=row.pk, changes={"due_on": dt.date(2031, 2, 1)})
    relay_tenant(draft.tenant_id)
    assert len(told(keeper)) == 1 and len(events_of("disposition_assigned")) == 1


def test_an_owner_named_before_the_release_is_told_by_it_alone(
    people: People,
    draft: EngineeringChange,
    keeper: Actor,
) -> None:
    row = planned(people, draft, None)
    approved(people, draft)
    disposition_update(actor=people.author, disposition_id=row.pk, changes={"owner_id": keeper.user_id})
    relay_tenant(draft.tenant_id)
    assert not told(keeper) and not events_of("disposition_assigned")


def test_who_takes_it_themselves_is_not_told(people: People, draft: EngineeringChange) -> None:
    row = planned(people, draft, None)
    release(people, draft)
    disposition_update(actor=people.author, disposition_id=row.pk, changes={"owner_id": people.author.user_id})
    relay_tenant(draft.tenant_id)
    assert not told(people.author)
