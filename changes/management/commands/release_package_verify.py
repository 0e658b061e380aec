from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from changes.packages.proof import Unreadable, package_verify
from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.commands import Answer, OperatorCommand


class Command(OperatorCommand):
    help = (
        "Check a release package, as `python changes/packages/proof.py` does without this installation. Exit code 2 where "
        "it is not as it was made, with each fault."
    )
    needs_tenant = False

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("package", metavar="FILE")
        parser.add_argument("--root", default="", help="the Merkle root that it must have")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        try:
            check = package_verify(options["package"], root=options["root"])
        except Unreadable as error:
            raise ValidationFailed.field("package", str(error)) from error
        errors = [{"entry": fault.where, "message": fault.message} for fault in check.faults]
        return {"merkle_root": check.root, "entries": check.entries, "errors": errors}

    def text(self, answer: Answer) -> str:
        if not answer["errors"]:
            return f"Whole: {answer['entries']} entries, Merkle root {answer['merkle_root']}"
        return "\n".join(f"{row['entry']}: {row['message']}" for row in answer["errors"])
