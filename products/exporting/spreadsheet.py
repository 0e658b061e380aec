"""XLSX: texts are text cells, so that nothing is computed when it is opened; numbers are numbers where they fit."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from plm_project.core.decimals import plain
from plm_project.core.exceptions import Conflict
from products.exporting.tables import BomExport
from products.importing.columns import column_letter

_CELL_LONGEST = 32_767
_ROWS_MOST = 1_048_575
_DIGITS = 15  # of a spreadsheet's number
_WIDTHS = {"product_name": 40, "product_description": 50, "reference_designators": 40, "reason": 40, "notes": 30}


def write_xlsx(export: BomExport) -> Iterator[bytes]:
    """Yield the file. Raises Conflict for what a sheet cannot hold."""
    if len(export.lines) > _ROWS_MOST:
        raise Conflict(_("A sheet has at most %(limit)d rows. Take CSV.") % {"limit": _ROWS_MOST})
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("BOM")
    sheet.freeze_panes = "A2"
    for index, name in enumerate(export.heading):
        sheet.column_dimensions[column_letter(index)].width = _WIDTHS.get(name, 16)
    sheet.append([_cell(sheet, name, bold=True) for name in export.heading])
    for row in export.rows():
        sheet.append([_cell(sheet, value) for value in row])
    stream = io.BytesIO()
    book.save(stream)
    yield stream.getvalue()


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:
    if value is None or value == "":
        return None
    number: Any = WriteOnlyCell  # it takes decimals and dates too, which its types do not say
    if isinstance(value, Decimal) and len(plain(value).strip("-").replace(".", "")) <= _DIGITS:
        return number(sheet, value)
    if isinstance(value, int | dt.date):
        return number(sheet, value)
    text = plain(value) if isinstance(value, Decimal) else ILLEGAL_CHARACTERS_RE.sub("\ufffd", str(value))
    if len(text) > _CELL_LONGEST:
        raise Conflict(_("A cell of a sheet holds at most %(limit)d characters. Take CSV.") % {"limit": _CELL_LONGEST})
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # "=1+1" is text here, never a formula
    cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
    return cell
