"""Signatures of messages between us and others: HMAC-SHA256 over the time and the exact body (RFC 2104).

``X-PLM-Signature: t=1764237600,v1=<hex>``. While a secret is being changed there are two ``v1``, one by each. A message
older or newer than ``WINDOW`` is refused, so that what was overheard cannot be sent again later.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from django.utils.translation import gettext as _

HEADER = "X-PLM-Signature"
WINDOW = 300  # seconds that a message may be old, or its sender's clock ahead
LONGEST_HEADER = 1_000


def signature(secrets: Sequence[str], body: bytes, moment: int) -> str:
    """Return the header's value: the moment (Unix seconds), then one signature by each secret."""
    return ",".join([f"t={moment}", *(f"v1={_mac(secret, body, moment)}" for secret in secrets)])


def signature_fault(header: str, secrets: Sequence[str], body: bytes, now: int) -> str:
    """Return why a signature does not hold, or an empty string. Compared in constant time."""
    parts = [part.partition("=") for part in header[:LONGEST_HEADER].split(",")]
    times = [value for name, _is, value in parts if name.strip() == "t"]
    given = [value.strip() for name, _is, value in parts if name.strip() == "v1"]
    if len(times) != 1 or not times[0].strip().isdecimal() or not given:
        return _("There is no signature such as t=…,v1=….")
    moment = int(times[0])
    if abs(now - moment) > WINDOW:
        return _("The signature is too old, or a clock is wrong.")
    wanted = [_mac(secret, body, moment) for secret in secrets if secret]
    held = [hmac.compare_digest(one.encode(), other.encode()) for one in wanted for other in given]
    return "" if any(held) else _("The signature does not fit.")


def _mac(secret: str, body: bytes, moment: int) -> str:
    return hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
