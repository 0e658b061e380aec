"""A bill of materials from a file, under one product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plm_project.core.actor import Actor
from products.choices import ProductType
from products.importing import AUTO, ParsedBom, ParsedRow, read_bom
from products.importing.specs import ImportFault, LineSpec, ProductSpec
from products.services.structure_import import structure_import

MATERIAL_WORDS = frozenset({"material", "raw material", "raw_material", "rohstoff", "matière"})


@dataclass(frozen=True)
class BomImport:
    """The answer of ``bom_import``: what was read and made. With faults, or on a dry run, nothing was written."""

    parent: str
    parsed: ParsedBom
    lines_created: int
    products_created: int
    products_matched: int
    faults: tuple[ImportFault, ...]
    written: bool


def bom_import(
    *,
    actor: Actor,
    content: bytes,
    filename: str,
    parent_number: str,
    parent_name: str = "",
    dialect: str = AUTO,
    mapping: Mapping[str, str] | None = None,
    sheet: str | None = None,
    dry_run: bool = False,
) -> BomImport:
    """Read a file and make its lines below ``parent_number`` at all levels, all or nothing.

    The parent is created when it is not known. Children are matched by number; those not known are created from what
    the file says of them (a file of bare parent/child pairs defines none: there they are unknown_part). Known products
    are left as they are.
    """
    parsed = read_bom(content, filename, dialect=dialect, mapping=mapping, sheet=sheet, parent_number=parent_number)
    reading_faults = [ImportFault(filename, e.row, e.column, e.code, e.message) for e in parsed.errors]
    result = structure_import(
        actor=actor,
        products=_products(parsed, filename, parent_number, parent_name),
        lines=[_line(row, filename, parent_number) for row in parsed.rows],
        reason=f"bom_import {filename}",
        update_known=False,
        dry_run=dry_run or bool(reading_faults),
    )
    faults = sorted([*reading_faults, *result.faults], key=lambda fault: fault.row)
    return BomImport(
        parent=parent_number,
        parsed=parsed,
        lines_created=0 if faults else result.lines_created,
        products_created=0 if faults else result.products_created,
        products_matched=result.products_matched,
        faults=tuple(faults),
        written=result.written,
    )


def _products(parsed: ParsedBom, filename: str, parent_number: str, parent_name: str) -> Sequence[ProductSpec]:
    """Return one spec for the parent and each distinct number; what is known already stays as it is."""
    facts = parsed.parent
    name = parent_name or (facts.name if facts else "") or parent_number
    specs = {
        parent_number: ProductSpec(
            parent_number,
            {"product_name": name, "product_type": ProductType.SUBASSEMBLY},
            filename,
            facts.row if facts else 0,
        )
    }
    if parsed.rows_define_products:
        parents = set(parsed.parent_numbers)
        for row in parsed.rows:
            if row.number not in specs:
                specs[row.number] = ProductSpec(row.number, _fields(row, row.number in parents), filename, row.row)
    return list(specs.values())


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
    if has_lines:
        return ProductType.SUBASSEMBLY
    words = str(row.attributes.get("item_type", "")).strip().casefold()
    return ProductType.RAW_MATERIAL if words in MATERIAL_WORDS else ProductType.PURCHASED


def _line(row: ParsedRow, filename: str, parent_number: str) -> LineSpec:
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
    )
