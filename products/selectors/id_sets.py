"""Tests against thousands of ids in one statement, with one parameter: no list of placeholders, no limit, no pieces."""

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


def ids_as_text(ids: Iterable[uuid.UUID]) -> str:
    """Return the set as the database at hand reads it."""
    if connection.vendor == "postgresql":
        return "{" + ",".join(str(key) for key in ids) + "}"
    return json.dumps([key.hex for key in ids])


def in_ids(column: str, ids: Iterable[uuid.UUID]) -> InIds:
    """Return the test that ``column`` (with its path) holds one of ``ids``, for ``filter`` and ``exclude``."""
    return InIds(F(column), Value(ids_as_text(ids), output_field=TextField()))
