"""A whole item master and its structure in one go."""

from __future__ import annotations

from dataclasses import dataclass

from plm_project.core.actor import Actor
from products.importing.catalog import read_lines, read_parts
from products.importing.specs import ImportFault, LineSpec, ProductSpec
from products.services.structure_import import structure_import


@dataclass(frozen=True)
class CatalogImport:
    """The answer of ``catalog_import``: with faults nothing was written."""

    products_created: int
    products_updated: int
    lines_created: int
    lines_updated: int
    faults: tuple[ImportFault, ...]
    warnings: tuple[ImportFault, ...] = ()


def catalog_import(
    *,
    actor: Actor,
    products: tuple[bytes, str] | None = None,
    lines: tuple[bytes, str] | None = None,
    dry_run: bool = False,
) -> CatalogImport:
    """Import parts and lines from (content, file name) pairs, all or nothing (formats: products/importing/catalog.py).

    With a fault in reading, the rest is still planned, so that one run shows everything that is wrong.
    """
    part_specs: list[ProductSpec] = []
    line_specs: list[LineSpec] = []
    faults: list[ImportFault] = []
    if products is not None:
        part_specs, found = read_parts(*products)
        faults += found
    if lines is not None:
        line_specs, found = read_lines(*lines)
        faults += found
    result = structure_import(
        actor=actor,
        products=part_specs,
        lines=line_specs,
        reason="catalog_import",
        dry_run=dry_run or bool(faults),
    )
    faults = sorted([*faults, *result.faults], key=lambda fault: (fault.file, fault.row))
    return CatalogImport(
        products_created=result.products_created,
        products_updated=result.products_updated,
        lines_created=result.lines_created,
        lines_updated=result.lines_updated,
        faults=tuple(faults),
        warnings=result.warnings,
    )
