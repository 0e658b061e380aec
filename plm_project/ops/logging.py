"""Structured logs: one JSON object a line on stderr (or readable lines at a desk), with secrets masked.

Settings import this module, so it must not touch models or settings. stdout stays free for the answers of commands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal

import structlog

from plm_project.core.actor import current_actor

MASK = "***"

_SECRET_KEY = re.compile(
    r"authorization|cookie|passw|secret|csrf|credential|private_?key|api[-_ ]?key|session_?(id|key)|(^|[-_ ])token$",
    re.IGNORECASE,
)
_SECRET_TEXT = (
    re.compile(r"(?i)(\b(?:bearer|basic|token)\s+)[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(r"(?i)(\b(?:password|passwd|secret|api_?key|access_token|token)['\"]?\s*[=:]\s*['\"]?)[^\s'\",&;]+"),
    re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@/]+(?=@)"),  # the password inside an address
)


def is_secret(name: str) -> bool:
    """Return whether a value under this name (header, field, variable) must never be written to a log."""
    return bool(_SECRET_KEY.search(name))


def masked(value: Any) -> Any:
    """Return ``value`` with every secret inside replaced by ``***``; mappings and lists are followed."""
    if isinstance(value, Mapping):
        return {key: MASK if is_secret(str(key)) else masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(item) for item in value]
    if isinstance(value, str):
        for pattern in _SECRET_TEXT:
            value = pattern.sub(rf"\g<1>{MASK}", value)
    return value


def mask_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Processor: mask the whole event, the text of a traceback included. Runs last before the renderer."""
    for key in list(event):
        if not key.startswith("_"):  # _record and _from_structlog belong to the formatter
            event[key] = MASK if is_secret(key) else masked(event[key])
    return event


def add_actor(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Processor: say who acts in which tenant, when somebody does."""
    actor = current_actor()
    if actor is not None:
        event.setdefault("tenant", str(actor.tenant_id))
        event.setdefault("actor", actor.label)
        if actor.user_id is not None:
            event.setdefault("user", str(actor.user_id))
        if actor.request_id:
            event.setdefault("request_id", actor.request_id)
    return event


def drop_request_objects(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Processor: leave out colour codes, and the request objects Django attaches: they show the query string."""
    for key in ("request", "socket", "color_message"):
        event.pop(key, None)
    return event


def _dumps(event: Any, **_options: Any) -> str:
    return json.dumps(event, default=str, ensure_ascii=False)


def _shared_processors() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_actor,
        structlog.processors.StackInfoRenderer(),
    ]


def logging_config(*, format: Literal["json", "console"] | str, level: str) -> dict[str, Any]:
    """Return the dictionary for ``logging.config.dictConfig`` and point structlog at the standard library.

    ``format`` is ``json`` (production) or ``console`` (readable, at a desk); ``level`` is a standard level name.
    Raises ValueError for another format, so that a typing mistake does not silence the logs.
    """
    if format not in ("json", "console"):
        raise ValueError(f"LOG_FORMAT must be json or console, not {format!r}")
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared_processors(),
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    # format_exc_info writes tracebacks as text without local variables: those hold passwords and customers' data.
    tail: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    tail += [structlog.processors.format_exc_info, mask_secrets]
    if format == "json":
        tail.append(structlog.processors.JSONRenderer(serializer=_dumps))
    else:
        tail.append(structlog.dev.ConsoleRenderer(colors=False))
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plm": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*_shared_processors(), structlog.stdlib.ExtraAdder(), drop_request_objects],
                "processors": tail,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plm"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Everything goes through the root's one handler. The servers' own access lines show query strings and
            # would repeat ours, so only their warnings pass.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.request": {"handlers": [], "level": "ERROR", "propagate": True},  # refusals: see the access line
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.channels.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "uvicorn": {"handlers": [], "level": level, "propagate": True},
            "uvicorn.access": {"handlers": [], "level": "WARNING", "propagate": True},
            "uvicorn.error": {"handlers": [], "level": level, "propagate": True},
            "daphne": {"handlers": [], "level": "WARNING", "propagate": True},
            "httpx": {"handlers": [], "level": "WARNING", "propagate": True},  # its INFO lines show whole addresses
            "axes": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }
