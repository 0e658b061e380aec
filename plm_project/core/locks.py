"""Advisory locks: one number per thing that must not be done twice at once.

On PostgreSQL they are transaction-level advisory locks, held until commit or rollback. SQLite serialises every
writing transaction (``BEGIN IMMEDIATE``), so there the transaction is the lock.
"""

from __future__ import annotations

import enum
import uuid

from django.db import connection


class Lock(enum.IntEnum):
    """The numbers are stored nowhere, but must stay unique."""

    STRUCTURE = 1  # a tenant's BOM graph: the cycle check and the write it allows
    OUTBOX_RELAY = 2  # one relay per tenant keeps the order per entity
    PROVISIONING = 3  # a tenant's default data
    COMPLIANCE = 7  # a tenant's findings and their scope: a release gate judges what nobody changes meanwhile
    AUDIT = 8  # a tenant's audit chain: one block follows another
    IDEMPOTENCY_KEY = 4  # one API call per caller and key; taken with an id made of all three


def _key(lock: Lock, tenant_id: uuid.UUID) -> int:
    """Fold lock and tenant into one signed 64-bit number."""
    number = (tenant_id.int ^ (tenant_id.int >> 64)) & 0xFFFF_FFFF_FFFF_FF00 | int(lock)
    return number - (1 << 64) if number >= (1 << 63) else number


def take(lock: Lock, tenant_id: uuid.UUID) -> None:
    """Wait for ``lock`` of the tenant and hold it to the end of the transaction.

    Raises RuntimeError outside a transaction: the lock would be gone before it protected anything.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{lock.name} must be taken inside a transaction")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_key(lock, tenant_id)])


def try_take(lock: Lock, tenant_id: uuid.UUID) -> bool:
    """Like ``take``, but return False at once when somebody else holds it."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{lock.name} must be taken inside a transaction")
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_key(lock, tenant_id)])
        return bool(cursor.fetchone()[0])
