"""A kind of callback."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from plm_project.core.actor import Actor


@dataclass(frozen=True)
class CallbackKind:
    """What one neighbour may tell us. ``schema`` is JSON Schema (2020-12) of the whole message; ``apply`` writes what it
    means and returns what to answer; it raises ValidationFailed or NotFound for what fits none of our records.
    """

    kind: str
    neighbour: str
    title: str | Promise
    schema: Mapping[str, Any]
    apply: Callable[[Actor, Mapping[str, Any]], dict[str, Any]]
