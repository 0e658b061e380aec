"""Keys of history rows that only this installation can make.

A key is a UUIDv7 (RFC 9562): 48 bits of milliseconds, then 12 bits that count, then, where others have chance, 62 bits of an
HMAC-SHA-256 over the table, the tenant, the record, the moment and the count. So a row that somebody inserts behind the
application is told from ours by its key alone, from the moment it is written, and no row needs a column for it.

The HMAC's key is derived from ``AUDIT_KEY``, else from SECRET_KEY; those of SECRET_KEY_FALLBACKS are still known. It matters
for rows that are not sealed yet (``chain.py``): a rotated key spoils nothing older than a minute.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import secrets
import time
import uuid
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings

_MAC_BITS = 62
_MAC_MASK = (1 << _MAC_BITS) - 1
_count = itertools.count(secrets.randbelow(1 << 12))


def audit_key(table: str, tenant_id: uuid.UUID, record_id: uuid.UUID) -> uuid.UUID:
    """Return a new key for a history row of ``record_id`` in ``table``."""
    return audit_keys(table, tenant_id, [record_id])[0]


def audit_keys(table: str, tenant_id: uuid.UUID, record_ids: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    """Return new keys for history rows of several records; what their secret is, is looked up once."""
    secret, made = _keys()[0], []
    for record_id in record_ids:
        moment, count = time.time_ns() // 1_000_000, next(_count) & 0xFFF
        head = moment << 80 | 0x7 << 76 | count << 64 | 0b10 << 62
        made.append(uuid.UUID(int=head | _mac(secret, table, tenant_id, record_id, head)))
    return made


def is_ours(key: uuid.UUID, table: str, tenant_id: uuid.UUID, record_id: uuid.UUID) -> bool:
    """Return whether the application made this key, for this record."""
    head, mac = key.int & ~_MAC_MASK, key.int & _MAC_MASK
    return any(
        hmac.compare_digest(mac.to_bytes(8), _mac(known, table, tenant_id, record_id, head).to_bytes(8))
        for known in _keys()
    )


def earliest_key(milliseconds: int) -> uuid.UUID:
    """Return a key that is below all that are made from this moment (Unix time) on."""
    return uuid.UUID(int=max(milliseconds, 0) << 80)


def _mac(key: bytes, table: str, tenant_id: uuid.UUID, record_id: uuid.UUID, head: int) -> int:
    said = b"|".join((table.encode(), tenant_id.bytes, record_id.bytes, head.to_bytes(16)))
    return int.from_bytes(hmac.digest(key, said, "sha256")[:8]) & _MAC_MASK


def _keys() -> list[bytes]:
    named = settings.AUDIT_KEY
    secret = [named] if named else [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [_derived(text) for text in secret]


@lru_cache(maxsize=8)
def _derived(text: str) -> bytes:
    return hashlib.sha256(b"plm.audit|" + text.encode()).digest()
