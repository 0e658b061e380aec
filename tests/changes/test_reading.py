"""Lists, history and reach: what a reader sees, and with how many queries."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from changes.models import EngineeringChange
from changes.selectors import (
    change_difference,
    change_get,
    change_history,
    change_impact,
    change_list,
    changes_of_product,
)
from changes.services import change_implement, change_update, redline_remove, redline_update
from plm_project.core.exceptions import NotFound
from tests.changes.conftest import Lamp, People, approved, make_draft
from tests.factories import make_assembly


def queries(work: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        work()
    return len(captured)


def test_history_tells_who_when_why_and_what(people: People, lamp: Lamp, draft: EngineeringChange) -> None:
    change_update(actor=people.author, change_id=draft.pk, changes={"priority": "high", "urgency": "normal"})
    change_update(actor=people.author, change_id=draft.pk, changes={"priority": "low"})
    first, second = draft.redlines.all()
    redline_update(actor=people.author, redline_id=first.pk, changes={"quantity": 7})
    redline_remove(actor=people.author, redline_id=second.pk, reason="not now")
    approved(people, draft)
    change_implement(actor=people.analyst, change_id=draft.pk, comment="lot 7")
    entries = change_history(change_get(draft.pk))
    told = [
        (entry.record, entry.subject, entry.action, entry.why, [(c.field, c.before, c.after) for c in entry.changes])
        for entry in entries
        if entry.record != "change" or entry.changes
    ]
    assert ("redline", "Change quantity: LAMP-SCREW", "changed", "changed: quantity", [("quantity", "6", "7")]) in told
    assert ("redline", "Replace part: LAMP-BULB", "deleted", "not now", []) in told
    assert ("affected_product", "LAMP", "changed", "implemented", [("resulting_revision", None, "B")]) in told
    vote = next(row for row in told if row[0] == "approval" and row[2] == "changed")
    assert vote[1] == "technical_approver@acme.example" and ("decision", "pending", "approved") in vote[4]
    last = next(entry for entry in entries if entry.record == "change")
    assert (last.who, last.why) == ("change_analyst@acme.example", "lot 7")
    assert [entry.when for entry in entries] == sorted((entry.when for entry in entries), reverse=True)


def test_reach_and_changes_of_a_product(people: People, lamp: Lamp, draft: EngineeringChange) -> None:
    desk = make_assembly("DESK", [(lamp.product, 2)])
    make_assembly("OFFICE", [(desk, 10)])
    (reach,) = change_impact(draft)
    assert (reach.used.direct, reach.used.ancestors) == (1, 2)
    assert [(line.product_number, line.total_quantity) for line in reach.roots] == [("OFFICE", 20)]
    assert [row.pk for row in changes_of_product(lamp.product)] == [draft.pk]
    assert list(changes_of_product(desk)) == []


def test_more_changes_take_no_more_queries(people: People, lamp: Lamp, draft: EngineeringChange) -> None:
    def read() -> None:
        for change in change_list():
            str(change.created_by), change.affected_count

    one = queries(read)
    for _each in range(4):
        make_draft(people.author, lamp)
    assert queries(read) == one == 1
    single = change_get(draft.pk)
    assert queries(lambda: [change.product.product_number for change in single.affected.all()]) == 0
    assert queries(lambda: change_get(draft.pk)) <= 8
    assert queries(lambda: change_difference(draft)) <= 3
    assert queries(lambda: change_history(draft)) <= 8


def test_an_unknown_change_is_not_found(people: People, lamp: Lamp) -> None:
    with pytest.raises(NotFound):
        change_get(lamp.product.pk)
