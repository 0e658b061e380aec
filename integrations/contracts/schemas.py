"""JSON Schemas in few words."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
ID: Schema = {"type": "string", "format": "uuid"}
MAYBE_ID: Schema = {"type": ["string", "null"], "format": "uuid"}
DAY: Schema = {"type": ["string", "null"], "format": "date"}
MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
EXACT: Schema = {
    "type": "string",
    "pattern": r"^-?\d+(\.\d+)?$",
    "description": "A decimal, exact, in plain notation.",
}
CURRENCY: Schema = {"type": "string", "pattern": "^[A-Z]{3}$"}


def record(**properties: Schema) -> Schema:
    """Return the schema of an object with exactly these members."""
    return {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}


def listing(of: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": of}


def message(**properties: Schema) -> Schema:
    """Return the schema of a whole payload."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **record(**properties)}


def answer(**properties: Schema) -> Schema:
    """Return the schema of an answer: these members, and whatever else the other side adds."""
    return {"type": "object", "required": list(properties), "properties": properties}


ACCEPTED = answer(accepted={"const": True})
EMPTY: Schema = {"type": "object"}


def callback(kind: str, **properties: Schema) -> Schema:
    """Return the schema of a callback: its id, its kind, and these members."""
    return message(
        callback_id={"type": "string", "minLength": 1, "maxLength": 100}, kind={"const": kind}, **properties
    )
