"""The main job through the admin alone: products, lines, a change with redlines, approval, revision B."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.test import Client

from changes.models import EngineeringChange, Redline
from changes.services import redline_add
from products.models import BomLine, Product, ProductRevision
from tests.admin.conftest import SignIn, add_row, address, errors_of, form_of, saved
from tests.conftest import PASSWORD
from tests.factories import make_product as new_product


def make_product(client: Client, number: str, **values: Any) -> None:
    data = form_of(client.get(address(Product, "add")))
    saved(
        client.post(
            address(Product, "add"), {**data, "product_number": number, "product_name": f"{number} name", **values}
        )
    )


def step(client: Client, record: Any, name: str, **values: Any) -> Any:
    data = {"expected_version": record.version, **values}
    return client.post(address(type(record), "step", record.pk, name), data, follow=True)


def fresh(record: Any) -> Any:
    return type(record).objects.get(pk=record.pk)


def test_from_products_to_revision_b(manager: Client, sign_in: SignIn, scope: None) -> None:
    for number in ("LAMP", "LAMP-BULB", "LAMP-SCREW", "LAMP-LED"):
        make_product(manager, number, tags="light, indoor")
    lamp, bulb, screw, led = (
        Product.objects.get(product_number=number) for number in ("LAMP", "LAMP-BULB", "LAMP-SCREW", "LAMP-LED")
    )
    assert lamp.tags == ["light", "indoor"]

    # lines in place, three of them in one go
    first = ProductRevision.objects.get(product=lamp)
    page = address(ProductRevision, "change", first.pk)
    data = form_of(manager.get(page))
    add_row(data, "lines", child=bulb.pk, quantity="1")
    add_row(data, "lines", child=screw.pk, quantity="4", reference_designators="S1-S4", unit_of_measure="each")
    saved(manager.post(page, data))
    assert [(line.find_number, line.child_id, str(line.quantity)) for line in first.lines.all()] == [
        (10, bulb.pk, "1.000000"),
        (20, screw.pk, "4.000000"),
    ]
    assert first.lines.get(find_number=20).reference_designators == ["S1", "S2", "S3", "S4"]
    # change one, remove none
    data = form_of(manager.get(page))
    assert data["lines-1-reference_designators"] == "S1-S4"
    data["lines-1-reference_designators"] = ""
    saved(manager.post(page, data))
    assert fresh(first.lines.get(find_number=20)).reference_designators == []

    for product in (bulb, screw, led, lamp):
        assert "Done" in step(manager, ProductRevision.objects.get(product=product), "released").content.decode()
    assert fresh(first).state == "released"
    assert manager.post(page, data).status_code == 403

    # the change, with its product
    add = address(EngineeringChange, "add")
    data = form_of(manager.get(add))
    data |= {"change_title": "LED instead of bulb", "reason_for_change": "lasts longer"}
    add_row(data, "affected", product=lamp.pk)
    add_row(data, "affected", product=bulb.pk, chosen_action="obsolete", replacement=led.pk)
    saved(manager.post(add, data))
    change = EngineeringChange.objects.get()
    assert change.change_number == "ECO-000001"

    page = address(EngineeringChange, "change", change.pk)
    data = form_of(manager.get(page))
    data["affected-1-effective_from"] = "2031-05-01"
    saved(manager.post(page, data))
    assert change.affected.get(product=bulb.pk).effective_from == dt.date(2031, 5, 1)
    data = form_of(manager.get(page))
    add_row(data, "redlines", operation="replace", line=first.lines.get(find_number=10).pk, child=led.pk)
    add_row(data, "redlines", operation="quantity", line=first.lines.get(find_number=20).pk, quantity="6")
    saved(manager.post(page, data))
    assert Redline.objects.count() == 2
    shown = manager.get(page).content.decode()
    assert "<del>4</del> <ins>6</ins>" in shown
    assert "plm-row-changed" in shown

    technical = sign_in("technical_approver", "plm_manager", email="technical@acme.example")
    step(manager, fresh(change), "submitted", reason="please look")
    assert fresh(change).status == "submitted"
    assert "Your decision is waited for" in technical.get(page).content.decode()
    assert "Your decision is waited for" not in manager.get(page).content.decode()
    step(technical, fresh(change), "approve", reason="good", password=PASSWORD)
    assert fresh(change).status == "approved"
    step(manager, fresh(change), "implemented", reason="lot 7")
    assert fresh(change).status == "implemented"

    retired = Product.objects.get(pk=bulb.pk)
    assert (retired.lifecycle_phase, retired.replaced_by_id) == ("obsolete", led.pk)
    second = ProductRevision.objects.get(product=lamp, label="B")
    assert (second.state, fresh(first).state) == ("released", "superseded")
    assert {(line.child.product_number, int(line.quantity)) for line in second.lines.select_related("child")} == {
        ("LAMP-LED", 1),
        ("LAMP-SCREW", 6),
    }
    product_page = manager.get(address(Product, "change", lamp.pk)).content.decode()
    assert ">B</a>" in product_page
    history = manager.get(address(EngineeringChange, "history", change.pk)).content.decode()
    for word in ("manager@acme.example", "technical@acme.example", "please look", "good", "lot 7"):
        assert word in history


def test_a_refused_row_undoes_the_whole_form(manager: Client, scope: None) -> None:
    for number in ("BOX", "LID", "OIL"):
        make_product(manager, number, **({"unit_of_measure": "l"} if number == "OIL" else {}))
    box, lid, oil = (Product.objects.get(product_number=number) for number in ("BOX", "LID", "OIL"))
    revision = ProductRevision.objects.get(product=box)
    page = address(ProductRevision, "change", revision.pk)
    data = form_of(manager.get(page)) | {"description": "first try"}
    add_row(data, "lines", child=lid.pk, quantity="1")
    name = add_row(data, "lines", child=oil.pk, quantity="2", unit_of_measure="kg")
    answer = manager.post(page, data)
    assert answer.status_code == 200
    assert "OIL is counted in l" in errors_of(answer)
    assert name in answer.content.decode()
    assert (BomLine.objects.count(), fresh(revision).description, fresh(revision).version) == (0, "", revision.version)

    data[f"{name}-unit_of_measure"] = ""
    saved(manager.post(page, data))
    assert fresh(revision).lines.get(child=oil).unit_of_measure == "l"
    assert fresh(revision).description == "first try"


def test_a_cycle_is_said_at_its_row(manager: Client, scope: None) -> None:
    make_product(manager, "EGG")
    egg = Product.objects.get()
    page = address(ProductRevision, "change", ProductRevision.objects.get().pk)
    data = form_of(manager.get(page))
    add_row(data, "lines", child=egg.pk, quantity="1")
    assert "cannot contain itself" in errors_of(manager.post(page, data))
    assert BomLine.objects.count() == 0


def test_removing_a_line_frees_its_find_number_in_the_same_form(manager: Client, scope: None) -> None:
    for number in ("BOX", "LID", "BASE"):
        make_product(manager, number)
    lid, base = (Product.objects.get(product_number=number) for number in ("LID", "BASE"))
    revision = ProductRevision.objects.get(product__product_number="BOX")
    page = address(ProductRevision, "change", revision.pk)
    data = form_of(manager.get(page))
    add_row(data, "lines", child=lid.pk, quantity="1", find_number="10")
    saved(manager.post(page, data))
    data = form_of(manager.get(page)) | {"lines-0-DELETE": "on"}
    add_row(data, "lines", child=base.pk, quantity="1", find_number="10")
    saved(manager.post(page, data))
    assert [line.child for line in revision.lines.all()] == [base]


def test_redlines_choose_among_the_lines_of_their_change(
    manager: Client, ours: Any, scoped: Callable[[], Any]
) -> None:
    change = ours.of(EngineeringChange)
    page = manager.get(address(EngineeringChange, "change", change.pk)).content.decode()
    base = ours.of(ProductRevision)
    assert f"revision={base.pk}" in page
    query = {"app_label": "changes", "model_name": "redline", "field_name": "line", "term": ""}
    found = manager.get("/admin/autocomplete/", {**query, "revision": str(base.pk)}).json()["results"]
    assert [entry["text"] for entry in found] == ["10: ours-CHILD × 2 each"]
    assert manager.get("/admin/autocomplete/", query).json()["results"] == []


def test_effectivity_and_substitutes_are_looked_at_here(manager: Client, ours: Any, scoped: Callable[[], Any]) -> None:
    """They are drawn on the change's own page; a form that is sent back leaves them as they are."""
    change = ours.of(EngineeringChange)
    address_of = address(EngineeringChange, "change", change.pk)
    with scoped():
        line = BomLine.objects.get(parent_revision=ours.of(ProductRevision))
        other = new_product("OTHER")
        for operation, values in (
            ("effectivity", {"effectivity": {"effective_to": "2027-06-01"}}),
            ("substitutes", {"substitutes": [{"product_id": other.pk}]}),
        ):
            redline_add(actor=ours.actor, change_id=change.pk, operation=operation, line_id=line.pk, values=values)
    page = " ".join(manager.get(address_of).content.decode().split())
    assert "Effective to: 2027-06-01" in page and f"Substitute {other.product_number}: 2 each, rank 1" in page
    assert "<del>open</del> <ins>2027-06-01</ins>" in page
    assert 0 < page.count('<option value="effectivity"') < page.count('<option value="quantity"')  # no new one here
    data = form_of(manager.get(address_of))
    saved(manager.post(address_of, {**data, "change_title": "Another title"}))
    with scoped():
        kept = {row.operation: row.new_values() for row in Redline.objects.filter(change=change)}
        assert str(kept["effectivity"]["effective_to"]) == "2027-06-01" and kept["substitutes"]["substitutes"]
