from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plm_project.tenancy.scope import tenant_scope
from tests.factories import make_product

LIST = reverse("products:product-list")


def test_a_stranger_is_sent_to_sign_in(db: None) -> None:
    response = Client().get(LIST)
    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("accounts:login"))


def test_empty_list_says_what_to_do(engineer: Client, viewer: Client) -> None:
    assert reverse("products:import") in engineer.get(LIST).content.decode()
    page = viewer.get(LIST).content.decode()
    assert "There are no products yet" in page
    assert reverse("products:product-create") not in page


def test_filters_stand_in_the_address(engineer: Client, inside: Any) -> None:
    with inside():
        make_product(
            "BOLT-1", product_name="Bolt", product_type="purchased", current_cost=Decimal("0.10"), tags=["steel"]
        )
        make_product("MOTOR-1", product_name="Motor", current_cost=Decimal("90"))
    found = {
        "q=bolt": {"BOLT-1"},
        "product_type=manufactured": {"MOTOR-1"},
        "tags=steel": {"BOLT-1"},
        "cost_min=50": {"MOTOR-1"},
        "cost_max=0.1": {"BOLT-1"},
        "lifecycle_phase=active": set(),
        "cost_min=nonsense": {"BOLT-1", "MOTOR-1"},
        "page=99": {"BOLT-1", "MOTOR-1"},
    }
    for query, numbers in found.items():
        page = engineer.get(f"{LIST}?{query}")
        assert {product.product_number for product in page.context["page"]} == numbers, query
    assert "No product matches" in engineer.get(f"{LIST}?q=zzz").content.decode()


def test_sorting(engineer: Client, inside: Any) -> None:
    with inside():
        for number, cost in (("AAA", "3"), ("BBB", "1"), ("CCC", "2")):
            make_product(number, current_cost=Decimal(cost))
    page = engineer.get(f"{LIST}?sort_by=current_cost&sort_order=asc")
    assert [product.product_number for product in page.context["page"]] == ["BBB", "CCC", "AAA"]
    assert 'aria-sort="ascending"' in page.content.decode()


def test_number_of_queries_does_not_grow(engineer: Client, inside: Any, django_assert_max_num_queries: Any) -> None:
    with inside():
        make_product("ONE-1")
    engineer.get(LIST)
    with django_assert_max_num_queries(17) as few:  # three are the scope's own on PostgreSQL
        engineer.get(LIST)
    with inside():
        for number in range(45):
            make_product(f"MORE-{number}", tags=["a", "b"])
    with django_assert_max_num_queries(len(few)):
        assert len(engineer.get(LIST).context["page"]) == 46


def test_export_is_the_filtered_list_and_no_formula(viewer: Client, inside: Any) -> None:
    with inside():
        make_product("=1+1", product_name="+SUM(A1)", product_description="@evil", current_cost=Decimal("1.5"))
        make_product("OTHER", product_name="Not asked for")
    response = viewer.get(reverse("products:product-export") + "?q=SUM")
    assert response["Content-Type"].startswith("text/csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 1
    assert (rows[0]["number"], rows[0]["name"], rows[0]["description"]) == ("'=1+1", "'+SUM(A1)", "'@evil")
    assert rows[0]["unit_cost"] == "1.5"


def test_part_search_answers_options_of_the_own_tenant(engineer: Client, inside: Any, other_tenant: Any) -> None:
    with inside():
        make_product("WHEEL-1", product_name="Front <wheel>")
    with tenant_scope(other_tenant.pk):
        make_product("WHEEL-2")
    page = engineer.get(reverse("products:product-search") + "?child=wheel").content.decode()
    assert 'value="WHEEL-1"' in page and "&lt;wheel&gt;" in page
    assert "WHEEL-2" not in page
    assert "option" not in engineer.get(reverse("products:product-search") + "?child=w").content.decode()


@pytest.mark.parametrize("name", ["product-create", "import"])
def test_pages_that_change_something_need_the_permission(viewer: Client, name: str) -> None:
    assert viewer.get(reverse(f"products:{name}")).status_code == 403
    assert viewer.post(reverse(f"products:{name}"), {}).status_code == 403
