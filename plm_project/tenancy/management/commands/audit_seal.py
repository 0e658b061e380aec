from __future__ import annotations

from typing import Any

from plm_project.core.actor import Actor
from plm_project.tenancy.audit.chain import trail_seal
from plm_project.tenancy.commands import Answer, OperatorCommand


class Command(OperatorCommand):
    help = "Seal what was written to the audit trail since the last time, as the schedule does every minute."

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        return {"sealed": trail_seal()}
