"""Rows under lock, or NotFound. Order: the tenant's findings (Lock.COMPLIANCE) → structure → products → record.

The findings come first everywhere, also in a change that is implemented and asks its release gate: nobody waits in a
circle. The product is locked because its events are counted under its lock.
"""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from compliance.models import ComplianceRecord
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound
from plm_project.core.locks import Lock, take
from products.services.locked import product_locked


def record_locked(actor: Actor, record_id: uuid.UUID) -> ComplianceRecord:
    """Return a live record with its revision, product and regulation, locked to the end of the transaction."""
    take(Lock.COMPLIANCE, actor.tenant_id)
    product_id = (
        ComplianceRecord.objects.filter(pk=record_id, regulation__is_deleted=False, revision__is_deleted=False)
        .values_list("revision__product_id", flat=True)
        .first()
    )
    if product_id is None:
        raise NotFound(_("There is no such compliance record."))
    product = product_locked(product_id)
    rows = ComplianceRecord.objects.select_related("revision", "regulation").select_for_update(of=("self",))
    record = rows.filter(pk=record_id).first()
    if record is None:
        raise NotFound(_("There is no such compliance record."))
    record.revision.product = product
    return record
