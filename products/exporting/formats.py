"""The kinds of file an export can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from plm_project.core.delimited import csv_lines
from products.exporting.cyclonedx import write_cyclonedx
from products.exporting.spreadsheet import write_xlsx
from products.exporting.tables import BomExport


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """``write`` yields the file in pieces."""

    name: str
    ending: str
    content_type: str
    write: Callable[[BomExport], Iterator[bytes]]


def _write_csv(export: BomExport) -> Iterator[bytes]:
    return (line.encode() for line in csv_lines(export.heading, export.rows()))


FORMATS = {
    kind.name: kind
    for kind in (
        ExportFormat("csv", ".csv", "text/csv; charset=utf-8", _write_csv),
        ExportFormat("xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
        ExportFormat("cyclonedx", ".cdx.json", "application/vnd.cyclonedx+json; version=1.6", write_cyclonedx),
    )
}
