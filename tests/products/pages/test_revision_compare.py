"""The difference of two revisions as a page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import Product
from products.services import line_remove, line_update, revision_create
from tests.conftest import MakeMember
from tests.factories import make_assembly, make_line, make_product, release, revision_of, system_actor


@pytest.fixture
def lamp(tenant: Tenant, scope: None) -> Product:
    """LAMP: revision B has six screws for four, no cable, and a shade."""
    screw, cable, shade = make_product("SCREW"), make_product("CABLE"), make_product("SHADE")
    lamp = make_assembly("LAMP", [(screw, 4), (cable, 1)])
    release(lamp)
    revision_create(actor=system_actor(), product_id=lamp.pk)
    lines = {line.child_id: line for line in revision_of(lamp).lines.all()}
    line_update(actor=system_actor(), line_id=lines[screw.pk].pk, changes={"quantity": Decimal(6)})
    line_remove(actor=system_actor(), line_id=lines[cable.pk].pk)
    make_line(lamp, shade, 2, find_number=30)
    return lamp


def compare(lamp: Product, make_member: MakeMember, query: str = "", **kwargs: Any) -> Any:
    client = Client()
    client.force_login(make_member("viewer", **kwargs)[0])
    return client.get(f"{reverse('products:revision-compare', args=[lamp.pk])}{query}")


@pytest.mark.parametrize("query", ["", "?from=A&to=B", "?from=A&to=B&levels=all", "?to=B"])
def test_added_removed_changed(lamp: Product, make_member: MakeMember, query: str) -> None:
    response = compare(lamp, make_member, query)
    assert [(row.kind, row.number) for row in response.context["rows"]] == [
        ("changed", "SCREW"),
        ("removed", "CABLE"),
        ("added", "SHADE"),
    ]
    page = response.content.decode()
    assert "<del>4</del>" in page and "<ins>6</ins>" in page and "2 each" in page


def test_the_other_way_round_and_the_same(lamp: Product, make_member: MakeMember) -> None:
    rows = compare(lamp, make_member, "?from=B&to=A").context["rows"]
    assert {row.number: row.kind for row in rows} == {"SCREW": "changed", "CABLE": "added", "SHADE": "removed"}
    assert b"Both have the same lines." in compare(lamp, make_member, "?from=B&to=B").content


def test_what_is_not_there(lamp: Product, make_member: MakeMember, other_tenant: Tenant) -> None:
    assert compare(lamp, make_member, "?from=A&to=Z").status_code == 404
    with tenant_scope(other_tenant.pk):
        assert compare(lamp, make_member, tenant=other_tenant).status_code == 404
