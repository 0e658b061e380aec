"""The error pages. They look like the rest, name the request id, and never ask the database.

``handler400`` … ``handler500`` are named in the project's urls.py, ``csrf_failure`` in the settings.
"""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist, TemplateSyntaxError, loader
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from plm_project.core.exceptions import PlmError
from plm_project.web.preferences import theme_of

log = structlog.get_logger(__name__)

TEMPLATES = {400: "400.html", 403: "403.html", 404: "404.html", 500: "500.html"}
HEADINGS = {
    400: _lazy("This request cannot be understood"),
    401: _lazy("Please sign in"),
    403: _lazy("You may not do this"),
    404: _lazy("There is nothing here"),
    409: _lazy("This is not possible right now"),
    412: _lazy("Somebody else was faster"),
    429: _lazy("Too many tries"),
    500: _lazy("Something went wrong"),
}


def error_page(request: HttpRequest, status: int, message: str = "", *, template: str = "") -> HttpResponse:
    """Answer with the page for ``status``. ``message`` is for people; it must come from a PlmError or from us."""
    name = template or TEMPLATES.get(status, "error.html")
    context = {
        "status": status,
        "message": message,
        "heading": HEADINGS.get(status, HEADINGS[400]),
        "user_can_leave": _is_signed_in_without_tenant(request),
        "topbar_items": (),  # they would ask the database
    }
    return HttpResponse(loader.render_to_string(name, context, request), status=status)


def page_for(request: HttpRequest, error: PlmError) -> HttpResponse:
    """Answer a service's refusal with its own status and message."""
    return error_page(request, error.status_code, str(error.message))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400. The reason stays in the log: it may quote what the caller sent."""
    return error_page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with the message where one of ours was given."""
    return error_page(request, 403, _own_words(exception))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404. Another tenant's record gives the same page as one that does not exist."""
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500. Rendered without context processors: whatever broke must not break this page as well."""
    context: dict[str, Any] = {
        "status": 500,
        "request_id": getattr(request, "request_id", ""),
        "theme": theme_of(request),
        "LANGUAGE_CODE": settings.LANGUAGE_CODE,
    }
    try:
        html = loader.render_to_string(TEMPLATES[500], context)
    except (TemplateDoesNotExist, TemplateSyntaxError, ValueError):  # ValueError: a static file without its manifest
        log.exception("error_page_failed")
        html = format_html(
            '<!doctype html><html lang="en"><title>{0}</title><h1>{0}</h1><p>{1}</p></html>',
            _("Something went wrong"),
            context["request_id"],
        )
    return HttpResponse(html, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose security token is missing or too old; ``reason`` is for the log."""
    log.warning("csrf_refused", reason=reason)
    return error_page(request, 403, _("This form has expired. Go back, reload the page and send it again."))


def _own_words(exception: Exception) -> str:
    """Return the text that was given with the exception; Django itself gives none with PermissionDenied."""
    first = exception.args[0] if exception.args else ""
    return first if isinstance(first, str) else ""


def _is_signed_in_without_tenant(request: HttpRequest) -> bool:
    """Return whether only signing out helps: somebody signed in, but belongs nowhere."""
    return getattr(request, "actor", None) is None and getattr(request, "auth_error", None) is not None
