"""What stands against a product: the finding of the revision that was taken of it, or while that one is not assessed,
of the nearest earlier one that was. A new letter, or a revision withdrawn from use, takes no finding out of the world.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping

from compliance.choices import ComplianceStatus
from compliance.models import ComplianceRecord, Regulation
from compliance.models.record import status_on
from compliance.selectors.applicability import CHUNK
from compliance.selectors.structure import Finding
from products.models import ProductRevision

Standing = dict[tuple[uuid.UUID, uuid.UUID], Finding]  # by product and regulation


def standing_findings(
    taken: Mapping[uuid.UUID, uuid.UUID], day: dt.date, regulations: Collection[Regulation]
) -> Standing:
    """Return what stands on ``day`` (today or later); ``taken`` is product → revision. Two queries for 10,000 products."""
    wanted = [row.pk for row in regulations]
    products, found = list(taken), Standing()
    for start in range(0, len(products), CHUNK):
        chunk = products[start : start + CHUNK]
        revisions = ProductRevision.all_objects.filter(pk__in=[taken[key] for key in chunk]).order_by()
        newest = dict(revisions.values_list("product_id", "sequence"))
        rows = (
            ComplianceRecord.objects.filter(revision__product_id__in=chunk, regulation_id__in=wanted)
            .exclude(status=ComplianceStatus.NOT_ASSESSED)
            .order_by("revision__sequence")  # the last one read stands
            .values_list("revision__product_id", "revision__sequence", "regulation_id", "id", "status", "valid_until",
                         "expired_from", "reason")
        )  # fmt: skip
        for product_id, sequence, regulation_id, record_id, status, until, expired_from, reason in rows:
            if sequence <= newest.get(product_id, 0):
                found[product_id, regulation_id] = Finding(
                    record_id, status_on(status, until, day), status, expired_from, until, reason
                )
    return found
