"""The board of changes: a column a state, whom each waits for, filters in the address, a fixed number of queries."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from changes.models import ApprovalRule, EngineeringChange
from changes.services import (
    approval_rule_update,
    change_cancel,
    change_create,
    change_implement,
    change_submit,
    change_update,
    change_withdraw,
)
from plm_project.core import clock
from tests.changes.conftest import COMPLETE, Lamp, People, make_draft, make_lamp
from tests.changes.pages.conftest import text_of, url
from tests.signing import change_approve


def columns(client: Client, query: str = "") -> dict[str, list[str]]:
    shown = client.get(url("change-board") + query).context["columns"]
    return {one.column.key: [card.change.change_number for card in one.cards] for one in shown}


def numbers(*changes: EngineeringChange) -> list[str]:
    return [change.change_number for change in changes]


def test_every_open_change_stands_in_its_column(people: People, viewer: Client) -> None:
    assert "Nothing is open" in text_of(viewer.get(url("change-board")))
    made = [make_draft(people.author, make_lamp(f"LAMP{at}")) for at in range(6)]
    for change in made[1:]:
        change_submit(actor=people.author, change_id=change.pk)
    for change in made[2:4]:
        change_approve(actor=people.technical, change_id=change.pk)
    change_implement(actor=people.analyst, change_id=made[3].pk)
    change_withdraw(actor=people.author, change_id=made[4].pk)
    change_cancel(actor=people.analyst, change_id=made[5].pk, reason="no")
    assert columns(viewer) == {
        "draft": numbers(made[0]), "submitted": numbers(made[1]), "approved": numbers(made[2]),
        "implemented": numbers(made[3]), "back": numbers(made[4]),
    }  # fmt: skip


def test_filters_stay_in_the_address(people: People, author: Client, approver: Client) -> None:
    first, second = (make_draft(people.author, make_lamp(name)) for name in ("ONE", "TWO"))
    change_update(actor=people.author, change_id=second.pk, changes={"priority": "high"})
    assert columns(author, "?priority=high")["draft"] == numbers(second)
    assert columns(author, f"?q={first.change_number}")["draft"] == numbers(first)
    assert columns(author, "?whose=mine")["draft"] == numbers(second, first)
    assert columns(approver, "?whose=mine")["draft"] == []
    affected = first.affected.get().product_id
    assert columns(author, f"?product={affected}")["draft"] == numbers(first)
    shown = text_of(author.get(url("change-board") + "?priority=high&q=x"))
    assert f'href="{url("change-list")}?priority=high&amp;q=x"' in shown
    assert f'href="{url("change-board")}?priority=high"' in text_of(author.get(url("change-list") + "?priority=high"))


def test_whom_it_waits_for_and_who_is_late(people: People, lamp: Lamp, viewer: Client) -> None:
    rule = ApprovalRule.objects.get(code="technical")
    approval_rule_update(actor=people.manager, rule_id=rule.pk, changes={"deadline_days": 1})
    change = change_submit(actor=people.author, change_id=make_draft(people.author, lamp).pk)
    vote = change.round_approvals().select_related("approver").get()

    def card() -> Any:
        (shown,) = [one for one in viewer.get(url("change-board")).context["columns"] if one.column.key == "submitted"]
        return shown.cards[0]

    assert (card().waits_for, card().is_late) == ((vote.approver.get_full_name(),), False)
    with clock.fixed(clock.now() + 2 * (vote.due_at - vote.asked_at)):
        assert card().is_late and "late" in text_of(viewer.get(url("change-board")))


def test_a_full_column_leads_to_the_list(people: People, viewer: Client) -> None:
    for _at in range(27):
        change_create(actor=people.author, data=COMPLETE)
    shown = text_of(viewer.get(url("change-board") + "?priority=medium"))
    assert "and 2 more" in shown and f"{url('change-list')}?priority=medium&amp;status=draft" in shown


@pytest.mark.parametrize("kind", ["draft", "submitted"])
def test_queries_do_not_grow(people: People, viewer: Client, kind: str) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as found:
            assert viewer.get(url("change-board")).status_code == 200
        return sum(" FROM " in query["sql"] for query in found)

    counts = []
    for at in range(3):
        change = make_draft(people.author, make_lamp(f"{kind}{at}"))
        if kind == "submitted":
            change_submit(actor=people.author, change_id=change.pk)
        counts.append(count())
    assert counts[1] == counts[2] <= 13, counts
