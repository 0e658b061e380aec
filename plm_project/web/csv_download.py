"""Files made for a download: written while they are sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.text import get_valid_filename

from plm_project.core.delimited import csv_lines


def csv_download(name: str, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """Return the rows as a CSV file called ``name``. ``rows`` is read while the answer is sent, after the request's
    scope is closed: it must not touch the database, or open a scope of its own for each portion."""
    return file_download(name, "text/csv; charset=utf-8", csv_lines(heading, rows))


def file_download(name: str, content_type: str, pieces: Iterable[str | bytes]) -> StreamingHttpResponse:
    """Return the pieces as a file called ``name``."""
    response = StreamingHttpResponse(pieces, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{get_valid_filename(name)}"'
    response["Cache-Control"] = "no-store"
    return response
