"""The one place the time is read from, so that the demo and the tests can set it and time zones are never mixed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

_fixed: ContextVar[dt.datetime | None] = ContextVar("plm_clock", default=None)


def now() -> dt.datetime:
    """Return the current moment, aware, in UTC."""
    return _fixed.get() or timezone.now()


def today() -> dt.date:
    """Return the current date in the active time zone; effectivity is judged by it when no date is asked for."""
    return timezone.localdate(now())


@contextmanager
def fixed(moment: dt.datetime) -> Iterator[None]:
    """Let ``now`` answer ``moment`` in the block: the demo plays a story that took months. Raises on a naive moment."""
    if timezone.is_naive(moment):
        raise ValueError("The clock is set to an aware moment")
    token = _fixed.set(moment)
    try:
        yield
    finally:
        _fixed.reset(token)
