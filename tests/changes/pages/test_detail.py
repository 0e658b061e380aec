from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from changes.models import EngineeringChange
from changes.services import (
    affected_add,
    change_create,
    change_implement,
    change_reopen,
    change_update,
    redline_add,
)
from tests.changes.conftest import Lamp, People, approved, make_draft, make_lamp, submitted
from tests.changes.pages.conftest import text_of, url
from tests.factories import make_line, make_product
from tests.products.api.test_query_budgets import CONTROL
from tests.signing import change_reject


def page(client: Client, change: EngineeringChange, query: str = "") -> str:
    response = client.get(f"{change.get_absolute_url()}{query}")
    assert response.status_code == 200
    return text_of(response)


def rows(client: Client, change: EngineeringChange, query: str = "") -> list[tuple[str, str]]:
    found = client.get(f"{change.get_absolute_url()}{query}").context["pictures"]
    return [(row.kind, row.number) for picture in found for row in picture.rows]


def test_the_redlines_by_sign_word_and_value(
    people: People, lamp: Lamp, draft: EngineeringChange, viewer: Client
) -> None:
    redline_add(
        actor=people.author, change_id=draft.pk, operation="remove", line_id=lamp.cable.pk, note="wireless now"
    )
    redline_add(
        actor=people.author,
        change_id=draft.pk,
        operation="add",
        affected_id=draft.affected.get().pk,
        values={"child_id": lamp.socket.pk, "quantity": 2, "find_number": 15},
    )
    shown = page(viewer, draft)
    assert 'class="diff-changed"' in shown and 'class="diff-removed"' in shown and 'class="diff-added"' in shown
    for word in ("Added", "Removed", "Changed"):
        assert f'<span class="visually-hidden">{word}</span>' in shown
    assert '<del><span class="visually-hidden">before: </span>4</del>' in shown
    assert '<ins><span class="visually-hidden">now: </span>6</ins>' in shown
    assert "wireless now" in shown and "1 added" in shown and "1 removed" in shown and "2 changed" in shown


def test_unchanged_lines_fold_away(people: People, lamp: Lamp, draft: EngineeringChange, viewer: Client) -> None:
    changed = [("changed", "LAMP-GLASS"), ("changed", "LAMP-SCREW")]
    everything = [*changed, ("unchanged", "LAMP-CABLE")]
    assert rows(viewer, draft) == everything
    assert rows(viewer, draft, "?lines=changed") == changed
    submitted(people, draft)
    assert rows(viewer, draft) == changed
    assert rows(viewer, draft, "?lines=all") == everything
    assert "Show unchanged lines" in page(viewer, draft)


def test_what_is_missing_is_linked_to_where_it_is_mended(people: People, lamp: Lamp, author: Client) -> None:
    change = change_create(actor=people.author, data={"change_title": "Brighter lamp"})
    shown = page(author, change)
    assert f'<a href="{url("change-edit", change)}#id_reason_for_change">Reason for the change</a>' in shown
    assert f'<a href="{change.get_absolute_url()}#add-product">Affected products</a>' in shown
    assert "Something is still missing" in shown and 'data-dialog-open="step-submit' not in shown
    affected = affected_add(actor=people.author, change_id=change.pk, product_id=lamp.product.pk)
    shown = page(author, change)
    assert f'#affected-{affected.pk}">LAMP</a>: Nothing changes here' in shown
    redline_add(
        actor=people.author,
        change_id=change.pk,
        operation="find_number",
        line_id=lamp.screw.pk,
        values={"find_number": 10},
    )
    redline_add(
        actor=people.author,
        change_id=change.pk,
        operation="add",
        affected_id=affected.pk,
        values={"child_id": lamp.product.pk, "quantity": 1},
    )
    change_update(actor=people.author, change_id=change.pk, changes={"reason_for_change": "More light."})
    shown = page(author, change)
    assert (
        f'<a href="{url("line-edit", change, lamp.screw)}">LAMP · LAMP-SCREW</a>: Find number 10 is used twice'
        in shown
    )
    added = change.redlines.get(operation="add")
    assert (
        f'<a href="{url("addition-edit", change, added)}">LAMP · LAMP</a>: A product cannot contain itself.' in shown
    )


def test_who_will_have_to_approve_and_why(
    people: People, lamp: Lamp, draft: EngineeringChange, author: Client
) -> None:
    shown = page(author, draft)
    assert "Who will have to approve" in shown and "every change" in shown
    change_update(
        actor=people.author,
        change_id=draft.pk,
        changes={"cost_impact": 9000, "priority": "high", "change_type": "safety"},
    )
    shown = page(author, draft)
    assert "The rule “Financial” finds no approver" in shown
    assert "cost impact above 5000 EUR" in shown
    assert "type Safety" in shown and "priority High" in shown


def test_buttons_by_person_and_state(
    people: People, draft: EngineeringChange, author: Client, approver: Client, analyst: Client, viewer: Client
) -> None:
    def buttons(client: Client) -> set[str]:
        return {button.step.name for button in client.get(draft.get_absolute_url()).context["buttons"]}

    assert [buttons(client) for client in (author, analyst, approver, viewer)] == [
        {"submit"},
        {"submit", "cancel"},
        set(),
        set(),
    ]
    assert "Edit</a>" in page(author, draft) and "Edit</a>" not in page(viewer, draft)
    submitted(people, draft)
    assert [buttons(client) for client in (author, analyst, approver, viewer)] == [
        {"withdraw"},
        {"withdraw", "cancel"},
        {"approve", "reject"},
        set(),
    ]
    assert "This change waits for you" in page(approver, draft)
    assert "You are not one of the approvers of this change." in page(viewer, draft)


def test_the_votes_of_every_round(people: People, draft: EngineeringChange, viewer: Client) -> None:
    submitted(people, draft)
    change_reject(actor=people.technical, change_id=draft.pk, comment="too bright")
    change_reopen(actor=people.author, change_id=draft.pk)
    approved(people, draft)
    shown = page(viewer, draft)
    assert shown.index("Round 2") < shown.index("fine") < shown.index("Round 1") < shown.index("too bright")
    assert "counts no more" in shown


def test_the_outcome_links_to_the_difference(
    people: People, lamp: Lamp, draft: EngineeringChange, viewer: Client
) -> None:
    approved(people, draft)
    change_implement(actor=people.analyst, change_id=draft.pk)
    shown = page(viewer, draft)
    assert f"/products/{lamp.product.pk}/compare/?from=A&amp;to=B" in shown
    compared = text_of(viewer.get(f"/products/{lamp.product.pk}/compare/?from=A&to=B"))
    assert (
        "From LAMP revision A to LAMP revision B" in compared
        and "<del>4</del>" in compared
        and "<ins>6</ins>" in compared
    )


def test_where_it_reaches(people: People, lamp: Lamp, draft: EngineeringChange, viewer: Client) -> None:
    street = make_product("STREET")
    make_line(street, lamp.product, 3)
    shown = page(viewer, draft)
    assert "in one product" in shown and "STREET" in shown and "× 3" in shown


def test_history_tells_who_when_why(people: People, draft: EngineeringChange, viewer: Client) -> None:
    approved(people, draft)
    shown = page(viewer, draft, "?history=all")
    assert "Redline: Change quantity: LAMP-SCREW" in shown and "redline drawn" in shown
    assert "<del>Submitted</del>" in shown and "<ins>Approved</ins>" in shown
    short = viewer.get(draft.get_absolute_url()).context
    assert len(short["told"]) == 15 or short["earlier"] == 0


def statements(client: Client, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(CONTROL)]


# Of a change with one product. Each further product asks where it is used, and a draft checks each of them. One is the
# bell's, one or two are the requests that a change answers and its fast track, one asks a draft for what is small.
BUDGETS = {"draft": 64, "submitted": 45, "list": 8, "approvals": 15}


@pytest.mark.parametrize("kind", ["draft", "submitted"])
def test_statements_do_not_grow_with_lines(people: People, viewer: Client, kind: str) -> None:
    def make(number: str, extra: int) -> Any:
        lamp = make_lamp(number)
        change = make_draft(people.author, lamp)
        affected = change.affected.get()
        for _n in range(extra):
            redline_add(
                actor=people.author,
                change_id=change.pk,
                operation="add",
                affected_id=affected.pk,
                values={"child_id": make_product().pk, "quantity": 1},
            )
        if kind == "submitted":
            submitted(people, change)
        return change.get_absolute_url()

    few, many = make("FEW", 1), make("MANY", 12)
    statements(viewer, few)
    counts = len(statements(viewer, few)), len(statements(viewer, many))
    assert counts[1] <= counts[0] <= BUDGETS[kind], counts


def test_statements_of_lists_do_not_grow(people: People, approver: Client) -> None:
    def grow(numbers: range) -> None:
        for n in numbers:
            submitted(people, make_draft(people.author, make_lamp(f"LAMP{n}")))

    grow(range(2))
    statements(approver, url("change-list"))
    few = {name: len(statements(approver, url(name))) for name in ("change-list", "my-approvals")}
    grow(range(2, 7))
    many = {name: len(statements(approver, url(name))) for name in ("change-list", "my-approvals")}
    assert many == few
    assert few["change-list"] <= BUDGETS["list"] and few["my-approvals"] <= BUDGETS["approvals"], few
