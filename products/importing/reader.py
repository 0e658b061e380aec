"""The whole way from the bytes of a file to a checked plan of rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from products.importing.columns import column_letter
from products.importing.corrections import Corrections, corrected
from products.importing.dialects import AUTO, Dialect, Reading, choose_dialect
from products.importing.drafts import DraftReader, KnownUnit
from products.importing.find_numbers import duplicate_find_numbers
from products.importing.header import MappedTable, heading_score, map_table
from products.importing.mojibake import mojibake
from products.importing.problems import SourceProblem
from products.importing.rows import ParentFacts, ParsedBom, RowError, SkippedRow, SkipReason
from products.importing.skipping import close_notes, rows_above
from products.importing.source import read_tables
from products.importing.table import Table
from products.units import unit_code

NONE = Corrections()
_SAMPLE = 80


def read_bom(
    content: bytes,
    filename: str,
    *,
    dialect: str = AUTO,
    mapping: Mapping[str, str] | None = None,
    sheet: str | None = None,
    parent_number: str,
    corrections: Corrections = NONE,
    known_unit: KnownUnit = unit_code,
) -> ParsedBom:
    """Read a bill of materials to be imported under ``parent_number``. Never raises for what is in the file.

    ``mapping`` corrects the columns (field → heading, letter or number; an empty column takes the field out),
    ``sheet`` chooses a spreadsheet's sheet, ``dialect`` the layout, ``corrections`` replace single cells. ``filename``
    is for messages alone: the kind of file is told by its content. Everything wrong is in ``errors``; with any error
    the caller writes nothing.
    """
    mapped: MappedTable | None = None
    try:
        tables = read_tables(content, sheet=sheet, parent_number=parent_number)
        mapped = map_table(max(tables, key=heading_score), mapping or {})
        mapped, left_out = corrected(mapped, corrections)
        chosen = choose_dialect(dialect, mapped)
    except SourceProblem as problem:
        return _refused(problem, filename, mapped)
    reading = chosen.read(mapped, DraftReader(mapped, known_unit), parent_number)
    for line in left_out:
        reading.skip(line, SkipReason.LEFT_OUT)
    return _finished(chosen, mapped, reading, parent_number)


def _refused(problem: SourceProblem, filename: str, mapped: MappedTable | None) -> ParsedBom:
    message = f"{filename}: {problem.message}" if filename else problem.message
    error = RowError(row=problem.row, column=problem.column, code=problem.code, message=message)
    if mapped is None:
        return ParsedBom(errors=(error,))
    table = mapped.table
    return ParsedBom(
        encoding=table.encoding,
        delimiter=table.delimiter,
        sheet=table.sheet,
        header_row=mapped.header_row,
        mapping=mapped.mapping,
        errors=(error,),
    )


def _finished(dialect: Dialect, mapped: MappedTable, reading: Reading, parent_number: str) -> ParsedBom:
    table = mapped.table
    rows = sorted(reading.rows, key=lambda row: row.row)
    errors = reading.errors + duplicate_find_numbers(rows, mapped.column("find_number"))
    read = {row.row for row in rows} | {error.row for error in errors}
    last_part = max(read, default=0)
    skipped = rows_above(mapped) + close_notes(reading.skipped, last_part)
    skipped += [SkippedRow(row=line, reason=reason) for line, reason in table.notes]
    if not reading.rows_read:
        message = _("There are no part rows below the headings.")
        errors.append(RowError(row=mapped.header_row or 0, column="", code="empty_file", message=message))
    elif not rows and not errors and any(row.reason == "other_structure" for row in skipped):
        message = _("No row has %(parent)s as its parent.") % {"parent": parent_number}
        column = mapped.column("parent")
        errors.append(RowError(row=mapped.header_row or 0, column=column, code="parent_not_in_file", message=message))
    return ParsedBom(
        dialect=dialect.name,
        encoding=table.encoding,
        delimiter=table.delimiter,
        sheet=table.sheet,
        header_row=mapped.header_row,
        mapping=mapped.mapping,
        rows_read=reading.rows_read,
        rows=tuple(rows),
        skipped=tuple(sorted(_told(mapped, skipped), key=lambda row: row.row)),
        errors=tuple(sorted(errors, key=lambda error: error.row)),
        warnings=tuple(sorted([*reading.warnings, *_garbled(mapped)], key=lambda warning: warning.row)),
        parent=reading.parent or _subject(table),
        rows_define_products=reading.rows_define_products,
        table=mapped,
    )


def _subject(table: Table) -> ParentFacts | None:
    """What a document says of the product whose parts it lists."""
    if not any(table.subject.values()):
        return None
    facts = {name: table.subject.get(name, "") for name in ("name", "description", "revision")}
    return ParentFacts(row=0, attributes={}, **facts)


def _told(mapped: MappedTable, skipped: list[SkippedRow]) -> Iterator[SkippedRow]:
    """The skipped rows with the beginning of what each says."""
    wanted = {row.row for row in skipped}
    texts = {
        row.line: " | ".join(" ".join(cell.split()) for cell in row.cells if cell.strip())[:_SAMPLE]
        for row in mapped.table.rows
        if row.line in wanted
    }
    return (replace(row, text=texts.get(row.row, "")) for row in skipped)


def _garbled(mapped: MappedTable) -> Iterator[RowError]:
    """A warning for each cell whose text was read in a wrong encoding before it came into the file."""
    for row in mapped.below:
        for index, cell in enumerate(row.cells):
            better = mojibake(cell)
            if better is None:
                continue
            message = _("The text is garbled: it was once read in the wrong encoding.")
            if better:
                message = _("The text is garbled; presumably it says “%(text)s”.") % {"text": better}
            headings = mapped.headings
            column = headings[index] if index < len(headings) and headings[index] else column_letter(index)
            yield RowError(row=row.line, column=column, code="garbled_text", message=message)
