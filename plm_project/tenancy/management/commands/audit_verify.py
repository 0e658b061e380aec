from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from plm_project.core.actor import Actor
from plm_project.tenancy.audit.chain import trail_verify
from plm_project.tenancy.commands import Answer, OperatorCommand


class Command(OperatorCommand):
    help = (
        "Check the whole audit trail of a tenant: what was changed, removed or inserted behind the application. Keep the "
        "head that it says, and give it back with --head next time. Exit code 2 where anything is not as it was."
    )

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--head", default="", metavar="HASH", help="a head said earlier: it must be in the chain")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        check = trail_verify(head=options["head"], progress=self._tell)
        return {
            "blocks": check.blocks,
            "rows": check.rows,
            "unsealed": check.unsealed,
            "head": check.head,
            "errors": [asdict(fault) for fault in check.faults],
        }

    def text(self, answer: Answer) -> str:
        lines = [
            " ".join(part for part in (row["what"], row["table"], row["record_id"], row["history_id"]) if part)
            + f": {row['message']}"
            for row in answer["errors"]
        ]
        facts = f"{answer['rows']} rows, {answer['blocks']} blocks, {answer['unsealed']} rows not sealed yet"
        return "\n".join([*lines, facts, f"head {answer['head']}"])

    def _tell(self, step: str, done: int = 0, total: int = 0) -> None:
        self.progress(done, total, step)
