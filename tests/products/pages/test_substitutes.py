"""Substitutes at the doors: the line's page, the marks on the BOM, where-used, replacing, API and administration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plm_project.core.exceptions import Conflict
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import BomLine, LineSubstitute
from products.services.substitutes import substitute_add
from tests.factories import make_baseline, make_line, make_product, make_substitute, release, system_actor
from tests.parallel import at_once, refusals

Inside = Callable[[], Any]


@pytest.fixture
def line(inside: Inside) -> BomLine:
    with inside():
        made = make_line(make_product("BOARD"), make_product("CAP"), 2, reference_designators=("C1", "C2"))
        make_product("CAP-B", product_name="Taller capacitor")
        return made


def text(client: Client, name: str, *args: Any, **query: Any) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def test_from_the_lines_page(engineer: Client, viewer: Client, inside: Inside, line: BomLine) -> None:
    page = reverse("products:line-edit", args=[line.pk])
    add = reverse("products:substitute-add", args=[line.pk])
    assert add in engineer.get(page).content.decode()
    assert viewer.get(add).status_code == 403
    wrong = engineer.post(add, {"product": "NOBODY", "rank": "1"})
    assert wrong.context["form"].errors.keys() == {"product"}
    wrong = engineer.post(add, {"product": "CAP", "rank": "1"})
    assert "no substitute for itself" in str(wrong.context["form"].errors["product"])
    wrong = engineer.post(add, {"product": "CAP-B", "rank": "1", "quantity": "3", "reference_designators": "C1-C2"})
    assert wrong.context["form"].errors.keys() == {"reference_designators"}
    assert engineer.post(add, {"product": "CAP-B", "rank": "1", "reference_designators": "C1-C2"}).url == page
    with inside():
        row = LineSubstitute.objects.get()
        assert (row.quantity, row.reference_designators) == (2, ["C1", "C2"])
    edit = reverse("products:substitute-edit", args=[row.pk])
    shown = engineer.get(page).content.decode()
    assert edit in shown and "Taller capacitor" in shown
    stale = {"rank": "2", "quantity": "1", "reference_designators": "", "expected_version": row.version + 1}
    assert "Somebody changed this" in engineer.post(edit, stale).content.decode()
    assert engineer.post(edit, stale | {"expected_version": row.version}).url == page
    with inside():
        row.refresh_from_db()
        assert (row.rank, row.quantity, row.reference_designators) == (2, 1, [])
    remove = reverse("products:substitute-remove", args=[row.pk])
    assert engineer.post(remove, {"reason": "too tall", "expected_version": row.version}).url == page
    with inside():
        assert not LineSubstitute.objects.exists()
        assert row.history.first().history_change_reason == "too tall"
    assert engineer.get(edit).status_code == 404


def test_a_released_line_shows_them_and_takes_none(engineer: Client, inside: Inside, line: BomLine) -> None:
    with inside():
        product = line.parent_revision.product
        row = make_substitute(line, make_product("CAP-C"))
        release(product)
    page = text(engineer, "products:line-edit", line.pk)
    add, edit = reverse("products:substitute-add", args=[line.pk]), reverse("products:substitute-edit", args=[row.pk])
    assert "CAP-C" in page and add not in page and edit not in page
    refused = engineer.post(add, {"product": "CAP-B", "rank": "1"})
    assert "is released" in refused.content.decode()
    with inside():
        assert LineSubstitute.objects.count() == 1


def test_marks_reasons_where_used_and_replacing_tell(manager: Client, inside: Inside, line: BomLine) -> None:
    with inside():
        board = line.parent_revision.product
        other = make_product("CAP-C")
        make_substitute(line, other, note="only in winter")
        baseline = make_baseline(board)
    assert "one substitute" in text(manager, "products:product-bom", board.pk)
    assert "one substitute" in text(manager, "products:baseline", baseline.pk)
    why = text(manager, "products:product-bom-why", board.pk, line=line.pk)
    assert "CAP-C" in why and "only in winter" in why
    used = text(manager, "products:product-where-used", other.pk)
    assert "As a substitute" in used and "BOARD" in used
    assert "As a substitute" not in text(manager, "products:product-where-used", line.child_id)
    replacing = text(manager, "changes:product-replace", other.pk, by="CAP-B")
    assert "Lines where it is a substitute" in replacing and "BOARD" in replacing
    answer = manager.post(
        f"/api/v1/plm/products/{other.pk}/replace/",
        {"by_number": "CAP-B", "dry_run": True},
        content_type="application/json",
    )
    assert answer.json()["data"]["as_substitute"] == ["BOARD A, line 10"]


def test_by_the_api(engineer: Client, inside: Inside, line: BomLine) -> None:
    below = f"/api/v1/plm/lines/{line.pk}/substitutes/"

    def post(**body: Any) -> Any:
        return engineer.post(below, body, content_type="application/json")

    assert post().status_code == 400
    assert "product_number" in post(product_number="NOBODY").json()["details"]
    made = post(product_number="CAP-B", quantity="1", reference_designators=["C9"], note="taller")
    assert made.status_code == 201 and made.headers["Location"]
    data = made.json()["data"]
    facts = ("parent_number", "find_number", "part_number", "product_number", "quantity", "reference_designators")
    assert [data[name] for name in facts] == ["BOARD", 10, "CAP", "CAP-B", "1", ["C9"]]
    assert post(product_number="CAP-B").status_code == 409
    assert [row["row_id"] for row in engineer.get(below).json()["data"]] == [data["row_id"]]
    uses = engineer.get(f"/api/v1/plm/products/{data['product_id']}/substitute-uses/").json()["data"]
    assert [row["parent_revision"] for row in uses] == ["A"]
    address = f"/api/v1/plm/substitutes/{data['row_id']}/"
    changed = engineer.patch(address, {"rank": 3, "note": ""}, content_type="application/json")
    assert (changed.json()["data"]["rank"], changed.json()["data"]["note"]) == (3, "")
    stale = engineer.patch(address, {"rank": 4}, content_type="application/json", headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    with inside():
        release(line.parent_revision.product)
    assert engineer.patch(address, {"rank": 4}, content_type="application/json").status_code == 409
    assert engineer.delete(address).status_code == 409
    assert post(product_number="CAP").status_code == 409


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_add_it_once_and_close_no_cycle(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        one = make_line(make_product("ONE"), make_product("ONE-A"))
        two = make_line(make_product("TWO"), make_product("TWO-B"))
        other = make_product("OTHER")
        tops = [row.parent_revision.product_id for row in (one, two)]
    same = [lambda: substitute_add(actor=system_actor(), line_id=one.pk, product_id=other.pk)] * 3
    answers = at_once(tenant, same)
    assert [type(refusal) for refusal in refusals(answers)] == [Conflict, Conflict]
    crossed = at_once(
        tenant,
        [
            lambda: substitute_add(actor=system_actor(), line_id=one.pk, product_id=tops[1]),
            lambda: substitute_add(actor=system_actor(), line_id=two.pk, product_id=tops[0]),
        ],
    )
    assert len(refusals(crossed)) == 1
    with tenant_scope(tenant.pk):
        assert LineSubstitute.objects.count() == 2
