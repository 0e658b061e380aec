"""Request ids: one identifier that links a call, its log lines, its audit records and its answer."""

from __future__ import annotations

import re

import structlog

from plm_project.core.ids import uuid7

HEADER = "X-Request-ID"

# A caller's id is written to logs and headers: short, visible, no separators that could forge a log line.
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)


def accepted_or_new(offered: str | None) -> str:
    """Return the caller's request id when it is sane (letters, digits, ``._:-``, at most 64), else a new UUIDv7."""
    if offered and _SANE.fullmatch(offered):
        return offered
    return str(uuid7())


def request_id() -> str:
    """Return the id of the running request; an empty string outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
