"""``compliance_evaluate``: start what is missing, expire what is past, answer what there is."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from compliance.selectors import status_counts, structure_statuses
from compliance.selectors.matrix import MatrixFilter, matrix_regulations
from compliance.selectors.records import regulation_by_code
from compliance.services import records_expire, records_start
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.commands import Answer, OperatorCommand
from products.selectors.graph import ROOT, structure_load
from products.selectors.products import product_by_number
from products.selectors.resolution import Resolution


class Command(OperatorCommand):
    """One product's structure, or counts over the tenant."""

    help = "Start missing compliance records, expire what is past its date, and answer the status by regulation."

    def arguments(self, parser: ArgumentParser) -> None:
        """Add the product, the date and the regulation."""
        parser.add_argument("number", nargs="?", help="a product's number; without it the whole tenant is counted")
        parser.add_argument("--as-of", dest="as_of", metavar="DATE", help="YYYY-MM-DD; default today")
        parser.add_argument("--regulation", metavar="CODE", help="all versions of this one only")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        """Repair, then answer."""
        assert actor is not None
        day = _date(options["as_of"])
        chosen = regulation_by_code(options["regulation"]) if options["regulation"] else None
        product = product_by_number(options["number"], field="number") if options["number"] else None
        if product is None and options["as_of"]:
            raise ValidationFailed.field("as_of", "A date is asked of one product: name its number.")
        started = records_start(actor=actor, product_ids=[product.pk] if product else None)
        expired = records_expire(actor=actor)
        if product is None:
            regulations = chosen or matrix_regulations(MatrixFilter())
            counts = status_counts(MatrixFilter(), regulations)
            return {
                "as_of": day,
                "started": started,
                "expired": expired,
                "regulations": [
                    {"regulation": row.code, "edition": row.edition, "is_binding": row.is_binding, "counts": found}
                    for row, found in counts
                ],
            }
        structure = structure_load(product, Resolution.whatever_may_be_built(day))
        return {
            "product_number": product.product_number,
            "revision": structure.label(ROOT),
            "as_of": day,
            "started": started,
            "expired": expired,
            "regulations": [
                {
                    "regulation": found.regulation.code,
                    "edition": found.regulation.edition,
                    "is_binding": found.regulation.is_binding,
                    "status": found.status,
                    "own_status": found.own,
                    "path": [node.number for node in found.path],
                    "causes": len(found.causes),
                    "counts": dict(found.counts),
                }
                for found in structure_statuses(structure, regulations=chosen)
            ],
        }

    def text(self, answer: Answer) -> str:
        """Return a line per regulation."""
        lines = [
            f"{name}: {answer[name]}" for name in ("product_number", "as_of", "started", "expired") if name in answer
        ]
        for row in answer["regulations"]:
            said = row.get("status") or ", ".join(f"{key} {number}" for key, number in sorted(row["counts"].items()))
            way = f" ({' → '.join(row['path'])})" if row.get("path") else ""
            lines.append(f"{row['regulation']} {row['edition']}: {said}{way}")
        return "\n".join(lines)


def _date(text: str | None) -> dt.date:
    if not text:
        return clock.today()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValidationFailed.field("as_of", f"{text!r} is no date; write YYYY-MM-DD.") from None
