"""Tests against thousands of ids or numbers in one statement with one parameter: no placeholders, limit or pieces."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, TextField, Value


class InIds(Func):
    """Whether a column holds one of a set of ids, which travels as one text."""

    output_field = BooleanField()
    arity = 2

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Unfold a JSON list."""
        template, joiner = "(%(expressions)s))", " IN (SELECT value FROM json_each("
        return self.as_sql(compiler, connection, template=f"{template})", arg_joiner=joiner, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Unfold an array."""
        template, joiner = "(%(expressions)s::uuid[]))", " = ANY("
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner, **context)


def ids_as_text(ids: Iterable[uuid.UUID | str]) -> str:
    """Return the set as the database at hand reads it."""
    if connection.vendor == "postgresql":
        return "{" + ",".join(str(key) for key in ids) + "}"
    return json.dumps([uuid.UUID(str(key)).hex for key in ids])


class InTexts(InIds):
    """Whether a column holds one of a set of texts, which travels as one JSON list."""

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Unfold the list into an array, for which an index is asked; into rows, the table would be read whole."""
        template, joiner = "(%(expressions)s::json))))", " = ANY(ARRAY(SELECT json_array_elements_text("
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner, **context)


def in_texts(column: str, texts: Iterable[str]) -> InTexts:
    """Return the test that ``column`` (with its path) holds one of ``texts``."""
    return InTexts(F(column), Value(json.dumps(sorted(texts)), output_field=TextField()))


def in_ids(column: str, ids: Iterable[uuid.UUID | str]) -> InIds:
    """Return the test that ``column`` (with its path) holds one of ``ids``, for ``filter`` and ``exclude``."""
    return InIds(F(column), Value(ids_as_text(ids), output_field=TextField()))
