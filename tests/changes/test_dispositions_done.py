"""What happens to existing parts: carried out after the release, waited for by the closing, and told everywhere."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from changes.choices import Disposal, Place
from changes.content import canonical, content_hash, content_of, hash_of
from changes.models import Disposition, EngineeringChange
from changes.packages.contents import package_entries
from changes.selectors import change_get, disposition_list
from changes.services import (
    change_close,
    change_implement,
    disposition_complete,
    disposition_reopen,
    disposition_update,
)
from plm_project.core import clock
from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, PreconditionFailed, ValidationFailed
from plm_project.core.ids import uuid7
from tests.changes.conftest import (
    Lamp,
    People,
    approved,
    events_of,
    fresh,
    make_draft,
    make_lamp,
)
from tests.changes.existing_parts import add

pytestmark = pytest.mark.django_db

Refused = Callable[..., Any]


@pytest.fixture
def implemented(people: People, lamp: Lamp, draft: EngineeringChange) -> Disposition:
    """120 bulbs on order are to go back; the viewer sees to it."""
    row = add(
        people.author, draft, product_id=lamp.bulb.child_id, place="on_order", action="return",
        quantity=Decimal(120), cost=Decimal(30), owner_id=people.viewer.user_id, due_on=dt.date(2026, 12, 1),
    )  # fmt: skip
    approved(people, draft)
    change_implement(actor=people.analyst, change_id=draft.pk)
    return Disposition.objects.get(pk=row.pk)


def test_not_before_it_is_implemented(people: People, draft: EngineeringChange, refused: Refused) -> None:
    row = add(people.author, draft, owner_id=people.viewer.user_id)
    refused(Conflict, disposition_complete, actor=people.viewer, disposition_id=row.pk)
    approved(people, draft)
    refused(Conflict, disposition_complete, actor=people.viewer, disposition_id=row.pk)
    assert not Disposition.objects.get().is_done


def test_the_owner_says_what_was_really_done(people: People, implemented: Disposition, refused: Refused) -> None:
    version = fresh(implemented.change).version
    key = {"disposition_id": implemented.pk}
    refused(PermissionDenied, disposition_complete, actor=people.author, **key)
    refused(ValidationFailed, disposition_complete, actor=people.viewer, quantity_done=Decimal(-1), **key)
    refused(ValidationFailed, disposition_complete, actor=people.viewer, cost_done=Decimal(-1), **key)
    refused(ValidationFailed, disposition_complete, actor=people.viewer, note="x" * 2001, **key)
    refused(PreconditionFailed, disposition_complete, actor=people.viewer, expected_version=99, **key)
    refused(NotFound, disposition_complete, actor=people.viewer, disposition_id=uuid7())
    refused(Conflict, disposition_reopen, actor=people.viewer, reason="oops", **key)
    signed = content_hash(fresh(implemented.change))
    with clock.fixed(dt.datetime(2026, 12, 2, 8, tzinfo=dt.UTC)):
        assert Disposition.objects.get().is_overdue
        assert [row.pk for row in disposition_list(is_overdue=True)] == [implemented.pk]
        disposition_complete(
            actor=people.viewer, quantity_done=Decimal(100), cost_done=Decimal(41), note="20 were used", **key
        )
        assert not disposition_list(is_overdue=True).exists()
    row = Disposition.objects.get()
    assert (row.is_done, row.completed_by_id, row.quantity_done) == (True, people.viewer.user_id, Decimal(100))
    assert (row.quantity, row.cost) == (Decimal(120), Decimal(30)), "the plan stands as it was signed"
    assert content_hash(fresh(implemented.change)) == signed and fresh(implemented.change).version == version
    refused(Conflict, disposition_complete, actor=people.viewer, **key)
    refused(Conflict, disposition_update, actor=people.author, changes={"due_on": None}, **key)


def test_closing_waits_and_names_what_is_open(people: People, implemented: Disposition, refused: Refused) -> None:
    change_id = implemented.change_id
    error = refused(Conflict, change_close, actor=people.analyst, change_id=change_id)
    assert "LAMP-BULB (On order)" in str(error) and fresh(implemented.change).status == "implemented"
    disposition_complete(actor=people.analyst, disposition_id=implemented.pk)
    refused(ValidationFailed, disposition_reopen, actor=people.viewer, disposition_id=implemented.pk, reason=" ")
    refused(PermissionDenied, disposition_reopen, actor=people.author, disposition_id=implemented.pk, reason="x")
    disposition_reopen(actor=people.viewer, disposition_id=implemented.pk, reason="A box was found.")
    row = Disposition.objects.get()
    assert (row.is_done, row.completed_by_id, row.completion_note) == (False, None, "")
    refused(Conflict, change_close, actor=people.analyst, change_id=change_id)
    disposition_complete(actor=people.viewer, disposition_id=implemented.pk)
    change_close(actor=people.analyst, change_id=change_id)
    refused(Conflict, disposition_reopen, actor=people.viewer, disposition_id=implemented.pk, reason="again")
    assert fresh(implemented.change).status == "closed"


def test_closing_without_dispositions_is_as_it_was(people: People, draft: EngineeringChange) -> None:
    approved(people, draft)
    change_implement(actor=people.analyst, change_id=draft.pk)
    assert change_close(actor=people.analyst, change_id=draft.pk).status == "closed"


# --- what tells of it ------------------------------------------------------------------------------------------------
def test_events_and_the_package_tell_of_it(people: People, implemented: Disposition) -> None:
    (event,) = events_of("change_implemented")
    (told,) = event.event_data["dispositions"]
    assert (told["product_number"], told["place"], told["action"], told["due_on"]) == (
        "LAMP-BULB", "on_order", "return", "2026-12-01")  # fmt: skip
    assert Decimal(told["quantity"]) == 120
    entries = {entry.name: entry.content for entry in package_entries(fresh(implemented.change))}
    before = dict(entries)
    (row,) = json.loads(entries["change.json"] or b"")["dispositions"]
    assert (row["product_number"], row["quantity"], row["cost"]) == ("LAMP-BULB", "120", "30")
    assert "disposition" in {entry["record"] for entry in json.loads(entries["history.json"] or b"")}
    disposition_complete(actor=people.viewer, disposition_id=implemented.pk, note="gone")
    after = {entry.name: entry.content for entry in package_entries(fresh(implemented.change))}
    assert after == before, "what was sealed does not move with what is done later"


def test_packages_without_dispositions_are_as_they_always_were(people: People, draft: EngineeringChange) -> None:
    approved(people, draft)
    change_implement(actor=people.analyst, change_id=draft.pk)
    entries = {entry.name: (entry.content or b"").decode() for entry in package_entries(fresh(draft))}
    assert "disposition" not in "".join(text for name, text in entries.items() if name.endswith(".json"))


def test_lists_take_a_fixed_number_of_queries(
    people: People, draft: EngineeringChange, django_assert_num_queries: Any
) -> None:
    for place in Place.values[:3]:
        add(people.author, draft, place=place, owner_id=people.viewer.user_id)
    for _more in range(2):
        change = make_draft(people.author, make_lamp(f"LAMP{_more}"))
        add(people.author, change, action=Disposal.REWORK)
    with django_assert_num_queries(1):
        rows = list(disposition_list())
        assert [
            (row.label, row.affected.product.product_number, row.change.change_number, str(row.owner)) for row in rows
        ]
    assert disposition_list(owner_id=people.viewer.user_id).count() == 3
    assert disposition_list(place=["stock"], action=["rework"]).count() == 2
    assert disposition_list(state="done").count() == 0 and disposition_list(state="open").count() == 5
    assert len(change_get(draft.pk).dispositions.all()) == 3


def test_hashes_are_of_the_canonical_text(people: People, draft: EngineeringChange) -> None:
    add(people.author, draft)
    assert content_hash(draft) == hash_of(canonical(content_of(draft)))
