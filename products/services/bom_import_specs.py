"""The rows of a bill of materials as products and lines to be written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from products.choices import ProductType
from products.importing import ParsedBom, ParsedRow, SkipReason
from products.importing.specs import LineSpec, ProductSpec

_NAME_LONGEST = 200
MATERIAL_WORDS = frozenset({"material", "raw material", "raw_material", "rohstoff", "matière"})
# What the bulk writer calls the cells → the fields of a BOM file.
_FIELDS = {"child": "part_number", "number": "part_number", "parent": "parent", "uom": "unit", "find_no": "find_number",
           "unit_of_measure": "unit", "product_name": "name", "product_description": "description",
           "current_cost": "unit_cost", "mass_kg": "mass", "quantity": "quantity"}  # fmt: skip


def field_of(column: str) -> str:
    """Return our field for a column as the bulk writer names it; empty when there is none."""
    return _FIELDS.get(column, "")


def product_specs(parsed: ParsedBom, filename: str, parent_number: str, parent_name: str) -> Sequence[ProductSpec]:
    """Return one spec for the parent and each distinct number; what is known already stays as it is."""
    facts = parsed.parent
    unfitted = _not_fitted(parsed)
    name = parent_name or (facts.name if facts else "") or parent_number
    specs = {
        parent_number: ProductSpec(
            parent_number,
            {
                "product_name": name[:_NAME_LONGEST],
                "product_description": facts.description if facts else "",
                "product_type": ProductType.SUBASSEMBLY,
                "custom_attributes": unfitted.get(None, {}),
            },
            filename,
            facts.row if facts else 0,
        )
    }
    if parsed.rows_define_products:
        parents = set(parsed.parent_numbers)
        for row in parsed.rows:
            if row.number not in specs:
                fields = _fields(row, row.number in parents)
                fields["custom_attributes"].update(unfitted.get(row.number, {}))
                specs[row.number] = ProductSpec(row.number, fields, filename, row.row)
    return list(specs.values())


def _not_fitted(parsed: ParsedBom) -> dict[str | None, dict[str, Any]]:
    """Return what is not fitted in each assembly (None: the import's parent), as an attribute of a new product.

    These rows make no line: a line is what is built in. Designators without a part are listed alone.
    """
    found: dict[str | None, list[dict[str, Any]]] = {}
    for row in parsed.skipped:
        if row.reason == SkipReason.NOT_FITTED:
            entry = {"part_number": row.number, "quantity": str(row.quantity), "designators": list(row.references)}
            found.setdefault(row.parent_number, []).append(entry)
        elif row.reason == SkipReason.NOT_FITTED_LIST:
            found.setdefault(None, []).append({"designators": list(row.references)})
    return {number: {"not_fitted": entries} for number, entries in found.items()}


def _fields(row: ParsedRow, has_lines: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "product_name": row.name,
        "product_description": row.description,
        "product_type": _product_type(row, has_lines),
        "custom_attributes": dict(row.attributes),
    }
    if row.unit:
        fields["unit_of_measure"] = row.unit
    if row.unit_cost is not None:
        fields["current_cost"] = row.unit_cost
    if row.mass_kg is not None:
        fields["mass_kg"] = row.mass_kg
    return fields


def _product_type(row: ParsedRow, has_lines: bool) -> ProductType:
    words = str(row.attributes.get("item_type", "")).strip().casefold()
    if words in ProductType.values:
        return ProductType(words)
    if has_lines:
        return ProductType.SUBASSEMBLY
    return ProductType.RAW_MATERIAL if words in MATERIAL_WORDS else ProductType.PURCHASED


def line_spec(row: ParsedRow, filename: str, parent_number: str) -> LineSpec:
    return LineSpec(
        parent=row.parent_number or parent_number,
        child=row.number,
        quantity=row.quantity,
        file=filename,
        row=row.row,
        unit=row.unit,
        find_number=row.find_number,
        reference_designators=row.references,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        notes=row.note,
        attributes=_line_attributes(row),
        use=row.use,
    )


def _line_attributes(row: ParsedRow) -> dict[str, Any]:
    """Return what a line keeps beside its columns: alternates, designators not fitted, the outline number."""
    attributes: dict[str, Any] = {}
    if row.alternates:
        attributes["alternates"] = [alternate.stored() for alternate in row.alternates]
    if row.not_fitted:
        attributes["not_fitted"] = list(row.not_fitted)
    if row.outline:
        attributes["outline_number"] = row.outline
    return attributes
