from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import connection

from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.commands import Answer, OperatorCommand, file_content
from plm_project.tenancy.roles import refresh_statistics
from products.importing.specs import ImportFault
from products.models import BomLine, Product, ProductRevision
from products.services.catalog_import import catalog_import

LARGE = 1000  # lines
WARNINGS_SHOWN = 20


class Command(OperatorCommand):
    help = "Import a whole item master and structure (parts.csv, bom.csv), all or nothing."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--products", type=Path, metavar="FILE", help="number,name,kind,level,uom,unit_cost,…")
        parser.add_argument("--lines", type=Path, metavar="FILE", help="parent,child,find_no,quantity,uom,…")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        assert actor is not None
        if options["products"] is None and options["lines"] is None:
            raise ValidationFailed.field("products", "Give --products, --lines or both.")
        result = catalog_import(
            actor=actor,
            products=_named(options["products"]),
            lines=_named(options["lines"]),
            dry_run=options["dry_run"],
        )
        if result.lines_created > LARGE and not (result.faults or options["dry_run"]):
            refresh_statistics(connection, Product, ProductRevision, BomLine)
        self._warn(result.warnings)
        return {
            "products_created": 0 if result.faults else result.products_created,
            "products_updated": 0 if result.faults else result.products_updated,
            "lines_created": 0 if result.faults else result.lines_created,
            "lines_updated": 0 if result.faults else result.lines_updated,
            "errors": [asdict(fault) for fault in result.faults],
        }

    def _warn(self, warnings: Sequence[ImportFault]) -> None:
        """Name the first warnings beside the answer, which keeps the form that others read."""
        for warning in warnings[:WARNINGS_SHOWN]:
            self.stderr.write(f"{warning.file}, row {warning.row}, {warning.column}: {warning.message}")
        if len(warnings) > WARNINGS_SHOWN:
            self.stderr.write(f"… and {len(warnings) - WARNINGS_SHOWN} more such rows")


def _named(path: Path | None) -> tuple[bytes, str] | None:
    return None if path is None else (file_content(path), path.name)
