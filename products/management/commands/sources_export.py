from __future__ import annotations

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.commands import Answer, OperatorCommand
from plm_project.web.csv_download import csv_line
from products.selectors.sources_export import most_prices, source_rows, sourced_ids
from products.sourcing.source_file import heading


class Command(OperatorCommand):
    help = "Write all sources, offers and prices into a file that sources_import reads."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        assert actor is not None
        count = 0
        try:
            with options["file"].open("w", encoding="utf-8", newline="") as target:
                writer = csv.writer(target)
                writer.writerow(heading(most_prices()))
                for row in source_rows(actor.tenant_id, sourced_ids()):
                    writer.writerow(csv_line(row))
                    count += 1
        except OSError as error:
            raise ValidationFailed.field("file", f"{options['file']}: {error.strerror}") from error
        return {"file": str(options["file"]), "rows": count}
