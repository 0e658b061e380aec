"""The sourcing tab and room: what they show, what forms do, who may, the files."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from products.models import ApprovedSource, Manufacturer, ManufacturerPart, Product, SupplierOffer
from tests.factories import (
    make_line,
    make_manufacturer,
    make_offer,
    make_part,
    make_product,
    make_source,
    make_supplier,
)


def at(name: str, *args: Any) -> str:
    return reverse(f"products:{name}", args=args)


@pytest.fixture
def pump(inside: Any) -> Product:
    """PUMP → 4 SEAL (one maker, two offers) and 1 LABEL, which nobody offers."""
    with inside():
        seal = make_product("SEAL", product_type="purchased", current_cost=Decimal(0))
        label = make_product("LABEL", product_name="Label", product_type="purchased", current_cost=Decimal("0.3"))
        pump = make_product("PUMP", current_cost=Decimal(2))
        make_line(pump, seal, 4)
        make_line(pump, label, 1)
        source = make_source(seal, "Freudenberg", "OR-12")
        make_offer(source.manufacturer_part, "Seal shop", (1, "0.4"), (1000, "0.1"), lead_time_days=9)
        make_offer(seal, "Broker", (1, 7))
        return pump


def test_the_tab_shows_costs_offers_and_what_is_missing(viewer: Client, pump: Product, inside: Any) -> None:
    page = viewer.get(at("product-sourcing", pump.pk)).content.decode()
    assert "No approved source and no offer." in page and "LABEL" in page
    assert "Seal shop" in page and "quantity-cost" in page
    assert at("source-add", pump.pk) not in page
    own = viewer.get(at("product-sourcing", pump.pk), {"missing": "own_cost", "quantities": "1000 x 250"})
    assert [str(cost.quantity) for cost in own.context["rollup"].costs] == ["250", "1000"]
    assert own.context["rollup"].is_complete
    assert own.context["rollup"].costs[0].total_cost == 250 * (Decimal("0.4") + Decimal("0.3") + 2)
    with inside():
        seal = Product.objects.get(product_number="SEAL")
    page = viewer.get(at("product-sourcing", seal.pk)).content.decode()
    assert "OR-12" in page and "from 1000: 0.1 EUR" in page and "The product itself" in page
    assert viewer.get(at("source-add", pump.pk)).status_code == 403


def test_a_source_and_an_offer_from_the_form_to_the_end(manager: Client, pump: Product, inside: Any) -> None:
    with inside():
        label = Product.objects.get(product_number="LABEL")
        make_manufacturer("Brady")
        make_supplier("Print shop")
    add = at("source-add", label.pk)
    assert manager.get(add).status_code == 200
    unknown = manager.post(add, {"manufacturer": "Nobody", "mpn": "B-1"})
    assert unknown.status_code == 422 and "manufacturer" in unknown.context["form"].errors
    assert manager.post(add, {"manufacturer": "brady", "mpn": "B-1"}).status_code == 302
    assert manager.post(add, {"manufacturer": "brady", "mpn": "b-1"}).status_code == 422
    with inside():
        source = ApprovedSource.objects.get(product=label)
    step = at("source-step", source.pk, "disqualified")
    assert manager.get(step).status_code == 200
    assert manager.post(step, {"reason": "", "expected_version": 1}).status_code == 422
    assert manager.post(at("source-step", source.pk, "approved"), {"expected_version": 1}).status_code == 302
    assert manager.get(at("source-step", source.pk, "bought")).status_code == 404
    edit = at("source-edit", source.pk)
    assert manager.post(edit, {"is_preferred": "on", "expected_version": 2}).status_code == 302
    new = at("offer-add", label.pk)
    form = {
        "item": str(source.manufacturer_part_id),
        "supplier": "Print shop",
        "currency": "eur",
        "breaks": "1 0,25\n500; 0.1",
    }
    assert manager.get(new).status_code == 200
    wrong = manager.post(new, {**form, "breaks": "cheap", "valid_from": "2026-02-02", "valid_to": "2026-01-01"})
    assert set(wrong.context["form"].errors) == {"breaks"}
    late = manager.post(new, {**form, "valid_from": "2026-02-02", "valid_to": "2026-01-01"})
    assert set(late.context["form"].errors) == {"valid_to"}
    assert manager.post(new, form).status_code == 302
    assert manager.post(new, {**form, "item": ""}).status_code == 302
    with inside():
        assert ApprovedSource.objects.get(pk=source.pk).is_preferred
        offers = list(SupplierOffer.objects.filter(supplier__name="Print shop").order_by("created_at"))
        assert [offer.product_id for offer in offers] == [None, label.pk]
    change = at("offer-edit", offers[0].pk)
    shown = manager.get(change).context["form"].initial
    assert (shown["breaks"], shown["currency"]) == ("1 0.25\n500 0.1", "EUR")
    assert (
        manager.post(
            change, {**shown, "breaks": "1 0.2", "lead_time_days": "3", "valid_from": "", "valid_to": ""}
        ).status_code
        == 302
    )
    assert manager.post(change, {**shown, "lead_time_days": "4", "valid_from": "", "valid_to": ""}).status_code == 422
    for offer in offers:
        assert manager.get(at("offer-remove", offer.pk)).status_code == 200
        assert manager.post(at("offer-remove", offer.pk), {"reason": "dear"}).status_code == 302
    assert manager.post(at("source-remove", source.pk), {"reason": "wrong"}).status_code == 302
    with inside():
        assert not ApprovedSource.objects.filter(product=label).exists()
        assert not SupplierOffer.objects.filter(supplier__name="Print shop").exists()


@pytest.mark.parametrize(("kind", "one"), [("manufacturers", "manufacturer"), ("suppliers", "supplier")])
def test_companies(engineer: Client, viewer: Client, inside: Any, kind: str, one: str) -> None:
    assert "None on record yet" in viewer.get(at(kind)).content.decode()
    form = {"name": "Acme Bolts", "code": "BOLT", "is_active": "on"}
    assert engineer.post(at(f"{one}-create"), form).status_code == 302
    again = engineer.post(at(f"{one}-create"), {**form, "code": "bolt", "name": "Other"})
    assert again.status_code == 422 and set(again.context["form"].errors) == {"code"}
    page = engineer.get(at(kind), {"q": "bolt"})
    [row] = page.context["page"].object_list
    assert (
        engineer.post(
            at(f"{one}-edit", row.pk), {"name": "Acme Nuts", "code": "NUT", "expected_version": 1}
        ).status_code
        == 302
    )
    assert "Inactive" in engineer.get(at(kind), {"state": "inactive"}).content.decode()
    assert "Nothing matches" in engineer.get(at(kind), {"state": "active"}).content.decode()
    assert viewer.post(at(f"{one}-delete", row.pk)).status_code == 403
    assert engineer.post(at(f"{one}-delete", row.pk), {"expected_version": 2}).status_code == 302
    with inside():
        assert not Manufacturer.objects.exists()


def test_rates_report_and_files(manager: Client, engineer: Client, pump: Product) -> None:
    rates = at("exchange-rates")
    assert "No exchange rates yet" in engineer.get(rates).content.decode()
    body = {"currency": "usd", "rate": "0.92", "valid_from": dt.date(2026, 1, 1)}
    assert engineer.post(rates, body).status_code == 403
    assert manager.post(rates, body).status_code == 302
    assert set(manager.post(rates, {**body, "currency": "EUR"}).context["form"].errors) == {"currency"}
    assert manager.post(rates, body).status_code == 422
    report = engineer.get(at("single-source"))
    assert [row.product_number for row in report.context["page"]] == ["LABEL", "SEAL"]
    assert report.context["summary"] == {"checked": 2, "no_source": 1, "single_source": 1}
    assert "There is no product X." in engineer.get(at("single-source"), {"product": "X"}).content.decode()
    sent = engineer.get(at("single-source-export"), {"product": "PUMP", "only": "none"})
    assert b"".join(sent.streaming_content).decode("utf-8-sig").splitlines()[1:] == ["LABEL,Label,0,,,0,1,PUMP"]
    sent = engineer.get(at("sources-export"))
    lines = b"".join(sent.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[1].startswith("SEAL,,,,,,Broker") and len(lines) == 3


def test_the_file_of_sources_is_looked_at_and_then_imported_once(
    manager: Client,
    engineer: Client,
    viewer: Client,
    pump: Product,
    inside: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    heading = "product_number,manufacturer,mpn,supplier,currency,quantity_1,price_1\n"
    good = SimpleUploadedFile("sources.csv", (heading + "LABEL,Brady,B-33,Print shop,EUR,1,0.25\n").encode())
    upload = at("sources-import")
    assert "quantity_1" in manager.get(upload).content.decode()
    assert upload in manager.get(at("single-source")).content.decode()
    assert viewer.get(upload).status_code == 403 and upload not in viewer.get(at("single-source")).content.decode()
    where = manager.post(upload, {"file": good})["Location"]
    page = manager.get(where)
    assert (page.context["result"].sources_created, page.context["result"].offers_created) == (1, 1)
    with inside():
        assert not Manufacturer.objects.filter(name="Brady").exists()
    assert engineer.get(where).status_code == 404  # a colleague's waiting file

    with django_capture_on_commit_callbacks(execute=True):
        done = manager.post(where, follow=True)
    assert "1 new sources, 1 new offers" in done.content.decode()
    with inside():
        offer = SupplierOffer.objects.get(supplier__name="Print shop")
        assert offer.breaks.get().unit_price == Decimal("0.25")
    assert manager.post(where).status_code == 404
    with inside():
        assert SupplierOffer.objects.filter(supplier__name="Print shop").count() == 1


def test_faults_of_the_file_are_named_and_nothing_is_written(manager: Client, pump: Product, inside: Any) -> None:
    text = "product_number,manufacturer,mpn,supplier,currency,quantity_1,price_1\nLABEL,Brady,B-33,Print shop,EUR,1,cheap\n"
    where = manager.post(at("sources-import"), {"file": SimpleUploadedFile("s.csv", text.encode())})["Location"]
    page = manager.get(where)
    assert {(fault.row, fault.column) for fault in page.context["faults"]} == {(2, "price_1")}
    assert "cheap" in page.content.decode()
    assert manager.post(where).status_code == 422
    with inside():
        assert not Manufacturer.objects.filter(name="Brady").exists()
    assert manager.post(at("sources-import"), {}).status_code == 422


def test_a_manufacturer_part_and_what_hangs_on_it(manager: Client, viewer: Client, pump: Product, inside: Any) -> None:
    with inside():
        part = ManufacturerPart.objects.get(mpn="OR-12")
        make_source(Product.objects.get(product_number="LABEL"), "Freudenberg", "OR-13")
    listed = viewer.get(at("manufacturer-parts"), {"q": "freudenberg or-12"})
    [(row, counts)] = listed.context["parts"]
    assert (row.mpn, counts.products, counts.first_product, counts.offers) == ("OR-12", 1, "SEAL", 1)
    assert at("manufacturer-part", part.pk) in listed.content.decode()
    assert viewer.get(at("manufacturer-parts"), {"lifecycle": "obsolete"}).context["parts"] == []
    page = viewer.get(at("manufacturer-part", part.pk)).content.decode()
    assert "SEAL" in page and "Seal shop" in page and "from 1000: 0.1 EUR" in page and "LABEL" not in page
    edit = at("manufacturer-part-edit", part.pk)
    assert viewer.get(edit).status_code == 403 and edit not in page
    form = {"mpn": "OR-12", "description": "O-ring", "lifecycle": "last_time_buy", "expected_version": part.version}
    assert manager.post(edit, {**form, "mpn": "or-13"}).status_code == 422
    assert manager.post(edit, form).status_code == 302
    assert manager.post(edit, {**form, "description": "Late"}).status_code == 422
    with inside():
        part.refresh_from_db()
    assert (part.lifecycle, part.description) == ("last_time_buy", "O-ring")
    delete = at("manufacturer-part-delete", part.pk)
    refused = manager.post(delete, {"expected_version": part.version})
    assert refused.status_code == 422 and "Remove it there first" in refused.content.decode()
    with inside():
        assert ManufacturerPart.objects.filter(pk=part.pk).exists()
        unused = make_part("Parker", "P-1")
    gone = at("manufacturer-part-delete", unused.pk)
    assert manager.post(gone, {"expected_version": 1}).status_code == 302
    with inside():
        assert not ManufacturerPart.objects.filter(mpn="P-1").exists()


def test_the_list_of_manufacturer_parts_asks_as_much_for_many(viewer: Client, pump: Product, inside: Any) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert viewer.get(at("manufacturer-parts")).status_code == 200
        return len(asked)

    few = statements()
    with inside():
        seal = Product.objects.get(product_number="SEAL")
        for number in range(12):
            make_source(seal, "Parker", f"P-{number}")
    assert statements() == few
