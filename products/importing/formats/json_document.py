"""JSON with its numbers as the text they are written as, and a limit to its depth."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from products.importing.csv_source import decode
from products.importing.problems import SourceProblem

MAX_DEPTH = 100
Json = Any  # dict, list, str, bool or None; every number is a str


def parse_json(content: bytes) -> Json:
    """Return the document. ``1.50`` stays "1.50". Raises SourceProblem (unsupported_file, bad_encoding)."""
    text, _encoding = decode(content)
    try:
        document = json.loads(text.lstrip("\ufeff"), parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        message = _("The JSON is damaged in line %(line)d: %(error)s.")
        values = {"line": error.lineno, "error": error.msg}
        raise SourceProblem("unsupported_file", message % values, row=error.lineno) from None
    except RecursionError:
        raise _too_deep() from None
    if _is_deeper(document):
        raise _too_deep()
    return document


def _too_deep() -> SourceProblem:
    return SourceProblem("too_large", _("The JSON has more than %(depth)d levels.") % {"depth": MAX_DEPTH})


def _is_deeper(document: Json) -> bool:
    level = [document]
    for _depth in range(MAX_DEPTH):
        below: list[Json] = []
        for value in level:
            if isinstance(value, dict):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
        if not below:
            return False
        level = below
    return True


def text(value: Json) -> str:
    """Return a value as a cell; empty for what is no text."""
    return value if isinstance(value, str) else ""


def listed(value: Json) -> list[dict[str, Json]]:
    """Return the objects in a list; empty for anything else."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
