"""The schema and its browsable page, served from here alone: no CDN, no inline script, open to everybody."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView

from plm_project.api.errors import exception_handler
from plm_project.api.throttles import HourThrottle, MinuteThrottle


class SchemaView(SpectacularAPIView):
    """OpenAPI 3 as YAML, or as JSON with ``?format=json``. It tells what the API is, nothing of any tenant."""

    undocumented = True
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (MinuteThrottle, HourThrottle)

    def get_exception_handler(self) -> Any:
        """Answer refusals in the envelope."""
        return exception_handler


@require_safe
@ensure_csrf_cookie
def docs_page(_request: HttpRequest) -> HttpResponse:
    """Swagger UI. "Try it out" works with a token, or with the session of somebody signed in to the pages."""
    return HttpResponse(render_to_string("api/docs.html"))
