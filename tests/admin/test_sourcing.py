"""Sourcing at the admin's door: companies, a source with its verdicts, an offer with its prices, a rate."""

from __future__ import annotations

from typing import Any

from django.test import Client

from products.models import ApprovedSource, ExchangeRate, Manufacturer, ManufacturerPart, Supplier, SupplierOffer
from tests.admin.conftest import address, errors_of, form_of, saved
from tests.factories import make_product


def test_from_the_maker_to_the_price(administrator: Client, manager: Client, scoped: Any) -> None:
    def add(model: Any, **data: Any) -> Any:
        return administrator.post(address(model, "add"), data)

    with scoped():
        product = make_product("BOLT")
    company = {"name": "Bolts and more", "code": "BOLT", "is_active": "on"}
    saved(add(Manufacturer, **company))
    assert "in use" in errors_of(add(Manufacturer, **company))
    saved(add(Supplier, **company))
    with scoped():
        maker, shop = Manufacturer.objects.get(), Supplier.objects.get()
    saved(add(ManufacturerPart, manufacturer=maker.pk, mpn="M5x20", lifecycle="active"))
    with scoped():
        part = ManufacturerPart.objects.get()
    saved(add(ApprovedSource, product=product.pk, manufacturer_part=part.pk))
    with scoped():
        source = ApprovedSource.objects.get()
    page = address(ApprovedSource, "change", source.pk)
    liked = form_of(administrator.get(page)) | {"is_preferred": "on"}
    assert "Only an approved source" in errors_of(administrator.post(page, liked))
    step = page.replace("/change/", "/step/approved/")
    assert administrator.post(step, {"expected_version": 1}).status_code == 302
    saved(administrator.post(page, form_of(administrator.get(page)) | {"is_preferred": "on"}))
    offer = {"supplier": shop.pk, "manufacturer_part": part.pk, "currency": "EUR", "minimum_quantity": "0",
             "order_multiple": "100", "prices": "1 0.2\n100 0.1"}  # fmt: skip
    assert "quantity and a price" in errors_of(add(SupplierOffer, **offer | {"prices": "cheap"}))
    saved(add(SupplierOffer, **offer))
    with scoped():
        made = SupplierOffer.objects.get()
    page = address(SupplierOffer, "change", made.pk)
    saved(administrator.post(page, form_of(administrator.get(page)) | {"prices": "1 0.3"}))
    assert "own currency" in errors_of(add(ExchangeRate, currency="EUR", rate="1", valid_from="2026-01-01"))
    saved(add(ExchangeRate, currency="USD", rate="0.9", valid_from="2026-01-01"))
    with scoped():
        assert [str(row.unit_price) for row in made.breaks.all()] == ["0.300000"]
        assert ApprovedSource.objects.get().is_preferred
        rate = ExchangeRate.objects.get()
    for record in (rate, made, source):
        gone = administrator.post(address(type(record), "delete", record.pk), {"reason": "done"})
        assert gone.status_code == 302
    kept = administrator.post(address(Manufacturer, "delete", maker.pk), {"reason": "done"})
    assert b"Set it inactive instead" in kept.content
