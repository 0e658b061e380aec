from __future__ import annotations

import pytest
from django.test import Client

from changes.services import change_create, change_submit
from tests.changes.conftest import COMPLETE, Lamp, People, make_draft, make_lamp, submitted
from tests.changes.pages.conftest import text_of, url
from tests.factories import make_product
from tests.signing import change_approve


def numbers(client: Client, query: str = "") -> list[str]:
    response = client.get(f"{url('change-list')}{query}")
    assert response.status_code == 200
    return [change.change_number[-1] for change in response.context["page"]]


@pytest.fixture
def three(people: People, lamp: Lamp) -> None:
    """1 a draft of the author; 2 the author's, submitted; 3 the analyst's, approved."""
    make_draft(people.author, lamp)
    submitted(people, make_draft(people.author, make_lamp("OTHER"), change_title="Safer switch", priority="low"))
    third = make_draft(people.analyst, make_lamp("THIRD"), change_title="Cheaper cable", change_type="cost_reduction")
    change_submit(actor=people.analyst, change_id=third.pk)
    change_approve(actor=people.technical, change_id=third.pk)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "321"),
        ("?q=safer", "2"),
        ("?q=ECO-000001", "1"),
        ("?status=draft", "1"),
        ("?status=open", "321"),
        ("?status=nonsense", "321"),
        ("?change_type=cost_reduction", "3"),
        ("?priority=low", "2"),
        ("?whose=mine", "21"),
        ("?product=not-a-uuid", "321"),
        ("?sort_by=change_number&sort_order=asc", "123"),
        ("?sort_by=change_title&sort_order=desc", "231"),
        ("?sort_by=version&sort_order=up", "321"),
        ("?page=99", "321"),
        ("?q=nothing-has-this", ""),
    ],
)
def test_narrowed_and_sorted_by_the_address(three: None, author: Client, query: str, found: str) -> None:
    assert numbers(author, query) == list(found)


def test_what_waits_for_me(three: None, approver: Client, author: Client) -> None:
    assert numbers(approver, "?whose=waiting") == ["2"]
    assert numbers(author, "?whose=waiting") == []


def test_of_one_product(three: None, author: Client, lamp: Lamp) -> None:
    assert numbers(author, f"?product={lamp.product.pk}") == ["1"]
    page = text_of(author.get(f"{url('change-list')}?product={lamp.product.pk}"))
    assert "Only those that affect LAMP." in page
    assert f"/changes/new/?product={lamp.product.pk}" in page


def test_the_empty_list_says_what_to_do(people: People, author: Client, viewer: Client) -> None:
    page = text_of(author.get(url("change-list")))
    assert "No changes yet" in page and url("change-create") in page
    assert url("change-create") not in text_of(viewer.get(url("change-list")))
    assert "No change matches" in text_of(author.get(f"{url('change-list')}?q=x"))


def test_pages(people: People, author: Client) -> None:
    for n in range(27):
        change_create(actor=people.author, data={**COMPLETE, "change_title": f"Change {n}"})
    assert len(numbers(author)) == 25 and len(numbers(author, "?page=2")) == 2


def test_the_tab_of_the_product(three: None, author: Client, lamp: Lamp) -> None:
    page = text_of(author.get(url("product-changes", lamp.product)))
    assert "ECO-000001" in page and "ECO-000002" not in page
    own = text_of(author.get(lamp.product.get_absolute_url()))
    assert url("product-changes", lamp.product) in own
    lonely = make_product("LONELY")
    assert "No change has touched this product" in text_of(author.get(url("product-changes", lonely)))
