"""Effectivity, attributes and substitutes of a redline through the API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from plm_project.accounts.models import User
from plm_project.tenancy.models import Tenant
from tests.changes.api_calls import Api
from tests.changes.conftest import Lamp, People, footprint
from tests.factories import make_product
from tests.signing import SIGNATURE


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def author(people: People, tenant: Tenant) -> Api:
    return Api(User.objects.get(pk=people.author.user_id), tenant)


@pytest.fixture
def path(author: Api, lamp: Lamp) -> str:
    body = {
        "change_title": "Brighter lamp",
        "reason_for_change": "More light.",
        "affected_products": [str(lamp.product.pk)],
    }
    return f"changes/{author.post('changes/', body).json()['data']['change_id']}/"


def test_what_is_sent_is_answered_and_released(
    author: Api, path: str, lamp: Lamp, people: People, tenant: Tenant
) -> None:
    bike = make_product("BIKE")
    effectivity = {"effective_from": "2027-05-01", "effective_to": None,
                   "serials": [{"end_item_number": "BIKE", "first": 7}]}  # fmt: skip
    drawn = author.post(
        f"{path}redlines/",
        {"operation": "effectivity", "line_id": str(lamp.screw.pk), "effectivity": effectivity},
    ).json()["data"]
    assert drawn["effectivity"] == {
        "effective_from": "2027-05-01",
        "effective_to": None,
        "serials": [{"end_item": str(bike.pk), "first": 7, "last": None}],
    }
    assert (drawn["attributes"], drawn["substitutes"], drawn["quantity"]) == (None, None, None)
    used = author.post(
        f"{path}redlines/",
        {
            "operation": "attributes",
            "line_id": str(lamp.screw.pk),
            "attributes": {"attrition_percent": "2.50", "custom_attributes": {"torque": 4.5}},
        },
    ).json()["data"]
    assert used["attributes"] == {"attrition_percent": "2.5", "custom_attributes": {"torque": 4.5}}
    taken = author.post(
        f"{path}redlines/",
        {
            "operation": "substitutes",
            "line_id": str(lamp.bulb.pk),
            "substitutes": [{"product_number": "LAMP-GLASS", "rank": 2}, {"product_id": str(lamp.socket.pk)}],
        },
    ).json()["data"]
    assert [(row["product_number"], row["rank"], row["quantity"]) for row in taken["substitutes"]] == [
        ("LAMP-SOCKET", 1, "1"),
        ("LAMP-GLASS", 2, "1"),
    ]
    # what is answered can be sent again
    one = f"{path}redlines/{taken['redline_id']}/"
    assert author.patch(one, {"substitutes": taken["substitutes"]}).json()["data"]["version"] == taken["version"]
    added = author.post(
        f"{path}redlines/",
        {
            "operation": "add",
            "affected_id": drawn["affected_id"],
            "child_number": "LAMP-GLASS",
            "quantity": "2",
            "effectivity": {"effective_to": "2027-06-01"},
            "attributes": {"line_type": "consumable"},
        },
    ).json()["data"]
    assert (added["effectivity"], added["attributes"]) == (
        {"effective_to": "2027-06-01"},
        {"line_type": "consumable"},
    )
    rows = author.get(f"{path}difference/").json()["data"][0]["rows"]
    told = {row["values"]["product_number"]: row["changes"] for row in rows}
    assert [(found["field"], found["old"], found["new"]) for found in told["LAMP-SCREW"]][:2] == [
        ("effective_from", None, "2027-05-01"),
        ("serials", None, [{"end_item": str(bike.pk), "first": 7, "last": None}]),
    ]
    assert author.post(f"{path}submit/").status_code == 200
    approver = Api(User.objects.get(pk=people.technical.user_id), tenant)
    assert approver.post(f"{path}approve/", {"signature": SIGNATURE}).status_code == 200
    analyst = Api(User.objects.get(pk=people.analyst.user_id), tenant)
    done = analyst.post(f"{path}implement/").json()["data"]["affected_products"][0]
    lines = author.get(f"revisions/{done['resulting_revision_id']}/lines/").json()["data"]
    by_number: dict[str, Any] = {row["product_number"]: row for row in lines}
    screw = by_number["LAMP-SCREW"]
    assert (screw["effective_from"], screw["serials"][0]["first"], screw["attrition_percent"]) == (
        "2027-05-01", 7, "2.5"
    )  # fmt: skip
    assert (by_number["LAMP-GLASS"]["effective_to"], by_number["LAMP-GLASS"]["line_type"]) == (
        "2027-06-01", "consumable"
    )  # fmt: skip
    bulb = by_number["LAMP-BULB"]["line_id"]
    rows = author.get(f"lines/{bulb}/substitutes/").json()["data"]
    assert [row["product_number"] for row in rows] == ["LAMP-SOCKET", "LAMP-GLASS"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"operation": "effectivity", "effectivity": {"effective_to": "soon"}}, "effective_to"),
        ({"operation": "effectivity", "effectivity": {"until": "2027-05-01"}}, "until"),
        ({"operation": "effectivity", "effectivity": {"serials": [{"first": 1}]}}, "end_item"),
        ({"operation": "effectivity", "effectivity": {"serials": [{"end_item_number": "NO", "first": 1}]}}, "serials"),
        ({"operation": "effectivity"}, "effectivity"),
        ({"operation": "effectivity", "attributes": {"notes": "x"}}, "attributes"),
        ({"operation": "attributes", "attributes": {"condition": "red"}}, "condition"),
        ({"operation": "attributes", "attributes": {"is_optional": None}}, "is_optional"),
        ({"operation": "substitutes", "substitutes": [{"product_number": "NO"}]}, "substitutes"),
        ({"operation": "substitutes", "substitutes": [{}]}, "product_id"),
        ({"operation": "substitutes", "substitutes": {}}, "substitutes"),
    ],
)
def test_what_is_wrong_is_named(author: Api, path: str, lamp: Lamp, body: dict[str, Any], field: str) -> None:
    before = footprint()
    answer = author.post(f"{path}redlines/", {"line_id": str(lamp.screw.pk), **body})
    assert answer.status_code == 400, answer.json()
    assert field in str(answer.json()["details"])
    assert footprint() == before


def test_null_takes_a_kind_out_of_an_addition(author: Api, path: str, lamp: Lamp) -> None:
    affected = author.get(f"{path}affected/").json()["data"][0]["affected_id"]
    made = author.post(
        f"{path}redlines/",
        {
            "operation": "add", "affected_id": affected, "child_number": "LAMP-GLASS", "quantity": 1,
            "effectivity": {"effective_to": "2027-06-01"}, "substitutes": [{"product_number": "LAMP-SOCKET"}],
        },
    ).json()["data"]  # fmt: skip
    one = f"{path}redlines/{made['redline_id']}/"
    left = author.patch(one, {"effectivity": None}).json()["data"]
    assert (left["effectivity"], [row["product_number"] for row in left["substitutes"]]) == (None, ["LAMP-SOCKET"])
    refused = author.patch(one, {"substitutes": [{"product_number": "LAMP-SOCKET", "quantity": "0"}]})
    assert refused.status_code == 400 and "substitutes[0].quantity" in refused.json()["details"]
    assert author.get(one).json()["data"]["version"] == left["version"]
