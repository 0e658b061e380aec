"""The success envelope of SPEC §8, and how values are written: exact decimals, ids as text, moments in UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone
from rest_framework import renderers
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from plm_project.core.decimals import plain

BODILESS = frozenset({204, 304})


def utc_text(moment: dt.datetime) -> str:
    """Write a moment as ISO 8601 in UTC with ``Z``; a naive one is read in the active time zone."""
    aware = timezone.make_aware(moment) if timezone.is_naive(moment) else moment
    return aware.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


class ExactEncoder(JSONEncoder):
    """DRF's encoder, but decimals are plain exact strings and moments are UTC."""

    def default(self, obj: Any) -> Any:
        """Encode what JSON has no form for."""
        if isinstance(obj, Decimal):
            return plain(obj)
        if isinstance(obj, dt.datetime):
            return utc_text(obj)
        return super().default(obj)


class Answer(Response):
    """A response with the parts of the envelope that stand beside ``data``. ``told_once`` are secrets in it that are
    stored nowhere, not even with an Idempotency-Key.
    """

    told_once: tuple[str, ...] = ()

    def __init__(
        self,
        data: Any = None,
        *,
        status: int = 200,
        message: str = "",
        pagination: Mapping[str, int] | None = None,
        meta: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data, status=status, headers=headers)
        self.message = message
        self.pagination = pagination
        self.meta = dict(meta or {})


class EnvelopeRenderer(renderers.JSONRenderer):
    """Renders JSON alone; wraps every success, and passes error envelopes (``errors.py``) on as they are."""

    encoder_class = ExactEncoder
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """Return the bytes of the answer; none for 204 and 304."""
        context = renderer_context or {}
        response = context.get("response")
        if response is not None and response.status_code in BODILESS:
            return b""
        if response is None or response.status_code < 400:
            data = _wrapped(data, response, context.get("request"))
        rendered: bytes = super().render(data, accepted_media_type, context)  # type: ignore[arg-type]
        return rendered


def _wrapped(data: Any, response: Any, request: Any) -> dict[str, Any]:
    envelope: dict[str, Any] = {"success": True, "data": data}
    if pagination := getattr(response, "pagination", None):
        envelope["pagination"] = pagination
    if message := getattr(response, "message", ""):
        envelope["message"] = str(message)
    envelope["meta"] = {"request_id": getattr(request, "request_id", ""), **getattr(response, "meta", {})}
    return envelope
