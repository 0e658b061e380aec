"""The one place the time is read from, so that tests can set it and time zones are never mixed."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    """Return the current moment, aware, in UTC."""
    return timezone.now()


def today() -> dt.date:
    """Return the current date in the active time zone; effectivity is judged by it when no date is asked for."""
    return timezone.localdate()
