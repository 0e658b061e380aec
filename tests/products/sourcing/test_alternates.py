"""Alternates: a pair once, in one direction or both, by every door."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plm_project.core.exceptions import Conflict, ValidationFailed
from products.models import Alternate, Product
from products.selectors.alternates import alternates_of, other_of
from products.selectors.resolution import Resolution
from products.selectors.single_source import SingleSources
from products.services.alternates import alternate_add
from tests.factories import make_alternate, make_product, system_actor

pytestmark = pytest.mark.usefixtures("scope")


def others(product: Product) -> list[str]:
    return [other_of(row, product).product_number for row in alternates_of(product)]


def test_a_pair_stands_once_and_counts_its_way() -> None:
    bolt, screw, pin = (make_product(number, product_type="purchased") for number in ("BOLT", "SCREW", "PIN"))
    make_alternate(bolt, screw, rank=2)
    make_alternate(pin, bolt, is_two_way=True)
    assert (others(bolt), others(screw), others(pin)) == (["PIN", "SCREW"], [], ["BOLT"])
    report = {row.product_number: row.alternates for row in SingleSources(Resolution.of())[:]}
    assert report == {"BOLT": ("SCREW", "PIN"), "PIN": ("BOLT",), "SCREW": ()}
    for one, two, refusal in (
        (bolt.pk, screw.pk, Conflict), (screw.pk, bolt.pk, Conflict), (bolt.pk, bolt.pk, ValidationFailed),
        (bolt.pk, uuid.uuid4(), ValidationFailed),
    ):  # fmt: skip
        with pytest.raises(refusal):
            alternate_add(actor=system_actor(), product_id=one, alternate_id=two)
    assert Alternate.objects.count() == 2


def test_by_page_and_api(make_member: Any) -> None:
    bolt, screw = make_product("BOLT", product_type="purchased"), make_product("SCREW")
    client = Client()
    client.force_login(make_member("plm_manager")[0], backend="django.contrib.auth.backends.ModelBackend")
    add = reverse("products:alternate-add", args=[bolt.pk])
    tab = reverse("products:product-sourcing", args=[bolt.pk])
    assert add in client.get(tab).content.decode()
    wrong = client.post(add, {"alternate": "NOTHING", "rank": "1"})
    assert wrong.context["form"].errors.keys() == {"alternate"} and not Alternate.objects.exists()
    assert client.post(add, {"alternate": "SCREW", "rank": "1", "note": "shorter"}).status_code == 302
    row = Alternate.objects.get()
    assert "shorter" in client.get(tab).content.decode()
    edit = reverse("products:alternate-edit", args=[row.pk])
    assert client.post(edit, {"rank": "1", "is_two_way": "on", "expected_version": row.version}).status_code == 302
    assert "BOLT" in client.get(reverse("products:product-sourcing", args=[screw.pk])).content.decode()
    listed = client.get(f"/api/v1/plm/products/{screw.pk}/alternates/").json()["data"]
    assert [(entry["product_number"], entry["is_two_way"], entry["note"]) for entry in listed] == [("BOLT", True, "")]
    address = f"/api/v1/plm/alternates/{row.pk}/"
    assert client.patch(address, {"rank": 3}, content_type="application/json").json()["data"]["rank"] == 3
    again = client.post(
        f"/api/v1/plm/products/{screw.pk}/alternates/", {"alternate_id": str(bolt.pk)}, content_type="application/json"
    )
    assert again.status_code == 409
    assert client.delete(address).status_code == 204 and others(screw) == []
