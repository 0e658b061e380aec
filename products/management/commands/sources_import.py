from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from plm_project.core.actor import Actor
from plm_project.tenancy.commands import Answer, OperatorCommand, file_content
from products.services.sources_import import sources_import


class Command(OperatorCommand):
    help = "Import manufacturers, sources, offers and prices from one file, all or nothing."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, help="product_number,manufacturer,mpn,status,…,supplier,…,quantity_1,price_1"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        assert actor is not None
        path: Path = options["file"]
        result = sources_import(actor=actor, content=file_content(path), name=path.name, dry_run=options["dry_run"])
        answer = asdict(result)
        faults = answer.pop("faults")
        if faults:
            answer = dict.fromkeys(answer, 0) | {"rows": answer["rows"]}
        return {**answer, "errors": list(faults)}
