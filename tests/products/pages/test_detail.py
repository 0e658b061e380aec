from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.scope import tenant_scope
from products.extensions import ProductTab, register_product_tab
from products.models import Product, ProductRevision
from tests.factories import make_line, make_product, release, release_parts, revision_of

PAGES = ("product-detail", "product-bom", "product-where-used", "product-revisions", "product-history")
FORMS = ("product-edit", "product-delete", "revision-create")


def address(name: str, *args: Any) -> str:
    return reverse(f"products:{name}", args=args)


@pytest.fixture
def bike(inside: Any) -> Product:
    with inside():
        bolt = make_product("BOLT", current_cost=Decimal("0.10"))
        tape = make_product("TAPE", product_type="purchased", current_cost=Decimal(0))
        wheel = make_product("WHEEL", current_cost=Decimal(5))
        bike = make_product(
            "BIKE", product_name="Town bike", current_cost=Decimal(100), custom_attributes={"colour": "red"}
        )
        make_line(wheel, bolt, 4)
        make_line(bike, wheel, 2)
        make_line(bike, tape, 1)
        return bike


@pytest.mark.parametrize("name", PAGES)
def test_every_tab_opens_for_a_viewer(viewer: Client, bike: Product, name: str) -> None:
    page = viewer.get(address(name, bike.pk))
    assert page.status_code == 200
    text = page.content.decode()
    assert "Town bike" in text and text.count('aria-current="page"') >= 1
    assert address("product-edit", bike.pk) not in text and "/lines/new/" not in text


@pytest.mark.parametrize(
    "name", [*PAGES, *FORMS, "product-bom-rows", "product-bom-export", "product-requirements-export"]
)
def test_another_tenants_product_is_not_found(manager: Client, other_tenant: Any, name: str) -> None:
    with tenant_scope(other_tenant.pk):
        foreign = make_product("SECRET-1", product_name="Secret thing")
    page = manager.get(address(name, foreign.pk))
    assert page.status_code == 404
    assert "Secret" not in page.content.decode()


@pytest.mark.parametrize("name", FORMS)
def test_forms_need_the_permission(viewer: Client, bike: Product, name: str) -> None:
    assert viewer.get(address(name, bike.pk)).status_code == 403
    assert viewer.post(address(name, bike.pk), {"reason": "no"}).status_code == 403


def test_overview_rolls_up_and_names_missing_prices(viewer: Client, bike: Product) -> None:
    page = viewer.get(address("product-detail", bike.pk))
    assert page.context["rollup"].unit_cost == Decimal("110.8")
    text = page.content.decode()
    assert "One part has no price" in text and "TAPE" in text
    assert "colour" in text and "red" in text


def test_lifecycle_shows_ways_and_reasons(engineer: Client, bike: Product) -> None:
    page = engineer.get(address("product-detail", bike.pk))
    assert [option.to for option in page.context["possible"]] == ["design"]
    stopped = {option.to: option.reasons for option in page.context["stopped"]}
    assert "No revision is released yet." in stopped["production"]


def test_transition(engineer: Client, bike: Product, inside: Any) -> None:
    page = engineer.post(
        address("product-transition", bike.pk, "design"), {"reason": "go", "expected_version": bike.version}
    )
    assert page.status_code == 302
    with inside():
        assert Product.objects.get(pk=bike.pk).lifecycle_phase == "design"
        events = OutboxEvent.objects.filter(event_type="lifecycle_phase_changed").count()
    refused = engineer.post(address("product-transition", bike.pk, "production"), {"reason": "now"})
    assert refused.status_code in (302, 403, 422)
    with inside():
        assert Product.objects.get(pk=bike.pk).lifecycle_phase == "design"
        assert OutboxEvent.objects.filter(event_type="lifecycle_phase_changed").count() == events
    back = engineer.post(address("product-transition", bike.pk, "concept"), {})
    assert back.status_code == 422 and "Give a reason." in back.content.decode()
    assert engineer.get(address("product-transition", bike.pk, "nonsense")).status_code == 404


def test_overview_queries_do_not_grow_with_the_structure(
    viewer: Client, bike: Product, inside: Any, django_assert_max_num_queries: Any
) -> None:
    viewer.get(address("product-detail", bike.pk))
    with django_assert_max_num_queries(23) as few:
        viewer.get(address("product-detail", bike.pk))
    with inside():
        for number in range(12):
            make_line(bike, make_product(f"PART-{number}"))
    with django_assert_max_num_queries(len(few)):
        viewer.get(address("product-detail", bike.pk))


def test_create(engineer: Client, inside: Any) -> None:
    data = {
        "product_number": "NEW-1",
        "product_name": "New thing",
        "product_type": "purchased",
        "unit_of_measure": "kg",
        "current_cost": "1.25",
        "tags": "steel, steel, fast",
        "attributes": "colour: red\nsize: 12",
    }
    page = engineer.post(reverse("products:product-create"), data)
    with inside():
        product = Product.objects.get(product_number="NEW-1")
    assert page.status_code == 302 and page.headers["Location"] == product.get_absolute_url()
    assert (product.current_cost, product.tags) == (Decimal("1.25"), ["steel", "fast"])
    assert product.custom_attributes == {"colour": "red", "size": "12"}
    again = engineer.post(reverse("products:product-create"), data)
    assert again.status_code == 422 and "is taken" in again.content.decode()
    wrong = engineer.post(
        reverse("products:product-create"), {**data, "product_number": "NEW-2", "attributes": "nonsense"}
    )
    assert wrong.status_code == 422 and "name: value" in wrong.content.decode()
    with inside():
        assert not Product.objects.filter(product_number="NEW-2").exists()


def edit_data(product: Product, **changes: Any) -> dict[str, Any]:
    return {
        "product_name": product.product_name,
        "product_type": product.product_type,
        "unit_of_measure": product.unit_of_measure,
        "status": product.status,
        "product_description": product.product_description,
        "current_cost": str(product.current_cost),
        "target_cost": str(product.target_cost),
        "mass_kg": str(product.mass_kg),
        "tags": ", ".join(product.tags),
        "attributes": "colour: red",
        "expected_version": product.version,
        **changes,
    }


def test_edit_keeps_what_a_colleague_changed(engineer: Client, manager: Client, bike: Product, inside: Any) -> None:
    url = address("product-edit", bike.pk)
    first = manager.post(url, edit_data(bike, current_cost="120", tags="colleague"))
    assert first.status_code == 302
    stale = engineer.post(url, edit_data(bike, product_name="City bike", tags="mine"))
    assert stale.status_code == 409
    text = stale.content.decode()
    assert "plm_manager@acme.example" in text
    form = stale.context["form"]
    assert (form["product_name"].value(), form["tags"].value(), form["current_cost"].value()) == (
        "City bike",
        "mine",
        "120",
    )
    clashes = {entry.label: entry.clash for entry in stale.context["differences"]}
    assert clashes == {"Tags": True, "Own cost": False}
    with inside():
        assert Product.objects.get(pk=bike.pk).product_name == "Town bike"
    again = engineer.post(url, {name: form[name].value() or "" for name in form.fields})
    assert again.status_code == 302
    with inside():
        product = Product.objects.get(pk=bike.pk)
    assert (product.product_name, product.tags, product.current_cost) == ("City bike", ["mine"], Decimal(120))


def test_edit_names_an_unknown_replacement(engineer: Client, bike: Product) -> None:
    page = engineer.post(address("product-edit", bike.pk), edit_data(bike, replaced_by="NOWHERE-1"))
    assert page.status_code == 422
    assert "replaced_by" in page.context["form"].errors


def test_delete(manager: Client, bike: Product, inside: Any) -> None:
    with inside():
        tape = Product.objects.get(product_number="TAPE")
    used = manager.post(address("product-delete", tape.pk), {"expected_version": tape.version})
    assert used.status_code == 422 and "BIKE" in used.content.decode()
    assert manager.post(address("product-delete", bike.pk), {"expected_version": bike.version}).status_code == 302
    with inside():
        assert not Product.objects.filter(pk=bike.pk).exists()
        assert Product.objects.filter(pk=tape.pk).exists()
    assert manager.get(bike.get_absolute_url()).status_code == 404


def test_revisions_from_start_to_release(manager: Client, bike: Product, inside: Any) -> None:
    with inside():
        first = revision_of(bike)
        release_parts(bike)
    submit = address("revision-step", first.pk, "in_review")
    assert manager.post(submit, {"expected_version": first.version}).status_code == 302
    back = address("revision-step", first.pk, "in_work")
    assert manager.post(back, {}).status_code == 422
    assert manager.post(back, {"reason": "a hole is missing"}).status_code == 302
    stale = manager.post(
        address("revision-step", first.pk, "released"), {"reason": "x", "expected_version": first.version}
    )
    assert stale.status_code == 422
    assert manager.post(address("revision-step", first.pk, "released"), {"reason": "good"}).status_code == 302
    with inside():
        assert ProductRevision.objects.get(pk=first.pk).state == "released"
    page = manager.get(address("product-revisions", bike.pk))
    assert page.context["may_start"] and address("revision-create", bike.pk) in page.content.decode()
    made = manager.post(address("revision-create", bike.pk), {"description": "lighter"})
    assert made.status_code == 302 and made.headers["Location"].endswith("?revision=B")
    assert manager.post(address("revision-create", bike.pk), {}).status_code == 422
    text = manager.get(address("product-revisions", bike.pk)).content.decode()
    assert "lighter" in text and "There is one revision in work at a time" in text


def test_a_viewer_cannot_take_a_step(viewer: Client, bike: Product, inside: Any) -> None:
    with inside():
        first = revision_of(bike)
    assert viewer.post(address("revision-step", first.pk, "released"), {"reason": "x"}).status_code == 403
    with inside():
        assert ProductRevision.objects.get(pk=first.pk).state == "in_work"


def test_where_used_by_level(viewer: Client, bike: Product, inside: Any) -> None:
    with inside():
        bolt = Product.objects.get(product_number="BOLT")
    page = viewer.get(address("product-where-used", bolt.pk))
    assert [(level, [line.product_number for line in lines]) for level, lines in page.context["levels"]] == [
        (1, ["WHEEL"]),
        (2, ["BIKE"]),
    ]
    assert "Not used anywhere" in viewer.get(address("product-where-used", bike.pk)).content.decode()


def test_history_says_who_what_and_why(engineer: Client, bike: Product) -> None:
    engineer.post(address("product-edit", bike.pk), edit_data(bike, product_name="City bike", reason="new brand"))
    text = engineer.get(address("product-history", bike.pk)).content.decode()
    assert "new brand" in text and "engineer@acme.example" in text
    assert "<del>Town bike</del>" in text and "<ins>City bike</ins>" in text
    assert "new brand" not in engineer.get(address("product-history", bike.pk) + "?record=line").content.decode()


def test_a_tab_of_another_context(viewer: Client, bike: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    from products import extensions

    monkeypatch.setattr(extensions, "_tabs", {})
    register_product_tab(ProductTab("more", "Something more", "products:product-history", "plm.products.read"))
    register_product_tab(
        ProductTab("hidden", "Hidden from viewers", "products:product-history", "plm.products.delete")
    )
    text = viewer.get(bike.get_absolute_url()).content.decode()
    assert "Something more" in text and "Hidden from viewers" not in text
    with pytest.raises(ValueError, match="more"):
        register_product_tab(ProductTab("more", "Other", "products:product-bom", "plm.products.read"))


def test_a_released_product_leads_to_a_change(manager: Client, bike: Product, inside: Any) -> None:
    with inside():
        release(bike)
    text = manager.get(address("product-bom", bike.pk)).content.decode()
    assert "A released revision never changes." in text and "/lines/new/" not in text
