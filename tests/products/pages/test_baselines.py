"""Baselines and comparisons as pages."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import Baseline, Product
from tests.conftest import MakeMember
from tests.factories import make_assembly, make_baseline, make_line, make_product

HTMX = {"HX-Request": "true"}


@pytest.fixture
def lamp(scope: None) -> Product:
    """LAMP → 2 HOLDER → 4 SCREW."""
    return make_assembly("LAMP", [(make_assembly("HOLDER", [(make_product("SCREW"), 4)]), 2)])


def signed_in(make_member: MakeMember, role: str) -> Client:
    client = Client()
    client.force_login(make_member(role)[0])
    return client


def test_one_is_taken_read_verified_and_withdrawn(lamp: Product, make_member: MakeMember, tenant: Tenant) -> None:
    manager = signed_in(make_member, "plm_manager")
    address = reverse("products:baseline-create", args=[lamp.pk])
    assert b"Freezes revision A" in manager.get(address, {"mode": "latest"}).content
    assert manager.post(f"{address}?mode=latest", {"name": ""}).status_code == 422
    response = manager.post(f"{address}?mode=latest", {"name": "Pilot", "note": "first"})
    with tenant_scope(tenant.pk):
        baseline = Baseline.objects.get()
    assert (response["Location"], baseline.mode) == (baseline.get_absolute_url(), "latest")
    again = manager.post(f"{address}?mode=latest", {"name": "Pilot"})
    assert again.status_code == 422 and b"has a baseline Pilot already" in again.content
    page = manager.get(baseline.get_absolute_url(), {"verify": "1"}).content.decode()
    assert baseline.checksum in page and "The checksum fits" in page and "HOLDER" in page
    for view in ("indented", "flat"):
        assert b"SCREW" in manager.get(baseline.get_absolute_url(), {"view": view}).content
    moved = manager.get(reverse("products:product-bom", args=[lamp.pk]), {"baseline": baseline.pk, "view": "flat"})
    assert moved["Location"] == f"{baseline.get_absolute_url()}?view=flat"
    rows = manager.get(reverse("products:baseline-rows", args=[baseline.pk]), {"place": 1, "depth": 2}, headers=HTMX)
    assert b"SCREW" in rows.content and b'data-level="2"' in rows.content
    export = manager.get(reverse("products:baseline-export", args=[baseline.pk]))
    assert b"frozen in baseline Pilot" in b"".join(export.streaming_content)  # type: ignore[attr-defined]
    assert b"Pilot" in manager.get(reverse("products:product-baselines", args=[lamp.pk])).content
    with tenant_scope(tenant.pk):
        screw = Product.objects.get(product_number="SCREW")
    assert b"Pilot" in manager.get(reverse("products:product-where-used", args=[screw.pk])).content

    withdraw = reverse("products:baseline-withdraw", args=[baseline.pk])
    assert signed_in(make_member, "engineer").post(withdraw, {"reason": "wrong"}).status_code == 403
    manager.post(withdraw, {"reason": "wrong day", "expected_version": baseline.version})
    assert b"wrong day" in manager.get(baseline.get_absolute_url()).content


def test_a_comparison_as_table_side_by_side_and_file(lamp: Product, make_member: MakeMember, tenant: Tenant) -> None:
    baseline = make_baseline(lamp, "Pilot")
    holder = Product.objects.get(product_number="HOLDER")
    make_line(holder, make_product("NUT"), 4)
    viewer = signed_in(make_member, "viewer")
    address = reverse("products:revision-compare", args=[lamp.pk])
    asked = {"from_baseline": str(baseline.pk), "levels": "all"}
    page = viewer.get(address, asked)
    assert [(row.kind, row.parent, row.number) for row in page.context["rows"]] == [("added", "HOLDER", "NUT")]
    assert "LAMP baseline Pilot" in page.content.decode()
    assert viewer.get(address, {**asked, "kind": "removed"}).context["rows"] == []

    side = viewer.get(address, {**asked, "view": "side"})
    [row] = side.context["tree"].rows
    assert (row.kind, row.differs_below) == ("same", True)
    assert "differs below" in side.content.decode()
    rows = viewer.get(
        reverse("products:compare-rows", args=[lamp.pk]),
        {**asked, "depth": 2, "left": str(holder.pk), "right": str(holder.pk)},
        headers=HTMX,
    ).content.decode()
    assert rows.count("<tr") == 2 and "NUT" in rows and 'class="diff-added"' in rows
    file = b"".join(viewer.get(reverse("products:compare-export", args=[lamp.pk]), asked).streaming_content)  # type: ignore[attr-defined]
    assert b"added,HOLDER,20,NUT,,,4 each" in file
    options = viewer.get(address, {"from_options": "motor:e", "to_product": "HOLDER", "to_mode": "latest"})
    assert b"two different products" in options.content
