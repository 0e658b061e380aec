"""Pages: bounds, order, and sequences that are no querysets."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plm_project.accounts.models import ApiToken
from plm_project.api.pagination import ordered
from plm_project.tenancy.scope import tenant_scope


def fill(caller: Any, count: int) -> None:
    for number in range(count):
        assert caller.post("tokens/", {"name": f"token {number:03}"}).status_code == 201


def test_pages_cover_everything_once(admin: Any) -> None:
    fill(admin, 6)
    names: list[str] = []
    for page in (1, 2, 3, 4):
        body = admin.get(f"tokens/?page={page}&page_size=2").json()
        assert body["pagination"] == {"page": page, "page_size": 2, "total_pages": 4, "total_count": 7}
        names += [row["name"] for row in body["data"]]
    assert names == sorted(names)
    assert len(set(names)) == 7


@pytest.mark.parametrize("page", ["2", "999999999"])
def test_beyond_the_end_is_empty(admin: Any, page: str) -> None:
    answer = admin.get(f"tokens/?page={page}")
    assert (answer.status_code, answer.json()["data"]) == (200, [])
    assert answer.json()["pagination"]["total_count"] == 1


@pytest.mark.parametrize("name", ["page", "page_size"])
@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "", "1e3", "٣", "9999999999"])
def test_bad_numbers_are_refused(admin: Any, name: str, value: str) -> None:
    answer = admin.get(f"tokens/?{name}={value}")
    assert (answer.status_code, set(answer.json()["details"])) == (400, {name})


@pytest.mark.parametrize(("size", "status"), [(1, 200), (100, 200), (101, 400)])
def test_page_size_bounds(admin: Any, size: int, status: int) -> None:
    assert admin.get(f"tokens/?page_size={size}").status_code == status


def test_an_unordered_queryset_is_a_fault(admin: Any) -> None:
    assert admin.get("tokens/unordered/").status_code == 500
    admin.client.raise_request_exception = True
    with pytest.raises(RuntimeError, match="unordered"):
        admin.get("tokens/unordered/")


def test_ties_are_settled_by_the_key(admin: Any) -> None:
    with tenant_scope(admin.tenant.pk):
        assert ordered(ApiToken.objects.order_by("expires_at")).query.order_by == ("expires_at", "pk")
        assert ordered(ApiToken.objects.all()).query.order_by == ("-created_at", "pk")
        assert ordered(ApiToken.objects.order_by("-pk")).query.order_by == ("-pk",)
        names = ApiToken.objects.order_by("name").values_list("name", flat=True)
        assert ordered(names) is names


def test_a_sequence_is_sliced_not_read(admin: Any) -> None:
    body = admin.get("tokens/numbers/?page=3&page_size=20").json()
    assert body["pagination"] == {"page": 3, "page_size": 20, "total_pages": 3, "total_count": 45}
    assert [row["part"] for row in body["data"]] == ["P40", "P41", "P42", "P43", "P44"]
    assert body["data"][0]["quantity"] == "40.5"


def test_filters_hold_for_the_count_too(admin: Any) -> None:
    fill(admin, 2)
    body = admin.get("tokens/?name=token 001").json()
    assert (body["pagination"]["total_count"], [row["name"] for row in body["data"]]) == (1, ["token 001"])


def test_a_page_costs_two_queries_whatever_its_size(admin: Any) -> None:
    fill(admin, 5)
    with CaptureQueriesContext(
        connection,
    ) as few:
        admin.get("tokens/?page_size=1")
    with CaptureQueriesContext(connection) as many:
        admin.get("tokens/?page_size=100")
    assert len(few) == len(many)
