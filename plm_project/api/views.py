"""Answers that belong to no resource: unknown addresses, and Django's own error handlers when the API was asked."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from plm_project.api.errors import Refusal, error_body, internal_error, not_found, refusal_of

PREFIX = "/api/"


def is_api(request: HttpRequest) -> bool:
    """Return whether the caller expects the envelope rather than a page."""
    return request.path.startswith(PREFIX)


@csrf_exempt
def unknown_path(request: HttpRequest, *_args: Any, **_kwargs: Any) -> JsonResponse:
    """Answer NOT_FOUND for every address under /api/ that no route claims, whatever the method."""
    return _answer(request, not_found())


def error_answer(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Answer the envelope for an exception that reached Django's handler400, 403, 404 or 500."""
    refusal = refusal_of(exception) if exception is not None else None
    return _answer(request, refusal or internal_error())


def _answer(request: HttpRequest, refusal: Refusal) -> JsonResponse:
    return JsonResponse(error_body(refusal, request), status=refusal.status, headers=dict(refusal.headers))
