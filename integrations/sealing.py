"""Secrets at rest: encrypted by the keys of FIELD_ENCRYPTION_KEYS, the first of which seals, all of which open.

A new key goes to the front of the list; ``integrations_reseal`` then seals everything with it, and the old one can go.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SealBroken(RuntimeError):
    """A stored secret cannot be opened with any of the keys: they were changed without sealing anew."""


def seal(secret: str) -> str:
    """Encrypt. An empty secret stays empty."""
    return _keys().encrypt(secret.encode()).decode() if secret else ""


def unseal(sealed: str) -> str:
    """Decrypt. Raises SealBroken."""
    if not sealed:
        return ""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SealBroken("FIELD_ENCRYPTION_KEYS does not hold the key that sealed this") from error


def _keys() -> MultiFernet:
    """Return the keys in force. Any text may be one: it is hashed to the 32 bytes that Fernet takes."""
    named: list[str] = settings.FIELD_ENCRYPTION_KEYS or [settings.SECRET_KEY]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in named])
