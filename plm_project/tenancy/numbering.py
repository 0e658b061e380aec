"""Numbers without gaps or repeats. Taken inside the transaction that uses them: a rollback gives the number back."""

from __future__ import annotations

from django.db import connection, transaction

from plm_project.tenancy.models import NumberSequence
from plm_project.tenancy.scope import require_tenant_id


def take_number(key: str) -> int:
    """Return the next number of ``key`` in the running tenant, starting at 1.

    The sequence's row stays locked until the transaction ends, so a second taker waits and nobody gets the same
    number. Raises RuntimeError outside a transaction, where a failure after the call would leave a gap.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A number must be taken inside the transaction that uses it")
    tenant_id = require_tenant_id()
    with transaction.atomic():
        # INSERT … ON CONFLICT DO NOTHING: the first two takers of a tenant may arrive together.
        NumberSequence.objects.bulk_create([NumberSequence(tenant_id=tenant_id, key=key)], ignore_conflicts=True)
        sequence = NumberSequence.objects.select_for_update().get(key=key)
        number = sequence.next_value
        sequence.next_value = number + 1
        sequence.save(update_fields=["next_value"])
    return number
