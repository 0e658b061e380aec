"""Which callbacks there are. A new kind is a module beside this and a line here."""

from __future__ import annotations

from integrations.callbacks import digital_twin, manufacturing, purchasing
from integrations.callbacks.base import CallbackKind

_KINDS: tuple[CallbackKind, ...] = (*manufacturing.KINDS, *digital_twin.KINDS, *purchasing.KINDS)


def callback_kinds(neighbour: str = "") -> tuple[CallbackKind, ...]:
    """Return all kinds, or those of one neighbour."""
    return tuple(entry for entry in _KINDS if neighbour in ("", entry.neighbour))


def callback_kind(neighbour: str, kind: str) -> CallbackKind | None:
    """Return a kind that this neighbour may send, None for any other."""
    return next((entry for entry in callback_kinds(neighbour) if entry.kind == kind), None)
