"""Reading JSON without loss: numbers with a point become decimals, and what no database can store is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

# Escapes for NUL and for halves of surrogate pairs; only their presence makes the slow look at every string needed.
_MOST_DEEP = 50  # levels; what reads, copies and stores a body goes down with every level
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


class ExactJSONParser(JSONParser):
    """DRF's parser, strict: ``0.1`` stays 0.1, NaN and Infinity are refused, so are NUL and broken characters."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the parsed body; raise ParseError, answered as VALIDATION_ERROR, for anything that is not JSON."""
        encoding = (parser_context or {}).get("encoding", "utf-8")
        try:
            text = stream.read().decode(encoding)
            data = json.loads(text, parse_float=_decimal, parse_constant=_refuse_constant)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        except (ValueError, LookupError) as error:
            raise ParseError(_("This is not valid JSON: %(why)s") % {"why": error}) from error
        if text.count("[") + text.count("{") > _MOST_DEEP and _is_deeper(data, _MOST_DEEP):
            raise ParseError(_("The JSON is nested too deeply."))
        if _SUSPECT.search(text):
            _check_strings(data)
        return data


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    # The mantissa is as long as the body allows, but 1e999999999 is ten bytes that no column could hold.
    if number and abs(number.adjusted()) > 400:
        raise ValueError("number out of range")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _is_deeper(data: Any, levels: int) -> bool:
    """Return whether lists and objects are nested in more than ``levels``."""
    inside = [data]
    while inside and levels >= 0:
        levels -= 1
        inside = [
            part
            for found in inside
            for part in (found.values() if isinstance(found, dict) else found if isinstance(found, list) else ())
            if isinstance(part, (dict, list))
        ]
    return bool(inside)


def _check_strings(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise ParseError(_("Null characters are not allowed."))
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise ParseError(_("The text holds half of a character.")) from error
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_strings(key)
            _check_strings(item)
    elif isinstance(value, list):
        for item in value:
            _check_strings(item)
