"""The outermost middleware: gives every request an id, a log line and a measurement."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from plm_project.ops import metrics
from plm_project.ops.logging import MASK, is_secret
from plm_project.ops.request_id import HEADER, accepted_or_new

log = structlog.get_logger("plm.access")

# Asked every few seconds by machines: not worth a line each.
QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})


class RequestIdMiddleware:
    """Accept a sane ``X-Request-ID`` or make one; keep it on the request, in the logs and on the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request with its id bound to every log line written meanwhile."""
        request_id = accepted_or_new(request.headers.get(HEADER))
        request.request_id = request_id  # type: ignore[attr-defined]
        started = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            response.headers[HEADER] = request_id
            seconds = time.perf_counter() - started
            metrics.observe(request, response, seconds)
            _write_access_line(request, response, seconds)
        return response


def logged_path(request: HttpRequest) -> str:
    """Return the path for the log: never the query string, and secrets that stand in the path itself are masked."""
    path = request.path
    for name, value in (request.resolver_match.kwargs if request.resolver_match else {}).items():
        if is_secret(name) and value:
            path = path.replace(str(value), MASK)
    return path


def _write_access_line(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    actor = getattr(request, "actor", None)
    write = log.debug if request.path.rstrip("/") in QUIET_PATHS else log.info
    write(
        "request",
        method=request.method,
        path=logged_path(request),
        status=response.status_code,
        ms=round(seconds * 1000, 1),
        tenant=str(actor.tenant_id) if actor is not None else None,
        actor=actor.label if actor is not None else None,
    )
