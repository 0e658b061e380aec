"""Identifiers. Every record is keyed by a UUIDv7 (RFC 9562 §5.7): sortable by time of creation."""

from __future__ import annotations

import sys
import uuid

if sys.version_info >= (3, 14):
    from uuid import uuid7 as _uuid7
else:
    from uuid_utils.compat import uuid7 as _uuid7


def uuid7() -> uuid.UUID:
    """Return a new UUIDv7 as a standard-library UUID.

    Migrations name this function as a default, so its path must not change.
    """
    return _uuid7()
