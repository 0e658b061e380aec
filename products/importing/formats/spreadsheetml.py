"""SpreadsheetML 2003: Excel's XML of that time. Cells and rows may jump ahead by ``ss:Index``."""

from __future__ import annotations

import re
from itertools import pairwise

from django.utils.translation import gettext as _

from products.importing.formats.xml_tree import Node
from products.importing.problems import SourceProblem
from products.importing.table import MAX_COLUMNS, MAX_ROWS, SourceRow, Table

_FRACTION_OF_DATE = re.compile(r"T00:00:00(\.0+)?$")
_WHOLE = re.compile(r"(-?[0-9]+)\.0+")
_LAST_ROW = 1_048_576


def read(root: Node) -> list[Table]:
    """Return the worksheets with anything in them."""
    tables = []
    for sheet in root.all("Worksheet"):
        rows = [row for table in sheet.all("Table") for row in _rows(table)]
        _refuse_disorder(rows)
        if rows:
            tables.append(Table(rows=tuple(rows), sheet=sheet.attributes.get("Name", "")))
    if not tables:
        raise SourceProblem("empty_file", _("The file is empty."))
    return tables


def _refuse_disorder(rows: list[SourceRow]) -> None:
    if any(later.line <= earlier.line for earlier, later in pairwise(rows)):
        raise SourceProblem("unsupported_file", _("The rows of the sheet are out of order."))


def _rows(table: Node) -> list[SourceRow]:
    rows: list[SourceRow] = []
    line = 0
    for row in table.all("Row"):
        line = _index(row, line, _LAST_ROW)
        cells: list[str] = []
        column = 0
        for cell in row.all("Cell"):
            column = _index(cell, column, MAX_COLUMNS * 1000)
            text = _text(cell)
            if text.strip():
                if column > MAX_COLUMNS:
                    message = _("A row has more than %(limit)d columns.") % {"limit": MAX_COLUMNS}
                    raise SourceProblem("too_large", message, row=line)
                cells.extend([""] * (column - 1 - len(cells)))
                cells.append(text)
            column += _number(cell, "MergeAcross")
        if cells:
            if len(rows) >= MAX_ROWS:
                message = _("The file has more than %(limit)d rows.") % {"limit": MAX_ROWS}
                raise SourceProblem("too_large", message, row=line)
            rows.append(SourceRow(line, tuple(cells)))
        line += _number(row, "Span")
    return rows


def _index(node: Node, last: int, limit: int) -> int:
    index = _number(node, "Index") or last + 1
    if not last < index <= limit:
        raise SourceProblem("unsupported_file", _("The cells of the sheet are out of order."), row=node.line)
    return index


def _number(node: Node, name: str) -> int:
    text = node.attributes.get(name, "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _text(cell: Node) -> str:
    data = cell.first("Data")
    if data is None:
        return ""
    text = data.text + "".join(part.text for part in data.everything())
    kind = data.attributes.get("Type", "String")
    if kind == "Number" and (whole := _WHOLE.fullmatch(text.strip())):
        return whole[1]
    if kind == "DateTime":
        return _FRACTION_OF_DATE.sub("", text.strip())
    if kind == "Boolean":
        return "TRUE" if text.strip() == "1" else "FALSE"
    return text
