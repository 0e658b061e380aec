"""Limits per caller, counted in fixed windows on the shared cache (SPEC §8: 100 a minute, 1,000 an hour)."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from plm_project.accounts.addresses import address_of
from plm_project.api.authentication import caller_key


class WindowThrottle(BaseThrottle):
    """Counts calls of one caller in one window of the clock. A limit of 0 switches it off.

    ``add`` and ``incr`` are atomic on Redis and in process, so parallel calls are all counted.
    """

    setting: str
    seconds: int

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count this call and return whether it is within the limit."""
        limit = int(getattr(settings, self.setting))
        if limit <= 0:
            return True
        window = int(self.now() // self.seconds)
        return self._count(f"throttle:{self.seconds}:{counted_as(request._request)}:{window}") <= limit

    def wait(self) -> float:
        """Return the seconds until the next window, at least one."""
        return max(self.seconds - self.now() % self.seconds, 1.0)

    def now(self) -> float:
        """Return the seconds since the epoch."""
        return time.time()

    def _count(self, key: str) -> int:
        cache.add(key, 0, timeout=self.seconds + 5)
        try:
            return int(cache.incr(key))
        except ValueError:  # the window ended between the two calls: this is the first call of the next one
            cache.set(key, 1, timeout=self.seconds + 5)
            return 1


class MinuteThrottle(WindowThrottle):
    """PLM_THROTTLE_MINUTE calls a minute."""

    setting = "PLM_THROTTLE_MINUTE"
    seconds = 60


class HourThrottle(WindowThrottle):
    """PLM_THROTTLE_HOUR calls an hour."""

    setting = "PLM_THROTTLE_HOUR"
    seconds = 3600


def counted_as(request: HttpRequest) -> str:
    """Return the token, the person or, for strangers, the address."""
    return caller_key(request) or f"address:{address_of(request)}"
