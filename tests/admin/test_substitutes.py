"""Substitutes at the admin's door: rows on the form of their line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.test import Client

from products.models import BomLine, LineSubstitute
from tests.admin.conftest import add_row, address, errors_of, form_of, saved
from tests.factories import make_line, make_product, release


def test_rows_on_the_lines_form(administrator: Client, scoped: Any) -> None:
    with scoped():
        line = make_line(make_product("BOARD"), make_product("CAP"), 2)
        other = make_product("CAP-B")
    page = address(BomLine, "change", line.pk)
    data = form_of(administrator.get(page))
    name = add_row(data, "substitutes", product=other.pk, rank="1", quantity="", reference_designators="C1, C2, C3")
    assert "3 designators" in errors_of(administrator.post(page, data))
    data[f"{name}-reference_designators"] = "C1, C2"
    saved(administrator.post(page, data))
    with scoped():
        row = LineSubstitute.objects.get()
        assert (row.product_id, row.quantity, row.reference_designators) == (other.pk, 2, ["C1", "C2"])
    data = form_of(administrator.get(page))
    data |= {
        "substitutes-0-quantity": "1",
        "substitutes-0-reference_designators": "",
        "substitutes-0-note": "one does",
    }
    saved(administrator.post(page, data))
    with scoped():
        row = LineSubstitute.objects.get()
        assert (row.quantity, row.reference_designators, row.note) == (Decimal(1), [], "one does")
        release(line.parent_revision.product)
    shown = administrator.get(page).content.decode()
    assert "CAP-B" in shown and "substitutes-0-quantity" not in shown
