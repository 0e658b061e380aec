from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from changes.models import EngineeringChange
from changes.services import change_update
from tests.changes.conftest import Lamp, People, fresh, make_lamp, submitted
from tests.changes.pages.conftest import text_of, url
from tests.factories import make_product

FORM = {
    "change_title": "Brighter lamp",
    "change_type": "safety",
    "priority": "high",
    "urgency": "normal",
    "cost_impact": "-1250.5",
    "effective_from": "2031-04-01",
    "reason_for_change": "Customers ask for more light.",
    "change_description": "",
    "business_impact": "",
    "product": "",
}


def only_change() -> EngineeringChange:
    return EngineeringChange.objects.get()


def test_open_a_change_with_the_typed_product(people: People, lamp: Lamp, author: Client) -> None:
    response = author.post(url("change-create"), {**FORM, "product": "LAMP"})
    change = only_change()
    assert response.status_code == 302 and response.url == change.get_absolute_url()
    assert (change.change_title, change.cost_impact, str(change.effective_from)) == (
        "Brighter lamp",
        Decimal("-1250.5"),
        "2031-04-01",
    )
    assert [entry.product.product_number for entry in change.affected.all()] == ["LAMP"]
    assert change.created_by_id == people.author.user_id


def test_a_link_brings_the_product_along(people: People, lamp: Lamp, author: Client) -> None:
    page = text_of(author.get(f"{url('change-create')}?product={lamp.product.pk}&product=nonsense"))
    assert f'name="products" value="{lamp.product.pk}" checked' in page


def test_products_are_picked_one_by_one_and_nothing_typed_is_lost(people: People, lamp: Lamp, author: Client) -> None:
    second = make_lamp("SECOND").product
    data = {**FORM, "product": "SECOND", "products": [str(lamp.product.pk)], "add": "1", "change_title": "B"}
    response = author.post(url("change-create"), data)
    assert response.status_code == 200 and not EngineeringChange.objects.exists()
    assert response.context["picked"] == [lamp.product, second]
    page = text_of(response)
    assert 'value="-1250.5"' in page and "Customers ask for more light." in page and 'name="product" value' not in page
    wrong = author.post(url("change-create"), {**data, "product": "NOPE"})
    assert "There is no product NOPE." in text_of(wrong) and 'value="NOPE"' in text_of(wrong)
    author.post(url("change-create"), {**FORM, "products": [str(lamp.product.pk), str(second.pk)]})
    assert only_change().affected.count() == 2


def test_an_unknown_product_is_said_at_the_field(
    people: People, lamp: Lamp, author: Client, unchanged: Callable[[], None]
) -> None:
    unchanged()
    response = author.post(url("change-create"), {**FORM, "product": "NOPE", "products": [str(lamp.product.pk)]})
    assert response.status_code == 422
    assert response.context["form"].errors["product"] == ["There is no product NOPE."]
    assert response.context["picked"] == [lamp.product]


@pytest.mark.parametrize(
    ("field", "value"),
    [("change_title", "ab"), ("cost_impact", "much"), ("effective_from", "soon"), ("priority", "x")],
)
def test_bad_values_are_refused_and_kept(
    people: People, author: Client, unchanged: Callable[[], None], field: str, value: str
) -> None:
    unchanged()
    response = author.post(url("change-create"), {**FORM, field: value})
    assert response.status_code == 422 and list(response.context["form"].errors) == [field]
    assert response.context["form"][field].value() == value


def test_who_may_open_one(people: People, viewer: Client, unchanged: Callable[[], None]) -> None:
    unchanged()
    assert viewer.get(url("change-create")).status_code == 403
    assert viewer.post(url("change-create"), FORM).status_code == 403


def test_edit_a_draft(people: People, draft: EngineeringChange, author: Client) -> None:
    page = author.get(url("change-edit", draft))
    initial = page.context["form"].initial
    assert initial["expected_version"] == draft.version and initial["cost_impact"] == "0"
    response = author.post(url("change-edit", draft), {**FORM, "expected_version": draft.version})
    assert response.status_code == 302
    change = fresh(draft)
    assert (change.priority, change.cost_impact) == ("high", Decimal("-1250.5"))


def test_an_edit_that_met_a_colleagues_shows_both(people: People, draft: EngineeringChange, author: Client) -> None:
    page = author.get(url("change-edit", draft))
    typed = {name: value for name, value in page.context["form"].initial.items() if value is not None}
    typed["change_title"] = "My title"
    change_update(
        actor=people.analyst, change_id=draft.pk, changes={"change_title": "Their title", "priority": "critical"}
    )
    response = author.post(url("change-edit", draft), typed)
    assert response.status_code == 409
    shown = text_of(response)
    assert "is now “Their title”, you typed “My title”" in shown
    assert "is now “Critical”; taken over" in shown
    assert fresh(draft).change_title == "Their title"
    merged = {name: response.context["form"][name].value() for name in response.context["form"].fields}
    assert author.post(url("change-edit", draft), {k: v for k, v in merged.items() if v}).status_code == 302
    assert (fresh(draft).change_title, fresh(draft).priority) == ("My title", "critical")


def test_only_a_draft_and_only_its_people(
    people: People, draft: EngineeringChange, author: Client, viewer: Client, approver: Client,
    unchanged: Callable[[], None],
) -> None:  # fmt: skip
    assert viewer.post(url("change-edit", draft), FORM).status_code == 403
    assert approver.post(url("change-edit", draft), FORM).status_code == 403
    submitted(people, draft)
    assert "only a draft can be edited" in text_of(author.get(url("change-edit", draft)))
    unchanged()
    response = author.post(url("change-edit", draft), {**FORM, "expected_version": fresh(draft).version})
    assert response.status_code == 422 and "only a draft can be edited" in text_of(response)


def test_delete_a_draft(people: People, draft: EngineeringChange, author: Client) -> None:
    assert author.get(url("change-delete", draft)).status_code == 200
    response = author.post(url("change-delete", draft), {"comment": "a duplicate", "expected_version": draft.version})
    assert response.status_code == 302 and response.url == url("change-list")
    assert author.get(draft.get_absolute_url()).status_code == 404
    gone = EngineeringChange.all_objects.get(pk=draft.pk)
    assert gone.is_deleted and gone.history.latest().history_change_reason == "a duplicate"


def test_what_was_submitted_is_not_deleted(
    people: People, draft: EngineeringChange, author: Client, unchanged: Callable[[], None]
) -> None:
    submitted(people, draft)
    unchanged()
    assert author.post(url("change-delete", draft), {"comment": "x"}).status_code == 422


def test_products_of_a_draft(people: People, draft: EngineeringChange, author: Client) -> None:
    other = make_lamp("OTHER").product
    add = url("affected-add", draft)
    response = author.post(add, {"product": "OTHER", "expected_version": draft.version})
    affected = draft.affected.get(product=other)
    assert response.url == f"{draft.get_absolute_url()}#affected-{affected.pk}"
    for number, message in (("NOPE", "There is no product NOPE."), ("OTHER", "OTHER is in this change already.")):
        refused = author.post(add, {"product": number})
        assert refused.status_code == 422 and message in text_of(refused) and f'value="{number}"' in text_of(refused)
    assert author.get(add).status_code == 302
    remove = url("affected-remove", draft, affected)
    assert "OTHER" in text_of(author.get(remove))
    assert author.post(remove).status_code == 302
    assert [entry.product.product_number for entry in draft.affected.all()] == ["LAMP"]
    assert author.get(remove).status_code == 404


def test_products_of_somebody_elses_draft(
    people: People, draft: EngineeringChange, viewer: Client, approver: Client, unchanged: Callable[[], None]
) -> None:
    affected = draft.affected.get()
    make_product("OTHER")
    unchanged()
    for client in (viewer, approver):
        assert client.post(url("affected-add", draft), {"product": "OTHER"}).status_code == 403
        assert client.post(url("affected-remove", draft, affected)).status_code == 403
