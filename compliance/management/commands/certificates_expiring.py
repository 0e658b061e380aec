"""``certificates_expiring``: evidence that runs out soon."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from compliance.choices import ENDING_WITHIN
from compliance.selectors import evidence_ending
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.commands import Answer, OperatorCommand

MOST_DAYS = 3650


class Command(OperatorCommand):
    """Soonest first."""

    help = "List evidence whose last valid day is near."

    def arguments(self, parser: ArgumentParser) -> None:
        """Add the number of days."""
        parser.add_argument(
            "--days", type=int, default=ENDING_WITHIN, metavar="N", help=f"how far to look; default {ENDING_WITHIN}"
        )
        parser.add_argument("--ended", action="store_true", help="also what is over already")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        """List them."""
        days = options["days"]
        if not 0 <= days <= MOST_DAYS:
            raise ValidationFailed.field("days", f"Give a number of days from 0 to {MOST_DAYS}.")
        today = clock.today()
        rows = evidence_ending(today=today, days=days, ended=options["ended"])
        return {
            "as_of": today,
            "days": days,
            "certificates": [
                {
                    "evidence_id": row.pk,
                    "title": row.title,
                    "issuer": row.issuer,
                    "product_number": row.record.revision.product.product_number,
                    "revision": row.record.revision.label,
                    "regulation": row.record.regulation.code,
                    "valid_until": row.valid_until,
                    "days_left": (row.valid_until - today).days,  # type: ignore[operator] # filtered on it
                }
                for row in rows
            ],
        }

    def text(self, answer: Answer) -> str:
        """Return a line per certificate."""
        rows = answer["certificates"]
        if not rows:
            return f"Nothing runs out within {answer['days']} days."
        return "\n".join(
            f"{row['valid_until']} {row['product_number']} {row['revision']} {row['regulation']}: {row['title']}"
            for row in rows
        )
