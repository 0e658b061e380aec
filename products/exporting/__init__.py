"""Bills of materials as files: CSV, XLSX and CycloneDX, indented or as totals.

    export = bom_export(structure, flat=False)   # everything is read here; writing touches the database no more
    for chunk in FORMATS["csv"].write(export): ...

What ``products.importing`` reads back is an equal bill of materials: same products, quantities, units, find numbers,
designators, dates, notes, alternates, substitutes and designators not fitted.
"""

from products.exporting.formats import FORMATS, ExportFormat
from products.exporting.tables import MOST_ROWS, BomExport, bom_export

__all__ = ["FORMATS", "MOST_ROWS", "BomExport", "ExportFormat", "bom_export"]
