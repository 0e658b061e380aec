"""Change requests on the pages, for browsers without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from changes.models import ChangeRequest, EngineeringChange
from changes.selectors import request_get
from changes.services import change_create, request_accept, request_create, request_decline
from tests.changes.conftest import COMPLETE, Lamp, People
from tests.changes.pages.conftest import SignIn, text_of, url
from tests.factories import make_product

ASKED: dict[str, Any] = {
    "title": "The lamp flickers",
    "description": "Twelve of fifty flicker when it is cold.",
    "proposal": "A better bulb.",
    "change_type": "quality_improvement",
    "priority": "high",
    "urgency": "normal",
}


def ask(people: People, *products: Any, **data: Any) -> ChangeRequest:
    return request_create(actor=people.viewer, data={**ASKED, **data}, products=[product.pk for product in products])


def test_asking_from_the_product(people: People, lamp: Lamp, viewer: Client, analyst: Client) -> None:
    assert "Nobody has asked for a change" in text_of(viewer.get(url("request-list")))
    tab = text_of(viewer.get(url("product-changes", lamp.product)))
    ask_page = f"{url('request-create')}?product={lamp.product.pk}"
    assert ask_page in tab
    form = text_of(viewer.get(ask_page))
    assert f'name="products" value="{lamp.product.pk}" checked' in form
    picked = viewer.post(
        url("request-create"), {**ASKED, "product": "LAMP-GLASS", "products": [lamp.product.pk], "add": "1"}
    )
    assert f'value="{lamp.glass.pk}" checked' in text_of(picked) and "A better bulb." in text_of(picked)
    unknown = viewer.post(url("request-create"), {**ASKED, "product": "NO-SUCH"})
    assert unknown.status_code == 422 and "There is no product NO-SUCH." in text_of(unknown)
    assert viewer.post(url("request-create"), {**ASKED, "description": ""}).status_code == 422
    assert not ChangeRequest.objects.exists()
    data = {**ASKED, "products": [lamp.product.pk], "product": "LAMP-GLASS"}
    made = viewer.post(url("request-create"), data, follow=True)
    request = request_get(ChangeRequest.objects.get().pk)
    assert [product.product_number for product in request.products_asked()] == ["LAMP", "LAMP-GLASS"]
    shown = text_of(made)
    assert "CR-000001 is asked for" in shown and "It waits for an answer." in shown and "asked for" in shown
    assert "Accept" not in shown and "Withdraw" in shown and url("request-edit", request) in shown
    assert "CR-000001" in text_of(viewer.get(url("product-changes", lamp.product)))
    assert "Accept" in text_of(analyst.get(request.get_absolute_url()))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "321"), ("?q=cable", "2"), ("?status=accepted", "3"), ("?status=odd", "321"), ("?priority=low", "1"),
        ("?change_type=cost_reduction", "2"), ("?whose=mine", "321"), ("?sort_by=title&sort_order=asc", "321"),
        ("?sort_by=priority&sort_order=desc", "321"), ("?product=x", "321"), ("?q=nothing-has-this", ""),
    ],
)  # fmt: skip
def test_the_list_is_narrowed_and_sorted_by_the_address(
    people: People, lamp: Lamp, viewer: Client, author: Client, query: str, found: str
) -> None:
    ask(people, lamp.product, priority="low")
    ask(people, title="Cheaper cable", change_type="cost_reduction")
    request_accept(actor=people.analyst, request_id=ask(people, title="Another shade").pk)
    answer = viewer.get(url("request-list") + query)
    assert [request.request_number[-1] for request in answer.context["page"]] == list(found)
    assert list(author.get(url("request-list") + "?whose=mine").context["page"]) == []
    of_product = viewer.get(f"{url('request-list')}?product={lamp.product.pk}")
    assert [request.request_number for request in of_product.context["page"]] == ["CR-000001"]
    assert "Only those about LAMP." in text_of(of_product)
    if not found:
        assert "No request matches" in text_of(answer)


def test_accepting_on_the_page(people: People, lamp: Lamp, analyst: Client, viewer: Client) -> None:
    gone = make_product("GONE")
    request = ask(people, lamp.product, gone)
    gone.revisions.update(state="obsolete")
    page = url("request-step", request, "accept")
    assert "a new draft" in text_of(analyst.get(page))
    assert "This step is not possible for you" in text_of(viewer.get(page))
    data = {"comment": "We will.", "expected_version": request.version}
    unknown = analyst.post(page, {**data, "order": "ECO-999999"})
    assert unknown.status_code == 422 and "There is no change ECO-999999" in text_of(unknown)
    assert not EngineeringChange.objects.exists()
    shown = text_of(analyst.post(page, data, follow=True))
    order = EngineeringChange.objects.get()
    assert (
        "GONE is not taken over" in shown and "Requested by" in shown and "Asked for, and not in this change" in shown
    )
    again = analyst.post(page, data, follow=True)
    assert "is accepted" in text_of(again) and EngineeringChange.objects.count() == 1
    told = text_of(viewer.get(request.get_absolute_url()))
    assert order.change_number in told and "We will." in told and "The change does not affect:" in told
    assert "Withdraw" not in told


def test_an_open_change_answers_it(people: People, lamp: Lamp, analyst: Client) -> None:
    order, request = change_create(actor=people.author, data=COMPLETE), ask(people)
    data = {"order": order.change_number, "expected_version": request.version}
    answer = analyst.post(url("request-step", request, "accept"), data)
    assert answer.status_code == 302 and answer.url == order.get_absolute_url()
    assert ChangeRequest.objects.get().order_id == order.pk and EngineeringChange.objects.count() == 1
    off = url("request-step", request, "unlink")
    assert analyst.post(off, {"comment": "", "expected_version": 2}).status_code == 422
    version = ChangeRequest.objects.get().version
    assert analyst.post(off, {"comment": "wrong one", "expected_version": version}).status_code == 302
    assert ChangeRequest.objects.get().status == "open"


def test_declined_asked_again_and_withdrawn(people: People, analyst: Client, viewer: Client) -> None:
    request = ask(people)
    decline = url("request-step", request, "decline")
    assert analyst.post(decline, {"comment": "", "expected_version": request.version}).status_code == 422
    assert (
        analyst.post(decline, {"comment": "It is the socket.", "expected_version": request.version}).status_code == 302
    )
    shown = text_of(viewer.get(request.get_absolute_url()))
    assert "It is the socket." in shown and "Ask again" in shown and "Declined" in shown
    data = {"comment": "Also with a new one.", "expected_version": ChangeRequest.objects.get().version}
    assert viewer.post(url("request-step", request, "reopen"), data).status_code == 302
    assert "Also with a new one." in text_of(viewer.get(request.get_absolute_url()))
    data = {"comment": "", "expected_version": ChangeRequest.objects.get().version}
    assert viewer.post(url("request-step", request, "withdraw"), data).status_code == 302
    assert ChangeRequest.objects.get().status == "withdrawn"


def test_a_stale_answer_shows_what_is_there_now(
    people: People, analyst: Client, viewer: Client, sign_in: SignIn
) -> None:
    request = ask(people)
    seen = request.version
    edit = url("request-edit", request)
    edited = viewer.post(edit, {**ASKED, "title": "The lamp buzzes", "expected_version": seen})
    assert edited.status_code == 302
    stale = analyst.post(url("request-step", request, "decline"), {"comment": "no", "expected_version": seen})
    shown = text_of(stale)
    assert (
        stale.status_code == 409
        and "Nothing was done" in shown
        and "The lamp buzzes" in shown
        and "no</textarea>" in shown
    )
    assert ChangeRequest.objects.get().status == "open"
    now = ChangeRequest.objects.get().version
    assert f'name="expected_version" value="{now}"' in shown
    mine = viewer.post(edit, {**ASKED, "title": "The lamp hums", "expected_version": seen})
    assert mine.status_code == 409 and 'value="The lamp hums"' in text_of(mine)
    assert ChangeRequest.objects.get().title == "The lamp buzzes"


def test_what_others_asked_is_not_edited(
    people: People, author: Client, analyst: Client, viewer: Client, unchanged: Callable[[], None]
) -> None:
    request = ask(people)
    request_decline(actor=people.analyst, request_id=ask(people).pk, reason="no")
    unchanged()
    edit = url("request-edit", request)
    data = {**ASKED, "title": "Mine", "expected_version": request.version}
    for client in (author, analyst):
        assert "Only who asked for it can edit it" in text_of(client.get(edit))
        assert client.post(edit, data).status_code == 403
    for step in ("accept", "decline"):
        assert viewer.post(url("request-step", request, step), {"comment": "x"}).status_code == 403
    assert author.post(url("request-step", request, "withdraw"), {"comment": "x"}).status_code == 403
    assert viewer.get(url("request-step", request, "explode")).status_code == 404
