"""Reading bills of materials from other people's files, up to a checked plan of rows, without the database.

    from products.importing import read_bom

    parsed = read_bom(content, "board.csv", dialect="auto", mapping=None, sheet=None, parent_number="PCB-100")
    if parsed.errors:        # RowError(row, column, code, message): all or nothing, so nothing is written
        ...
    for row in parsed.rows:  # ParsedRow: one BOM line each; row.parent_number is None below parent_number itself
        ...

``read_bom(content: bytes, filename: str, *, dialect="auto", mapping: Mapping[str, str] | None, sheet: str | None,
parent_number: str) -> ParsedBom`` never raises for what is in the file. What the caller still has to do:

- match ``row.number`` with products, and create the missing ones when ``parsed.rows_define_products``; otherwise a
  number that is neither known nor in ``parsed.parent_numbers`` is an ``unknown_part``;
- look for cycles together with the lines that exist already (``same_parent_child`` is found here);
- give a line without ``row.unit`` the unit of its product.

Codes found here: missing_value, negative_qty, zero_qty, not_a_number, negative_value, unknown_uom, bad_date, too_long,
too_short, bad_level, same_parent_child, conflicting_line, duplicate_find_number; and for the whole file empty_file,
bad_encoding, too_large, unsupported_file, unknown_sheet, unknown_columns, unknown_dialect, parent_not_in_file.

Warnings found here stop nothing: garbled_text, number_too_short, alternates_not_paired, not_fitted_unknown,
not_fitted_not_counted.

The rooms, in the order a file goes through them: source (csv_source, xls_source, xlsx_source, formats) → header, columns
and corrections → dialects, which use skipping, drafts (numbers, designators, dates, masses, identity, alternates,
fitting) and listings → rows.
"""

from products.importing.corrections import Corrections
from products.importing.dialects import AUTO, DIALECTS
from products.importing.reader import read_bom
from products.importing.rows import ParentFacts, ParsedBom, ParsedRow, RowError, SkippedRow, SkipReason

__all__ = [
    "AUTO",
    "DIALECTS",
    "Corrections",
    "ParentFacts",
    "ParsedBom",
    "ParsedRow",
    "RowError",
    "SkipReason",
    "SkippedRow",
    "read_bom",
]
