"""The schema and its browsable page, served from here alone: no CDN, no inline script, open to everybody."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import get_urlconf
from django.utils.translation import get_language
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

from plm_project.api.errors import exception_handler
from plm_project.api.throttles import HourThrottle, MinuteThrottle

# What the description comes to, by URL configuration, language and media type. Describing takes seconds, everybody may
# ask, and nothing of it changes while the process lives.
_described: dict[tuple[str, str, str], bytes] = {}


class SchemaView(SpectacularAPIView):
    """OpenAPI 3 as YAML, or as JSON with ``?format=json``. It tells what the API is, nothing of any tenant."""

    undocumented = True
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (MinuteThrottle, HourThrottle)

    def get_exception_handler(self) -> Any:
        """Answer refusals in the envelope."""
        return exception_handler

    def _get_schema_response(self, request: Request) -> HttpResponse:
        """Answer what was described before; else describe, without the request, so that nothing of who asks gets in."""
        version = self._get_version_parameter(request)
        renderer: Any = request.accepted_renderer
        key = (str(get_urlconf() or settings.ROOT_URLCONF), str(get_language()), renderer.media_type)
        content = None if version else _described.get(key)
        if content is None:
            generator = self.generator_class(urlconf=self.urlconf, api_version=version, patterns=self.patterns)
            content = renderer.render(generator.get_schema(request=None, public=True), renderer_context={})
            if not version and key[1] in dict(settings.LANGUAGES):  # others' words are nothing to fill the memory with
                _described[key] = content
        name = self._get_filename(request, version)
        answer = HttpResponse(content, content_type=f"{renderer.media_type}; charset=utf-8")
        answer["Content-Disposition"] = f'inline; filename="{name}"'
        return answer


@require_safe
@ensure_csrf_cookie
def docs_page(_request: HttpRequest) -> HttpResponse:
    """Swagger UI. "Try it out" works with a token, or with the session of somebody signed in to the pages."""
    return HttpResponse(render_to_string("api/docs.html"))
