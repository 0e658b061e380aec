"""How much one connection may send: a token bucket, counted in this process alone, before any other work."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.utils.translation import gettext as _

from plm_project.core.exceptions import RateLimited

RATE = 20.0  # messages a second, on average
BURST = 40.0
PATIENCE = 100  # refusals in a row before the line is cut
MAX_FRAME = 32 * 1024  # bytes


class TokenBucket:
    """Full with ``BURST`` messages; ``RATE`` a second flow in."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._level = BURST
        self._seen = clock()
        self._refused = 0

    def take(self) -> None:
        """Count one message. Raises RateLimited when the bucket is empty."""
        moment = self._clock()
        self._level = min(BURST, self._level + (moment - self._seen) * RATE)
        self._seen = moment
        if self._level < 1:
            self._refused += 1
            raise RateLimited(_("Too many messages at once. Slow down."))
        self._level -= 1
        self._refused = 0

    @property
    def is_out_of_patience(self) -> bool:
        """Whether so many in a row were refused that the line is to be cut."""
        return self._refused >= PATIENCE
