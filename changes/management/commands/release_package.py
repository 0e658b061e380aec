from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from changes.selectors import change_by_number
from changes.services import package_write
from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.commands import Answer, OperatorCommand


class Command(OperatorCommand):
    help = "Write the release package of an implemented change to a file: what it released, by whose signatures, with its files."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="the change, such as ECO-000012")
        parser.add_argument(
            "--output", type=Path, required=True, metavar="FILE", help="a file of that name is replaced"
        )

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        change = change_by_number(options["number"])
        unfinished = options["output"].with_name(options["output"].name + ".part")
        try:
            with unfinished.open("wb") as file:
                sealed = package_write(change.pk, file, self._tell)
            unfinished.replace(options["output"])
        except OSError as error:
            raise ValidationFailed.field("output", f"{options['output']}: {error.strerror}") from error
        finally:
            unfinished.unlink(missing_ok=True)
        return {
            "change_number": change.change_number,
            "merkle_root": sealed.merkle_root,
            "entries": len(sealed.entries),
            "file": str(options["output"]),
        }

    def _tell(self, step: str, done: int = 0, total: int = 0) -> None:
        self.progress(done, total, "entries")
