from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.commands import Answer, OperatorCommand, file_content
from products.importing import AUTO
from products.importing.formats.archive import pack_folder
from products.importing.problems import SourceProblem
from products.services.bom_import import bom_import
from products.services.bom_import_answer import bom_import_answer


class Command(OperatorCommand):
    help = "Import a bill of materials under a product, all or nothing."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a file, or a folder (or ZIP) of linked files")
        parser.add_argument("--parent", required=True, metavar="NUMBER", help="the product whose BOM it is")
        parser.add_argument("--parent-name", default="", help="its name, should it be new")
        parser.add_argument("--dialect", default=AUTO)
        parser.add_argument("--map", action="append", default=[], metavar="FIELD=COLUMN", help="correct the mapping")
        parser.add_argument("--sheet", help="the sheet of a spreadsheet")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        assert actor is not None
        return bom_import_answer(
            bom_import(
                actor=actor,
                content=_content(options["file"]),
                filename=options["file"].name,
                parent_number=options["parent"],
                parent_name=options["parent_name"],
                dialect=options["dialect"],
                mapping=_mapping(options["map"]),
                sheet=options["sheet"],
                dry_run=options["dry_run"],
            )
        )


def _content(path: Path) -> bytes:
    if not path.is_dir():
        return file_content(path)
    try:
        return pack_folder(path)
    except SourceProblem as problem:
        raise ValidationFailed.field("file", f"{path}: {problem.message}") from problem
    except OSError as error:
        raise ValidationFailed.field("file", f"{path}: {error.strerror}") from error


def _mapping(pairs: list[str]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        field, sign, column = pair.partition("=")
        if not sign or not field:
            raise ValidationFailed.field("map", f"Write --map FIELD=COLUMN, not {pair!r}.")
        mapping[field.strip()] = column.strip()
    return mapping
