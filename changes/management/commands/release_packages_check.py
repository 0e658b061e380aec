from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from changes.models import ReleasePackage
from changes.selectors import change_by_number
from changes.services import package_differences
from plm_project.core.actor import Actor
from plm_project.tenancy.commands import Answer, OperatorCommand

WORDS = {
    "changed": "changed",
    "missing": "missing",
    "added": "added",
    "file_changed": "the stored file was changed",
    "file_missing": "the stored file is missing",
}


class Command(OperatorCommand):
    help = (
        "Compare every sealed release (or one) with what the records make now, and the stored files with their hashes. "
        "Exit code 2 where one differs, with the entries that do."
    )

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", nargs="?", default="", help="one change, such as ECO-000012")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        rows = ReleasePackage.objects.select_related("change").order_by("change__change_number")
        if options["number"]:
            rows = rows.filter(change=change_by_number(options["number"]))
        chosen = list(rows)
        errors = []
        for done, sealed in enumerate(chosen, start=1):
            number = sealed.change.change_number
            errors += [
                {"change_number": number, "entry": one.name, "message": WORDS[one.what]}
                for one in package_differences(sealed)
            ]
            self.progress(done, len(chosen), "packages")
        different = {row["change_number"] for row in errors}
        return {"checked": len(chosen), "intact": len(chosen) - len(different), "errors": errors}

    def text(self, answer: Answer) -> str:
        faults = [f"{row['change_number']}  {row['entry']}: {row['message']}" for row in answer["errors"]]
        return "\n".join([f"{answer['intact']} of {answer['checked']} releases are as they were sealed.", *faults])
