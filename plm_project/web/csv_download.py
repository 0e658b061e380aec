"""Files made for a download: written while they are sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from django.utils.text import get_valid_filename

from plm_project.core.delimited import csv_lines

PORTION = 64 * 1024  # bytes brought from the writing thread at a time


class WrittenFile(StreamingHttpResponse):
    """A file whose pieces are made as they are asked for, in portions, under WSGI and ASGI alike.

    Django's own answer makes the whole of a synchronous iterator before it sends the first byte under ASGI.
    """

    def __iter__(self) -> Iterator[bytes]:
        return _portions(super().__iter__())

    async def __aiter__(self) -> AsyncIterator[bytes]:
        portions = _portions(super().__iter__())
        while portion := await sync_to_async(_next)(portions):
            yield portion


def csv_download(name: str, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> WrittenFile:
    """Return the rows as a CSV file called ``name``. ``rows`` is read while the answer is sent, after the request's
    scope is closed: it must not touch the database, or open and close a scope of its own for each portion."""
    return file_download(name, "text/csv; charset=utf-8", csv_lines(heading, rows))


def file_download(name: str, content_type: str, pieces: Iterable[str | bytes]) -> WrittenFile:
    """Return the pieces as a file called ``name``."""
    response = WrittenFile(pieces, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{get_valid_filename(name)}"'
    response["Cache-Control"] = "no-store"
    return response


def _next(portions: Iterator[bytes]) -> bytes:
    """Return the next portion, or nothing at the end: StopIteration cannot cross into a coroutine."""
    return next(portions, b"")


def _portions(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces joined to portions, none of them empty."""
    portion = bytearray()
    for piece in pieces:
        portion += piece
        if len(portion) >= PORTION:
            yield bytes(portion)
            portion.clear()
    if portion:
        yield bytes(portion)
