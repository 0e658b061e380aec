"""Sets of rows written with one statement keep the tenant's walls."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from plm_project.tenancy.bulk import insert_in_bulk, keep_related, point_in_bulk, records_read, row_maker
from plm_project.tenancy.history import record_in_bulk
from plm_project.tenancy.provisioning import tenant_create
from plm_project.tenancy.references import CrossTenantReference
from plm_project.tenancy.scope import require_tenant_id, tenant_scope
from products.models import BomLine, Product, ProductRevision
from tests.factories import make_line, make_product, revision_of, system_actor

pytestmark = pytest.mark.usefixtures("scope")


def test_another_tenants_rows_and_references_are_refused() -> None:
    other = tenant_create(slug="other", name="Other")[0]
    with tenant_scope(other.pk):
        theirs = make_product("THEIRS")
    ours = make_product("OURS")
    before = Product.history.count()
    with pytest.raises(CrossTenantReference):
        insert_in_bulk(ProductRevision, [ProductRevision(tenant_id=require_tenant_id(), product_id=theirs.pk)])
    with pytest.raises(CrossTenantReference):
        insert_in_bulk(Product, [Product(tenant_id=other.pk, product_number="NEW", product_name="New")])
    with pytest.raises(CrossTenantReference):
        point_in_bulk(Product, "replaced_by", {ours: theirs.pk}, system_actor())
    with pytest.raises(CrossTenantReference):
        record_in_bulk(Product, [theirs], system_actor(), reason="no", kind="~")
    theirs.tenant_id = require_tenant_id()  # a lie that the database finds out
    with pytest.raises(CrossTenantReference):
        record_in_bulk(Product, [theirs], system_actor(), reason="no", kind="~")
    assert Product.history.count() == before
    assert Product.objects.get(pk=ours.pk).replaced_by_id is None


def test_rows_come_back_as_they_were_and_leave_history() -> None:
    attributes = {"note": 'a "quoted" \\ line\nand more', "n": 1, "list": [None, True]}
    row = Product(
        tenant_id=require_tenant_id(), product_number="BULK", product_name="Größe ×", custom_attributes=attributes,
        tags=["a b"], version=1,
    )  # fmt: skip
    insert_in_bulk(Product, [row])
    stored = Product.objects.get(product_number="BULK")
    names = [field.attname for field in Product._meta.concrete_fields]
    assert {name: getattr(stored, name) for name in names} == {name: getattr(row, name) for name in names}
    target = make_product("TARGET")
    point_in_bulk(Product, "replaced_by", {stored: target.pk}, system_actor())
    record_in_bulk(Product, [stored], system_actor(), reason="replaced", kind="~")
    assert Product.objects.get(pk=stored.pk).replaced_by_id == target.pk
    kept = Product.history.get(id=stored.pk)
    assert (kept.version, kept.history_change_reason, kept.history_actor, kept.history_type) == (
        2,
        "replaced",
        "tests",
        "~",
    )
    assert kept.history_id.version == 7
    assert abs((kept.history_id.int >> 80) / 1000 - kept.history_date.timestamp()) < 1


def test_what_rows_share_and_what_each_has_comes_back_the_same() -> None:
    rows = [
        Product(
            tenant_id=require_tenant_id(), product_number=f"ROW-{number}", product_name="Same", version=1,
            tags=["same"], mass_kg=Decimal(number), replaced_by_id=None, custom_attributes={"n": number} if number else {},
        )
        for number in range(3)
    ]  # fmt: skip
    insert_in_bulk(Product, rows)
    names = [field.attname for field in Product._meta.concrete_fields]
    stored = {row.product_number: row for row in Product.objects.filter(product_name="Same")}
    for row in rows:
        other = stored[row.product_number]
        assert {name: getattr(other, name) for name in names} == {name: getattr(row, name) for name in names}


def test_a_made_row_is_the_one_its_class_builds() -> None:
    parent, child = make_product("PARENT"), make_product("CHILD")
    revision = parent.revisions.get()
    shared: dict[str, Any] = {"tenant_id": require_tenant_id(), "version": 1}
    own: dict[str, Any] = {"quantity": Decimal(2), "find_number": 10, "notes": "own"}
    make = row_maker(BomLine, **shared)
    one, other = (make(own, {"parent_revision": revision, "child": child}) for _ in range(2))
    built = BomLine(**shared, **own, parent_revision=revision, child=child)
    names = {field.attname for field in BomLine._meta.concrete_fields} - {"id", "created_at", "updated_at"}
    assert {name: getattr(one, name) for name in names} == {name: getattr(built, name) for name in names}
    assert (one.child, one.parent_revision, one._state.adding) == (child, revision, True)
    assert one.pk != other.pk
    one.reference_designators.append("R1")
    assert other.reference_designators == [] and make(own, {"child": child}).reference_designators == []


def test_a_record_that_was_read_is_the_one_its_class_loads(django_assert_num_queries: Any) -> None:
    part, left, right = make_product("PART"), make_product("LEFT"), make_product("RIGHT")
    part.custom_attributes, part.tags = {"colour": ["red", {"ral": 3020}]}, ["x"]
    part.save_as(system_actor(), reason="painted")
    for replaced in (left, right):
        replaced.replaced_by = part
        replaced.save_as(system_actor(), reason="replaced")
    names = [field.attname for field in Product._meta.concrete_fields]
    with django_assert_num_queries(1):
        joined = ("product_number", "custom_attributes", "tags")
        found = records_read(Product.objects.order_by("product_number"), *names, replaced_by=joined)
        assert [row.replaced_by and row.replaced_by.product_number for row in found] == ["PART", None, "PART"]
    assert found[0].replaced_by is found[2].replaced_by
    for row, loaded in zip(found, Product.objects.order_by("product_number"), strict=True):
        assert row == loaded
        assert {name: getattr(row, name) for name in names} == {name: getattr(loaded, name) for name in names}
        assert not row._state.adding
    assert found[0].replaced_by is not None
    assert found[0].replaced_by.custom_attributes == {"colour": ["red", {"ral": 3020}]}
    assert (found[0].replaced_by.tags, found[0].tags, found[0].custom_attributes) == (["x"], [], {})
    found[0].tags.append("mine")
    assert found[2].tags == []
    with django_assert_num_queries(1):
        assert found[0].replaced_by.product_name == part.product_name  # not named, so read when asked for
    found[1].product_name = "Renamed"
    found[1].save_as(system_actor(), reason="renamed")
    assert Product.objects.get(pk=part.pk).product_name == "Renamed"


def test_what_is_kept_is_what_is_asked_for(django_assert_num_queries: Any) -> None:
    product = make_product("LAMP")
    for number in ("BULB", "SCREW"):
        make_line(product, make_product(number))
    revision = revision_of(product)
    rows = records_read(revision.lines.order_by("find_number"), "id", "tenant_id", "find_number")
    keep_related(revision, "lines", rows[:1])
    with django_assert_num_queries(0):
        assert [line.find_number for line in revision.lines.all()] == [10]
    assert revision.lines.filter(find_number=20).exists()  # another question is asked of the database
