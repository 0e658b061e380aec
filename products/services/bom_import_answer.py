"""The answer of a BOM import as INTERFACES.md states it, for command and API alike."""

from __future__ import annotations

from typing import Any

from products.services.bom_import import BomImport


def bom_import_answer(result: BomImport) -> dict[str, Any]:
    """Return the JSON document. ``warnings`` stop nothing; a person should look at them."""
    parsed = result.parsed
    return {
        "parent": result.parent,
        "dialect": parsed.dialect,
        "encoding": parsed.encoding,
        "mapping": dict(parsed.mapping),
        "rows_read": parsed.rows_read,
        "rows_skipped": [{"row": skipped.row, "reason": skipped.label} for skipped in parsed.skipped],
        "lines_created": result.lines_created,
        "products_created": result.products_created,
        "products_matched": result.products_matched,
        "errors": [
            {"row": fault.row, "column": fault.column, "code": fault.code, "message": fault.message}
            for fault in result.faults
        ],
        "warnings": [
            {"row": warning.row, "column": warning.column, "code": warning.code, "message": warning.message}
            for warning in result.warnings
        ],
    }
