"""Revision labels count like spreadsheet columns: A … Z, AA, AB …"""

from __future__ import annotations

FIRST = "A"


def label_of(sequence: int) -> str:
    """Return the label of the ``sequence``-th revision, counted from 1. Raises ValueError below 1."""
    if sequence < 1:
        raise ValueError("Revisions are counted from 1")
    letters = ""
    while sequence:
        sequence, rest = divmod(sequence - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
