"""Answers that send a stored file: in chunks, as an attachment, never run or shown by the browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.core.files.base import File
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from plm_project.core.file_store import CHUNK


def file_response(
    request: HttpRequest, content: File[Any], *, filename: str, media_type: str, size: int
) -> StreamingHttpResponse:
    """Return the answer. The caller has checked who may; under ASGI at most one chunk is in memory at a time."""
    chunks = _chunks_async(content) if isinstance(request, ASGIRequest) else _chunks(content)
    response = StreamingHttpResponse(chunks, content_type=media_type)
    response.headers["Content-Length"] = str(size)
    response.headers["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _chunks(content: File[Any]) -> Iterator[bytes]:
    with content:
        yield from iter(lambda: content.read(CHUNK), b"")


async def _chunks_async(content: File[Any]) -> AsyncIterator[bytes]:
    read = sync_to_async(content.read, thread_sensitive=False)
    try:
        while chunk := await read(CHUNK):
            yield chunk
    finally:
        await sync_to_async(content.close, thread_sensitive=False)()
