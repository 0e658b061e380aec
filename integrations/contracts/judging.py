"""Payloads and answers against the JSON Schema of their contract."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator

from integrations.contracts.base import Contract, Fault

MOST = 20  # faults told of one payload


def payload_faults(entry: Contract, payload: Any) -> list[Fault]:
    """Return what the schema says against a payload: its own slip, or data that a neighbour does not take."""
    found = Draft202012Validator(entry.schema).iter_errors(payload)
    return [
        Fault("schema", error.json_path.removeprefix("$."), error.message[:300])
        for error, _n in zip(found, range(MOST), strict=False)
    ]


def answer_fault(entry: Contract, answer: Any) -> str:
    """Return why an answer is not the one the contract promises, or an empty string."""
    error = next(Draft202012Validator(entry.answer_schema).iter_errors(answer), None)
    if error is None:
        return ""
    return _("The answer is not what the contract says: %(what)s") % {
        "what": f"{error.json_path}: {error.message[:300]}"
    }
