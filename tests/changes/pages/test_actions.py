"""What happens with a product: said on its page, shown on the change page."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from changes.models import EngineeringChange
from changes.services import affected_add, change_create
from tests.changes.conftest import COMPLETE, Lamp, People
from tests.changes.pages.conftest import text_of, url


def draft_of(people: People) -> EngineeringChange:
    return change_create(actor=people.author, data=COMPLETE)


def test_a_product_comes_in_with_what_happens_to_it(people: People, lamp: Lamp, author: Client) -> None:
    change = draft_of(people)
    answer = author.post(url("affected-add", change), {"product": "LAMP-BULB", "action": "replace"})
    entry = change.affected.get()
    assert answer.status_code == 302 and entry.action == "replace"
    page = text_of(author.get(change.get_absolute_url()))
    assert "Name what replaces LAMP-BULB." in page
    assert "It goes out of use: its revision becomes obsolete." in page


def test_it_is_said_on_a_page_of_its_own(people: People, lamp: Lamp, author: Client) -> None:
    change = draft_of(people)
    entry = affected_add(
        actor=people.author, change_id=change.pk, product_id=lamp.bulb.child_id, values={"action": "replace"}
    )
    address = url("affected-edit", change, entry)
    assert '<option value="replace" selected>' in text_of(author.get(address))
    answer = author.post(
        address,
        {"action": "replace", "replacement": "LAMP-GLASS", "effective_from": "2031-05-01", "expected_version": 1},
    )
    assert answer.status_code == 302 and answer.url.endswith(f"#affected-{entry.pk}")
    page = text_of(author.get(change.get_absolute_url()))
    assert "LAMP-GLASS" in page and "1 May 2031" in page and "Redline it wherever it is used" in page

    assert author.post(url("uses-redline", change, entry)).status_code == 302
    assert [one.product.product_number for one in change.affected.all()] == ["LAMP-BULB", "LAMP"]
    assert change.redlines.get().child_id == lamp.glass.pk


def test_what_cannot_be_comes_back_with_the_reason(
    people: People, lamp: Lamp, author: Client, unchanged: Callable[[], None]
) -> None:
    change = draft_of(people)
    entry = affected_add(actor=people.author, change_id=change.pk, product_id=lamp.product.pk)
    unchanged()
    address = url("affected-edit", change, entry)
    for data, text in (
        ({"action": "obsolete", "replacement": "NOPE"}, "There is no product NOPE."),
        ({"action": "revise", "replacement": "LAMP-GLASS"}, "“Revise” has no such value."),
        ({"action": "add", "effective_from": "2031-05-01"}, "“Add” has no such value."),
        ({"action": "revise", "serials": "what"}, "Serial numbers cannot be read"),
    ):
        answer = author.post(address, {"replacement": "", "serials": "", **data})
        assert answer.status_code == 422 and text in text_of(answer), data


def test_units_are_typed_and_shown_as_the_trade_writes_them(people: People, lamp: Lamp, author: Client) -> None:
    change = draft_of(people)
    entry = affected_add(actor=people.author, change_id=change.pk, product_id=lamp.product.pk)
    address = url("affected-edit", change, entry)
    assert author.post(address, {"action": "revise", "serials": "LAMP: 100-"}).status_code == 302
    assert "LAMP: 100–" in text_of(author.get(change.get_absolute_url()))
    assert "LAMP: 100–" in text_of(author.get(address))


def test_a_reader_gets_no_form(people: People, lamp: Lamp, viewer: Client) -> None:
    change = draft_of(people)
    entry = affected_add(actor=people.author, change_id=change.pk, product_id=lamp.product.pk)
    assert viewer.post(url("affected-edit", change, entry), {"action": "obsolete"}).status_code == 403
    assert viewer.post(url("uses-redline", change, entry)).status_code == 403
    assert change.affected.get().action == "revise"
