"""A bill of materials from a file, under one product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.progress import Progress, unheard
from products.importing import AUTO, Corrections, ParsedBom, RowError, read_bom
from products.importing.specs import ImportFault
from products.services.bom_import_specs import field_of, line_spec, product_specs
from products.services.structure_import import structure_import


@dataclass(frozen=True, slots=True)
class BomFault:
    """One thing wrong in the file. ``column`` is the file's own word; ``field`` is ours, for a correction."""

    row: int
    column: str
    code: str
    message: str
    field: str = ""


@dataclass(frozen=True)
class BomImport:
    """The answer of ``bom_import``: what was read and made. With faults, or on a dry run, nothing was written."""

    parent: str
    parsed: ParsedBom
    lines_created: int
    products_created: int
    products_matched: int
    faults: tuple[BomFault, ...]
    written: bool
    warnings: tuple[BomFault, ...] = ()


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
    corrections: Corrections | None = None,
    dry_run: bool = False,
    progress: Progress = unheard,
) -> BomImport:
    """Read a file and make its lines below ``parent_number`` at all levels, all or nothing.

    The parent is created when it is not known. Children are matched by number; those not known are created from what
    the file says of them (a file of bare parent/child pairs defines none: there they are unknown_part). Known products
    are left as they are. ``corrections`` are cells that a person put right, and rows to leave out.
    """
    progress(_("Reading the file"))
    parsed = read_bom(
        content,
        filename,
        dialect=dialect,
        mapping=mapping,
        sheet=sheet,
        parent_number=parent_number,
        corrections=corrections or Corrections(),
    )
    reading_faults = [_read_fault(error) for error in parsed.errors]
    result = structure_import(
        actor=actor,
        products=product_specs(parsed, filename, parent_number, parent_name),
        lines=[line_spec(row, filename, parent_number) for row in parsed.rows],
        reason=f"bom_import {filename}",
        update_known=False,
        dry_run=dry_run or bool(reading_faults),
        progress=progress,
    )
    writing_faults = [_in_the_files_words(fault, parsed) for fault in result.faults]
    warnings = [_read_fault(warning) for warning in parsed.warnings]
    warnings += [_in_the_files_words(warning, parsed) for warning in result.warnings]
    faults = sorted(reading_faults + writing_faults, key=lambda fault: fault.row)
    return BomImport(
        parent=parent_number,
        parsed=parsed,
        lines_created=0 if faults else result.lines_created,
        products_created=0 if faults else result.products_created,
        products_matched=result.products_matched,
        faults=tuple(faults),
        written=result.written,
        warnings=tuple(sorted(warnings, key=lambda warning: warning.row)),
    )


def _read_fault(error: RowError) -> BomFault:
    return BomFault(error.row, error.column, error.code, error.message, error.field)


def _in_the_files_words(fault: ImportFault, parsed: ParsedBom) -> BomFault:
    """Return a fault that writing would meet, with its column called as the file calls it."""
    field = field_of(fault.column)
    column = parsed.mapping.get(field, fault.column)
    return BomFault(fault.row, column, fault.code, fault.message, field)
