"""Revision labels: what comes after what, in the scheme that a tenant has chosen.

Letters count like spreadsheet columns: A … Z, AA, AB …; the short alphabet leaves out I, O, Q, S, X and Z, which are
mistaken for figures on drawings (ASME Y14.35). Numbers begin with 1.
"""

from __future__ import annotations

from collections.abc import Collection

from products.choices import RevisionScheme

LEFT_OUT = "IOQSXZ"
ALPHABETS = {
    RevisionScheme.LETTERS: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    RevisionScheme.SHORT_LETTERS: "".join(one for one in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if one not in LEFT_OUT),
}


def label_of(sequence: int, scheme: str = RevisionScheme.LETTERS) -> str:
    """Return the label of the ``sequence``-th revision, counted from 1. Raises ValueError below 1."""
    if sequence < 1:
        raise ValueError("Revisions are counted from 1")
    if scheme == RevisionScheme.NUMBERS:
        return str(sequence)
    alphabet = ALPHABETS[RevisionScheme(scheme)]
    letters = ""
    while sequence:
        sequence, rest = divmod(sequence - 1, len(alphabet))
        letters = alphabet[rest] + letters
    return letters


def label_after(given: Collection[str], last: str, scheme: str) -> str:
    """Return the label that follows ``last``, and is none of those ``given`` to the record already.

    Counting goes on where the scheme knows the last label. Where it does not, because the tenant has changed the scheme since,
    it goes on from the number of labels given, so that a later revision never looks like an earlier one.
    """
    place = place_of(last, scheme)
    at = (len(given) if place is None else place) + 1
    while (label := label_of(at, scheme)) in given:
        at += 1
    return label


def place_of(label: str, scheme: str) -> int | None:
    """Return the place of a label in a scheme, counted from 1; None for one that the scheme does not know."""
    if scheme == RevisionScheme.NUMBERS:
        return int(label) if label.isascii() and label.isdigit() and not label.startswith("0") else None
    alphabet = ALPHABETS[RevisionScheme(scheme)]
    place = 0
    for letter in label:
        if letter not in alphabet:
            return None
        place = place * len(alphabet) + alphabet.index(letter) + 1
    return place or None
