"""The one place that turns whatever was raised into the error envelope of SPEC §8.

401 or 403 is decided here and nowhere else. SPEC fixes eight error codes; refusals of HTTP itself that have none of
their own (405, 413, 415) keep their status and carry VALIDATION_ERROR: the request has to be written differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.core import exceptions as django_errors
from django.core.signals import got_request_exception
from django.db import IntegrityError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, UnreadablePostError
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed
from rest_framework import exceptions as drf
from rest_framework.response import Response

from plm_project.api.envelope import utc_text
from plm_project.core import clock
from plm_project.core.exceptions import PlmError
from plm_project.tenancy.scope import roll_back_scope

log = structlog.get_logger(__name__)

WHOLE = "non_field_errors"  # the key in ``details`` for what concerns no single field
CHALLENGE = 'Bearer realm="plm"'
UNIQUE_VIOLATIONS = frozenset({"23505", "23P01"})
BUSY_STATES = frozenset({"40001", "40P01", "55P03"})  # serialisation failure, deadlock, lock not available


@dataclass(frozen=True)
class Refusal:
    """What a caller is told."""

    status: int
    code: str
    message: str
    details: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's hook: answer every exception, undo what the request wrote, and log what nobody expected."""
    drf_request = context.get("request")
    request: HttpRequest | None = getattr(drf_request, "_request", drf_request)
    refusal = refusal_of(exc) or _fault(exc, request)
    if getattr(request, "actor", None) is not None:
        roll_back_scope()
    response = Response(error_body(refusal, request), status=refusal.status, headers=dict(refusal.headers))
    response.exception = True
    log.info("refused", status=refusal.status, error_code=refusal.code)
    return response


def error_body(refusal: Refusal, request: HttpRequest | None) -> dict[str, Any]:
    """Return the error envelope."""
    return {
        "success": False,
        "error": str(refusal.message),
        "details": {name: [str(message) for message in found] for name, found in refusal.details.items()},
        "error_code": refusal.code,
        "meta": {"request_id": getattr(request, "request_id", ""), "timestamp": utc_text(clock.now())},
    }


def refusal_of(exc: Exception) -> Refusal | None:
    """Return the refusal an expected exception stands for; None for a fault of ours."""
    if isinstance(exc, PlmError):
        return _of_ours(exc)
    if isinstance(exc, drf.APIException):
        return _of_drf(exc)
    return _of_django(exc) or _of_database(exc)


def _fault(exc: Exception, request: HttpRequest | None) -> Refusal:
    log.error("internal error", exc_info=exc)
    # Error trackers and Django's test client listen to this; without it a fault would pass in silence.
    got_request_exception.send(sender=None, request=request)
    return internal_error()


def internal_error() -> Refusal:
    """Return the answer for a fault of ours; the log under the request id says more than the caller may know."""
    return Refusal(500, "INTERNAL_ERROR", _("Something went wrong on our side. Please quote the request id."))


def _of_ours(exc: PlmError) -> Refusal | None:
    if exc.status_code >= 500:
        return None
    headers: dict[str, str] = {}
    if exc.status_code == 401:
        headers["WWW-Authenticate"] = CHALLENGE
    if (wait := getattr(exc, "retry_after", None)) is not None:
        headers["Retry-After"] = str(wait)
    return Refusal(exc.status_code, exc.error_code, exc.message, exc.details, headers)


def _of_drf(exc: drf.APIException) -> Refusal | None:
    if isinstance(exc, drf.NotAuthenticated | drf.AuthenticationFailed):
        headers = {"WWW-Authenticate": CHALLENGE}
        return Refusal(401, "AUTHENTICATION_REQUIRED", _("Sign in, or send an API token."), headers=headers)
    if isinstance(exc, drf.Throttled):
        wait = getattr(exc, "wait", None)
        headers = {"Retry-After": str(int(wait))} if wait is not None else {}
        return Refusal(429, "RATE_LIMITED", _("Too many calls. Please wait."), headers=headers)
    if isinstance(exc, drf.ValidationError):
        return invalid(flattened(exc.detail))
    if isinstance(exc, drf.PermissionDenied):
        return Refusal(403, "PERMISSION_DENIED", str(exc.detail))
    if isinstance(exc, drf.NotFound):
        return not_found()
    if exc.status_code < 500:  # 400 malformed, 405, 406, 415
        return Refusal(exc.status_code, "VALIDATION_ERROR", str(exc.detail))
    return None


def _of_django(exc: Exception) -> Refusal | None:
    if isinstance(exc, Http404):
        return not_found()
    if isinstance(exc, django_errors.PermissionDenied):
        return Refusal(403, "PERMISSION_DENIED", _("You may not do this."))
    if isinstance(exc, django_errors.ValidationError):
        found = exc.message_dict if hasattr(exc, "error_dict") else {WHOLE: exc.messages}
        return invalid({WHOLE if name == django_errors.NON_FIELD_ERRORS else name: m for name, m in found.items()})
    if isinstance(exc, django_errors.RequestDataTooBig):
        return Refusal(413, "VALIDATION_ERROR", _("The request is too large."))
    if isinstance(exc, django_errors.SuspiciousOperation | django_errors.BadRequest | UnreadablePostError):
        return Refusal(400, "VALIDATION_ERROR", _("The request could not be read."))
    if isinstance(exc, TransitionNotAllowed):
        return Refusal(409, "CONFLICT", _("The record's present state does not allow this."))
    return None


def _of_database(exc: Exception) -> Refusal | None:
    if isinstance(exc, ProtectedError | RestrictedError):
        return Refusal(409, "CONFLICT", _("Other records still refer to this one."))
    state = getattr(exc.__cause__, "sqlstate", None)
    text = str(exc)
    if isinstance(exc, IntegrityError) and (state in UNIQUE_VIOLATIONS or text.startswith("UNIQUE constraint failed")):
        return Refusal(409, "CONFLICT", _("A record with these values exists already."))
    if isinstance(exc, OperationalError) and (state in BUSY_STATES or "database is locked" in text):
        busy = _("Somebody else is changing this right now. Please try again.")
        return Refusal(409, "CONFLICT", busy, headers={"Retry-After": "1"})
    return None


def not_found() -> Refusal:
    """Return the one answer for what is not there, is deleted, or belongs to another tenant."""
    return Refusal(404, "NOT_FOUND", _("There is nothing here under this address."))


def invalid(details: Mapping[str, list[str]]) -> Refusal:
    """Return VALIDATION_ERROR; what concerns no single field is the headline."""
    whole = details.get(WHOLE)
    headline = str(whole[0]) if whole else _("Some values are not right.")
    return Refusal(400, "VALIDATION_ERROR", headline, details)


def flattened(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Flatten DRF's nested errors to one level, with paths such as ``structure[1].quantity``."""
    found: dict[str, list[str]] = {}
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            _merge(found, flattened(value, _below(path, key)))
    elif isinstance(detail, list | tuple):
        for index, value in enumerate(detail):
            nested = isinstance(value, Mapping | list | tuple)
            _merge(found, flattened(value, f"{path}[{index}]" if nested else path))
    elif detail is not None:
        found[path or WHOLE] = [str(detail)]
    return found


def _below(path: str, key: Any) -> str:
    if isinstance(key, int):
        return f"{path}[{key}]"
    if key == WHOLE:
        return path
    return f"{path}.{key}" if path else str(key)


def _merge(found: dict[str, list[str]], more: Mapping[str, list[str]]) -> None:
    for name, messages in more.items():
        found.setdefault(name, []).extend(messages)
