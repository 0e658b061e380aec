"""Effectivity, use and substitutes of a line on the change pages, without scripts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from changes.models import EngineeringChange
from changes.services import change_create, redline_add
from tests.changes.conftest import COMPLETE, Lamp, People, submitted
from tests.changes.pages.conftest import text_of, url
from tests.factories import make_line, make_product, make_substitute, release

MAY, JUNE = dt.date(2027, 5, 1), dt.date(2027, 6, 1)


@pytest.fixture
def line(people: People, lamp: Lamp) -> Any:
    """DESK rev A: 4 feet from May on, colour red, for which a cap may be taken."""
    desk, foot, cap = (make_product(number) for number in ("DESK", "FOOT", "CAP"))
    made = make_line(
        desk,
        foot,
        4,
        effective_from=MAY,
        notes="left\nright",
        custom_attributes={"colour": "red"},
        attrition_percent=2,
    )
    make_substitute(made, cap, rank=3)
    for part in (foot, cap, desk):
        release(part)
    return made


@pytest.fixture
def change(people: People, line: Any) -> EngineeringChange:
    return change_create(actor=people.author, data=COMPLETE, affected=[line.parent_revision.product_id])


def sent(client: Client, address: str) -> dict[str, Any]:
    """The form of an address as a browser would send it back, with the rows of the substitutes."""
    form = client.get(address).context["form"]
    rows = form.substitutes
    data = {name: form[name].value() or "" for name in form.fields}
    data["with_more"] = "1"
    data |= {f"{rows.prefix}-{name}": rows.management_form[name].value() for name in rows.management_form.fields}
    for row in rows:
        data |= {row[name].html_name: row[name].value() or "" for name in row.fields}
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in data.items()}


def drawn(change: EngineeringChange) -> dict[str, dict[str, Any]]:
    return {redline.operation: redline.new_values() for redline in change.redlines.all()}


def test_a_line_that_is_sent_back_stays_as_it_is(line: Any, change: EngineeringChange, author: Client) -> None:
    address = url("line-edit", change, line)
    form = sent(author, address)
    assert (form["effective_from"], form["attrition_percent"], form["notes"]) == ("2027-05-01", "2", "left\nright")
    assert (form["substitutes-0-product"], form["substitutes-0-rank"], form["substitutes-1-product"]) == ("CAP", 3, "")
    assert author.post(address, {**form, "notes": "left\r\nright"}).status_code == 302
    assert drawn(change) == {}


def test_what_differs_becomes_redlines_and_stays_in_the_form(
    line: Any, lamp: Lamp, change: EngineeringChange, author: Client
) -> None:
    address = url("line-edit", change, line)
    form = sent(author, address) | {
        "effective_from": "", "effective_to": "2027-06-01", "serials": "DESK: 7-", "condition": "Colour:red",
        "line_type": "phantom", "is_optional": "on", "attrition_percent": "", "setup_quantity": "1.5",
        "rounding_multiple": "10", "substitutes-1-product": "LAMP-GLASS", "substitutes-1-rank": "1",
        "substitutes-1-note": "clear",
    }  # fmt: skip
    assert author.post(address, form).status_code == 302
    found = drawn(change)
    taken = found.pop("substitutes")["substitutes"]
    assert [(one.product_number, one.rank, one.quantity, one.note) for one in taken] == [
        ("LAMP-GLASS", 1, 4, "clear"),
        ("CAP", 3, 4, ""),
    ]
    serials = [{"end_item": str(line.parent_revision.product_id), "first": 7, "last": None}]
    assert found == {
        "effectivity": {"effective_from": None, "effective_to": JUNE, "serials": serials},
        "attributes": {
            "condition": "colour:red", "line_type": "phantom", "is_optional": True, "attrition_percent": 0,
            "setup_quantity": Decimal("1.5"), "rounding_multiple": 10,
        },
    }  # fmt: skip
    again = sent(author, address)
    assert (again["effective_to"], again["serials"], again["is_optional"]) == ("2027-06-01", "DESK: 7–", True)
    assert (again["substitutes-0-product"], again["substitutes-1-product"]) == ("LAMP-GLASS", "CAP")
    # an emptied part takes the substitute off; the rest goes back to what the line says
    back = again | {
        "effective_from": "2027-05-01", "effective_to": "", "serials": "", "condition": "", "line_type": "standard",
        "is_optional": "", "attrition_percent": "2", "setup_quantity": "0", "rounding_multiple": "",
        "substitutes-0-product": "", "substitutes-1-product": "",
    }  # fmt: skip
    assert author.post(address, back).status_code == 302
    assert drawn(change) == {"substitutes": {"substitutes": ()}}


def test_a_page_that_does_not_show_them_says_nothing_of_them(
    people: People, line: Any, change: EngineeringChange, author: Client
) -> None:
    for operation, values in (
        ("effectivity", {"effectivity": {"effective_to": JUNE}}),
        ("attributes", {"attributes": {"custom_attributes": {}}}),
        ("substitutes", {"substitutes": []}),
    ):
        redline_add(actor=people.author, change_id=change.pk, operation=operation, line_id=line.pk, values=values)
    before = drawn(change)
    few = {"child": "FOOT", "quantity": "6", "find_number": "10"}
    assert author.post(url("line-edit", change, line), few).status_code == 302
    assert drawn(change) == {**before, "quantity": {"quantity": 6}}
    # attributes of one's own are not asked for here, and stay
    address = url("line-edit", change, line)
    assert author.post(address, sent(author, address) | {"notes": "new"}).status_code == 302
    assert drawn(change)["attributes"] == {"custom_attributes": {}, "notes": "new"}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("effective_to", "2027-04-01", "The end must be after the beginning."),
        ("effective_to", "soon", "Enter a valid date."),
        ("serials", "NOPE: 7", "There is no product NOPE."),
        ("serials", "7", "Serial numbers cannot be read"),
        ("condition", "red", "The condition cannot be read"),
        ("attrition_percent", "901", "less than or equal to 900"),
        ("substitutes-1-product", "NOPE", "There is no product NOPE."),
        ("substitutes-0-quantity", "0", "greater than or equal"),
        ("substitutes-1-product", "CAP", "CAP stands here twice."),
    ],
)
def test_what_is_wrong_stays_in_the_form(
    people: People, line: Any, change: EngineeringChange, author: Client, unchanged: Callable[[], None],
    name: str, value: str, message: str,
) -> None:  # fmt: skip
    address = url("line-edit", change, line)
    form = sent(author, address) | {name: value}
    unchanged()
    response = author.post(address, form)
    assert response.status_code == 422
    shown = text_of(response)
    assert message in shown and '<details class="more line-use" open>' in shown
    assert f'value="{value}"' in shown or f"> {value}</textarea>" in shown
    assert drawn(change) == {}


def test_an_addition_says_it_too(line: Any, lamp: Lamp, change: EngineeringChange, author: Client) -> None:
    page = url("addition", change, change.affected.get())
    form = sent(author, page)
    assert '<details class="more line-use">' in text_of(author.get(page))  # nothing is out of the ordinary
    said = {
        "child": "LAMP-GLASS", "quantity": "2", "effective_from": "2027-05-01", "notes": "new",
        "substitutes-0-product": "LAMP-SOCKET",
    }  # fmt: skip
    assert author.post(page, form | said).status_code == 302
    redline = change.redlines.get()
    values = redline.new_values()
    (one,) = values.pop("substitutes")
    assert (one.product_number, one.quantity, one.rank) == ("LAMP-SOCKET", 2, 1)
    assert values == {"child_id": lamp.glass.pk, "quantity": 2, "effective_from": MAY, "notes": "new"}
    edit = url("addition-edit", change, redline)
    again = sent(author, edit)
    assert (again["effective_from"], again["substitutes-0-product"]) == ("2027-05-01", "LAMP-SOCKET")
    cleared = again | {"effective_from": "", "notes": "", "substitutes-0-product": "", "quantity": "3"}
    assert author.post(edit, cleared).status_code == 302
    redline.refresh_from_db()
    assert (redline.settings, redline.quantity) == (None, 3)


def test_the_picture_and_the_row_that_waits_tell_old_and_new(
    people: People, line: Any, lamp: Lamp, change: EngineeringChange, viewer: Client, approver: Client
) -> None:
    serials = [{"end_item": str(line.parent_revision.product_id), "first": 7, "last": None}]
    for operation, values in (
        ("effectivity", {"effectivity": {"effective_from": None, "effective_to": JUNE, "serials": serials}}),
        ("attributes", {"attributes": {"is_optional": True, "custom_attributes": {"colour": "blue", "torque": 4}}}),
        ("substitutes", {"substitutes": [{"product_id": lamp.glass.pk, "rank": 2}]}),
    ):
        redline_add(actor=people.author, change_id=change.pk, operation=operation, line_id=line.pk, values=values)
    redline_add(
        actor=people.author, change_id=change.pk, operation="add", affected_id=change.affected.get().pk,
        values={"child_id": lamp.socket.pk, "quantity": 1, "effectivity": {"effective_from": JUNE}},
    )  # fmt: skip
    expected = (
        ("Effective from", "2027-05-01", "open"),
        ("Effective to", "open", "2027-06-01"),
        ("Serial numbers", "every unit", "DESK: 7–"),
        ("Optional", "no", "yes"),
        ("Attribute colour", "red", "blue"),
        ("Attribute torque", "–", "4"),
        ("Substitute CAP", "4 each, rank 3", "–"),
        ("Substitute LAMP-GLASS", "–", "4 each, rank 2"),
    )
    pages = [viewer.get(change.get_absolute_url())]
    submitted(people, change)
    pages.append(approver.get(url("my-approvals")))
    for page in map(text_of, pages):
        for label, old, new in expected:
            assert (
                f'<span class="more-label">{label}</span> <del><span class="visually-hidden">before: </span>{old}</del>'
                f' <span class="diff-arrow" aria-hidden="true">→</span> '
                f'<ins><span class="visually-hidden">now: </span>{new}</ins>'
            ) in page, label
        assert '<span class="more-label">Effective from</span> 2027-06-01' in page
        assert "Attrition" not in page.split('class="diff-')[1].split("</tr>")[0]
    history = text_of(viewer.get(f"{change.get_absolute_url()}?history=all"))
    assert "Change effectivity: FOOT" in history and "Change substitutes: FOOT" in history
