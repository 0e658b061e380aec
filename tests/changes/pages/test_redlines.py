from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from changes.models import EngineeringChange, Redline
from changes.services import change_create, redline_add
from tests.changes.conftest import COMPLETE, Lamp, People, fresh, make_lamp, submitted
from tests.changes.pages.conftest import text_of, url
from tests.factories import make_product


@pytest.fixture
def empty(people: People, lamp: Lamp) -> EngineeringChange:
    """A draft without a redline."""
    return change_create(actor=people.author, data=COMPLETE, affected=[lamp.product.pk])


def line_form(client: Client, change: EngineeringChange, line: Any) -> dict[str, Any]:
    """The form of a line as a browser would send it back."""
    form = client.get(url("line-edit", change, line)).context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def drawn(change: EngineeringChange) -> dict[str, dict[str, Any]]:
    return {redline.operation: redline.new_values() for redline in change.redlines.all()}


def test_what_differs_becomes_redlines(people: People, lamp: Lamp, empty: EngineeringChange, author: Client) -> None:
    form = line_form(author, empty, lamp.screw)
    assert (form["child"], form["quantity"], form["reference_designators"]) == ("LAMP-SCREW", "4", "S1, S2")
    form |= {"quantity": "6", "find_number": "25", "reference_designators": "S1-S3", "note": "two more"}
    response = author.post(url("line-edit", empty, lamp.screw), form)
    assert response.url == f"{empty.get_absolute_url()}#line-{lamp.screw.pk}"
    assert drawn(empty) == {
        "quantity": {"quantity": 6},
        "find_number": {"find_number": 25},
        "designators": {"reference_designators": ["S1", "S2", "S3"]},
    }
    assert {redline.note for redline in Redline.objects.all()} == {"two more"}
    again = line_form(author, empty, lamp.screw)
    assert (again["quantity"], again["find_number"], again["note"]) == ("6", 25, "two more")
    author.post(url("line-edit", empty, lamp.screw), {**again, "quantity": "4", "find_number": "20"})
    assert list(drawn(empty)) == ["designators"]
    back = line_form(author, empty, lamp.screw) | {"reference_designators": "S1 S2"}
    author.post(url("line-edit", empty, lamp.screw), back)
    assert drawn(empty) == {}


def test_another_part_brings_its_unit(people: People, lamp: Lamp, empty: EngineeringChange, author: Client) -> None:
    make_product("ROPE", unit_of_measure="kg")
    form = line_form(author, empty, lamp.cable) | {"child": "ROPE", "quantity": "2"}
    author.post(url("line-edit", empty, lamp.cable), form)
    assert list(drawn(empty)) == ["quantity", "replace"] or list(drawn(empty)) == ["replace", "quantity"]
    again = line_form(author, empty, lamp.cable)
    assert (again["child"], again["unit_of_measure"]) == ("ROPE", "kg")
    author.post(url("line-edit", empty, lamp.cable), again)
    assert set(drawn(empty)) == {"quantity", "replace"}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("child", "NOPE", "There is no product NOPE."),
        ("quantity", "many", "Enter a number."),
        ("quantity", "0", "greater than or equal"),
        ("find_number", "", "This field is required."),
        ("find_number", "0", "greater than or equal"),
        ("unit_of_measure", "parsec", "Select a valid choice"),
    ],
)
def test_a_refused_line_keeps_what_was_typed(
    people: People, lamp: Lamp, empty: EngineeringChange, author: Client, unchanged: Callable[[], None],
    field: str, value: str, message: str,
) -> None:  # fmt: skip
    form = line_form(author, empty, lamp.screw) | {"note": "kept", field: value}
    unchanged()
    response = author.post(url("line-edit", empty, lamp.screw), form)
    assert response.status_code == 422
    assert message in str(response.context["form"].errors[field])
    assert response.context["form"][field].value() == value and response.context["form"]["note"].value() == "kept"


def test_a_stale_line_is_refused(
    people: People, lamp: Lamp, empty: EngineeringChange, author: Client, unchanged: Callable[[], None]
) -> None:
    form = line_form(author, empty, lamp.screw) | {"quantity": "9"}
    redline_add(
        actor=people.analyst, change_id=empty.pk, operation="quantity", line_id=lamp.screw.pk, values={"quantity": 7}
    )
    unchanged()
    response = author.post(url("line-edit", empty, lamp.screw), form)
    assert response.status_code == 422 and "Somebody changed this since you opened it" in text_of(response)
    assert response.context["form"]["quantity"].value() == "9"
    assert drawn(empty) == {"quantity": {"quantity": 7}}


def test_strike_and_restore(people: People, lamp: Lamp, draft: EngineeringChange, author: Client) -> None:
    strike, restore = url("line-strike", draft, lamp.screw), url("line-restore", draft, lamp.screw)
    assert author.get(strike).status_code == 405
    response = author.post(strike, {"expected_version": fresh(draft).version})
    assert response.url == f"{draft.get_absolute_url()}#line-{lamp.screw.pk}"
    assert [redline.operation for redline in draft.redlines.filter(line=lamp.screw)] == ["remove"]
    author.post(strike)
    assert draft.redlines.filter(line=lamp.screw).count() == 1
    author.post(restore)
    assert not draft.redlines.filter(line=lamp.screw).exists()
    form = line_form(author, draft, lamp.cable)
    author.post(url("line-strike", draft, lamp.cable))
    author.post(url("line-edit", draft, lamp.cable), {**form, "expected_version": "", "quantity": "2"})
    assert [redline.operation for redline in draft.redlines.filter(line=lamp.cable)] == ["quantity"]


def test_a_stale_button_is_refused(
    people: People, lamp: Lamp, draft: EngineeringChange, author: Client, unchanged: Callable[[], None]
) -> None:
    unchanged()
    response = author.post(url("line-strike", draft, lamp.cable), {"expected_version": draft.version - 1}, follow=True)
    assert "Somebody changed this since you opened it" in text_of(response)


def test_add_edit_and_take_away_a_line(people: People, lamp: Lamp, empty: EngineeringChange, author: Client) -> None:
    affected = empty.affected.get()
    page = url("addition", empty, affected)
    form = {"child": "LAMP-SOCKET", "quantity": "2", "reference_designators": "X1, X2", "note": "new"}
    assert author.post(page, {**form, "another": "1", "expected_version": empty.version}).url == page
    redline = empty.redlines.get()
    assert redline.new_values() == {
        "child_id": lamp.socket.pk,
        "quantity": 2,
        "reference_designators": ["X1", "X2"],
    }
    edit = url("addition-edit", empty, redline)
    shown = author.get(edit).context["form"]
    assert (shown["child"].value(), shown["unit_of_measure"].value()) == ("LAMP-SOCKET", "each")
    data = {name: shown[name].value() or "" for name in shown.fields}
    assert author.post(edit, {**data, "quantity": "3", "find_number": "15"}).status_code == 302
    assert empty.redlines.get().new_values()["quantity"] == 3
    stale = author.post(edit, {**data, "quantity": "4"})
    assert stale.status_code == 422 and empty.redlines.get().quantity == 3
    assert author.post(url("addition-remove", empty, redline)).status_code == 302
    assert not empty.redlines.exists() and author.get(edit).status_code == 404


def test_htmx_gets_the_form_alone(people: People, lamp: Lamp, empty: EngineeringChange, author: Client) -> None:
    page = url("line-edit", empty, lamp.screw)
    part = text_of(author.get(page, headers={"HX-Request": "true"}))
    assert part.startswith(f'<tr id="edit-line-{lamp.screw.pk}" class="editor">') and "<html" not in part
    assert f'id="line-{lamp.screw.pk}-quantity"' in part
    closed = text_of(author.get(f"{page}?close=1", headers={"HX-Request": "true"}))
    assert closed == f'<tr id="edit-line-{lamp.screw.pk}" class="editor" hidden></tr>'


def test_only_lines_of_this_change(people: People, lamp: Lamp, empty: EngineeringChange, author: Client) -> None:
    other = make_lamp("OTHER")
    foreign = change_create(actor=people.author, data=COMPLETE, affected=[other.product.pk])
    for name in ("line-edit", "line-strike", "line-restore"):
        assert author.post(url(name, empty, other.screw)).status_code == 404
    assert author.get(url("addition", empty, foreign.affected.get())).status_code == 404
    assert not Redline.objects.exists()


def test_nobody_redlines_what_is_submitted(
    people: People, lamp: Lamp, draft: EngineeringChange, author: Client, viewer: Client,
    unchanged: Callable[[], None],
) -> None:  # fmt: skip
    form = line_form(author, draft, lamp.cable) | {"quantity": "9"}
    submitted(people, draft)
    unchanged()
    assert author.post(url("line-edit", draft, lamp.cable), form).status_code == 422
    assert "only a draft can be edited" in text_of(author.post(url("line-strike", draft, lamp.cable), follow=True))
    assert viewer.post(url("line-edit", draft, lamp.cable), form).status_code == 403
    assert viewer.post(url("line-strike", draft, lamp.cable)).status_code == 403
    shown = text_of(author.get(draft.get_absolute_url())).split('id="products"')[1].split('id="consequences"')[0]
    assert "hx-get" not in shown
