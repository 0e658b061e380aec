"""The bill of materials as a file from the API."""

from __future__ import annotations

import csv
import io
import json

from django.db import connection
from django.test.utils import CaptureQueriesContext

from plm_project.tenancy.scope import tenant_scope
from products.models import Product
from tests.factories import make_assembly, make_line, make_product
from tests.products.api.conftest import Api, MakeApi, refused


def bike(api: Api) -> Product:
    with tenant_scope(api.tenant.pk, atomic=True):
        wheel = make_assembly("WHEEL", [(make_product("BOLT"), 4)])
        return make_assembly("BIKE", [(wheel, 2)])


def test_every_kind_of_file(viewer: Api, make_api: MakeApi) -> None:
    address = f"products/{bike(viewer).pk}/export/"
    answer = viewer.get(address, {"mode": "latest"}, Accept="text/csv")
    assert answer["Content-Disposition"] == 'attachment; filename="BIKE-bom.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [(row["level"], row["product_number"], row["quantity"]) for row in rows] == [
        ("1", "WHEEL", "2"), ("2", "BOLT", "4"),
    ]  # fmt: skip
    totals = viewer.get(address, {"mode": "latest", "flat": "true", "format": "csv"}).getvalue().decode()
    assert "BOLT,BOLT,8,each,true" in totals.replace(make_name(viewer, "BOLT"), "BOLT")
    assert viewer.get(address, {"format": "xlsx"}).getvalue().startswith(b"PK")
    cyclone = viewer.get(address, {"format": "cyclonedx", "mode": "latest"})
    assert cyclone["Content-Type"].startswith("application/vnd.cyclonedx+json")
    assert json.loads(cyclone.getvalue())["components"][0]["components"][0]["properties"][0]["value"] == "4"
    assert "format" in refused(viewer.get(address, {"format": "pdf"}), 400, "VALIDATION_ERROR")


def make_name(api: Api, number: str) -> str:
    with tenant_scope(api.tenant.pk):
        return Product.objects.get(product_number=number).product_name


def test_statements_do_not_grow_with_lines(viewer: Api) -> None:
    root = bike(viewer)
    address = f"products/{root.pk}/export/"

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            viewer.get(address, {"mode": "latest"}).getvalue()
        return len(captured)

    statements()  # the first use of the token notes it
    few = statements()
    with tenant_scope(viewer.tenant.pk, atomic=True):
        for _ in range(30):
            make_line(root, make_product())
    assert statements() <= few <= 20  # three are the scope's own on PostgreSQL
