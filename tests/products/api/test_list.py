"""The list of products: filters, sorting, pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from plm_project.tenancy.scope import tenant_scope
from tests.factories import make_product
from tests.products.api.conftest import Api, data_of, refused


@pytest.fixture
def stock(viewer: Api) -> Api:
    """Five products; the viewer may list them."""
    with tenant_scope(viewer.tenant.pk, atomic=True):
        make_product("BLT-1", product_name="Bolt M5", product_type="purchased", tags=["steel", "m5"],
                     current_cost=Decimal("0.10"))  # fmt: skip
        make_product("BLT-2", product_name="Bolt M6", product_type="purchased", tags=["steel", "m6"],
                     current_cost=Decimal("0.12"), product_description="for the 100% frame")  # fmt: skip
        make_product("NUT-1", product_name="Nut M5", product_type="purchased", tags=["m5"], status="on_hold",
                     current_cost=Decimal("0.05"))  # fmt: skip
        make_product("ROD-1", product_name="Steel rod", product_type="raw_material", current_cost=Decimal("10"))
        make_product("BIKE", product_name="City bike", current_cost=Decimal("9"), lifecycle_phase="active",
                     tags=["a\"b'c%"])  # fmt: skip
    return viewer


def numbers(api: Api, **params: Any) -> list[str]:
    return [row["product_number"] for row in data_of(api.get("products/", params))]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ["BIKE", "ROD-1", "NUT-1", "BLT-2", "BLT-1"]),
        ({"q": "bolt"}, ["BLT-2", "BLT-1"]),
        ({"q": "m5 nut"}, ["NUT-1"]),
        ({"q": "rod-"}, ["ROD-1"]),
        ({"q": "100%"}, ["BLT-2"]),
        ({"q": "%"}, ["BLT-2"]),
        ({"q": "_"}, []),
        ({"q": "' OR 1=1 --"}, []),
        ({"q": ""}, ["BIKE", "ROD-1", "NUT-1", "BLT-2", "BLT-1"]),
        ({"product_type": "raw_material"}, ["ROD-1"]),
        ({"product_type": ["raw_material", "manufactured"]}, ["BIKE", "ROD-1"]),
        ({"lifecycle_phase": "active"}, ["BIKE"]),
        ({"status": "on_hold"}, ["NUT-1"]),
        ({"tags": "m5"}, ["NUT-1", "BLT-1"]),
        ({"tags": ["m5", "steel"]}, ["BLT-1"]),
        ({"tags": "M5"}, []),
        ({"tags": "m"}, []),
        ({"tags": "a\"b'c%"}, ["BIKE"]),
        ({"cost_min": "0.12"}, ["BIKE", "ROD-1", "BLT-2"]),
        ({"cost_max": "0.10"}, ["NUT-1", "BLT-1"]),
        ({"cost_min": "0.1", "cost_max": "0.12"}, ["BLT-2", "BLT-1"]),
        ({"cost_min": "5", "cost_max": "1"}, []),
        ({"sort_by": "product_number", "sort_order": "asc"}, ["BIKE", "BLT-1", "BLT-2", "NUT-1", "ROD-1"]),
        ({"sort_by": "current_cost"}, ["ROD-1", "BIKE", "BLT-2", "BLT-1", "NUT-1"]),
        ({"sort_by": "product_type", "sort_order": "asc"}, ["BIKE", "BLT-1", "BLT-2", "NUT-1", "ROD-1"]),
        ({"sort_by": "lifecycle_phase", "sort_order": "desc"}, ["ROD-1", "NUT-1", "BLT-2", "BLT-1", "BIKE"]),
        ({"sort_order": "asc"}, ["BLT-1", "BLT-2", "NUT-1", "ROD-1", "BIKE"]),
        ({"q": "bolt", "tags": "m6", "status": "active"}, ["BLT-2"]),
    ],
)
def test_filters_and_sorting(stock: Api, params: Any, expected: list[str]) -> None:
    assert numbers(stock, **params) == expected


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"product_type": "spaceship"}, "product_type"),
        ({"lifecycle_phase": "old"}, "lifecycle_phase"),
        ({"status": "odd"}, "status"),
        ({"cost_min": "cheap"}, "cost_min"),
        ({"cost_max": "NaN"}, "cost_max"),
        ({"cost_max": "-1"}, "cost_max"),
        ({"sort_by": "tenant"}, "sort_by"),
        ({"sort_by": "-created_at"}, "sort_by"),
        ({"sort_order": "up"}, "sort_order"),
        ({"q": "x" * 201}, "q"),
        ({"q": "a\0b"}, "q"),
        ({"page": 0}, "page"),
        ({"page": "last"}, "page"),
        ({"page_size": 101}, "page_size"),
        ({"page_size": 0}, "page_size"),
    ],
)
def test_bad_parameters_are_named(stock: Api, params: Any, field: str) -> None:
    details = refused(stock.get("products/", params), 400, "VALIDATION_ERROR")
    assert [name.partition("[")[0] for name in details] == [field]


def test_pages_cover_every_row_once_whatever_ties(stock: Api) -> None:
    seen: list[str] = []
    for page in (1, 2, 3):
        answer = stock.get("products/", {"sort_by": "product_type", "page": page, "page_size": 2})
        assert answer.json()["pagination"] == {"page": page, "page_size": 2, "total_pages": 3, "total_count": 5}
        seen += [row["product_number"] for row in data_of(answer)]
    assert len(seen) == len(set(seen)) == 5
    beyond = stock.get("products/", {"page": 9})
    assert (data_of(beyond), beyond.json()["pagination"]["total_count"]) == ([], 5)
