"""Reference designators: the marks on a drawing or board that say where a part sits (R1, C6, U2_A).

``split_designators`` reads a cell or a field, ``designators_written`` writes one that reads back the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from products.importing.numbers import is_empty

_RANGE_MARK = r"(?:-|–|\.{2,3}|…)"
# Both ends carry the letters: "R1-5" may as well be the name of one thing, so it is left alone.
_RANGE = re.compile(
    rf"(?P<prefix>[A-Za-z][A-Za-z_]*)(?P<first>[0-9]+)(?P<suffix>[A-Za-z_]*)\s*{_RANGE_MARK}\s*"
    rf"(?P=prefix)(?P<last>[0-9]+)(?P=suffix)"
)
_ONE = re.compile(r"(?P<prefix>[A-Za-z][A-Za-z_]*)(?P<number>[0-9]+)(?P<suffix>[A-Za-z_]*)")
_BLANKS = re.compile(r"[^\S\n]+")
_SPACED_RANGE = re.compile(rf"(?<=[0-9A-Za-z_]) ({_RANGE_MARK}) (?=[A-Za-z])")
_DESIGNATOR = re.compile(r"[A-Za-z]{1,8}[A-Za-z_]*[0-9]+[\w.\-…–]*")
_LONGEST_PIECE = 120  # characters; a longer piece is text, and is not searched for patterns
_LARGEST_RANGE = 500
_LONGEST_NUMBER = 8  # digits
_MOST_EXPANDED = 5_000  # in one cell; a cell with more ranges was made to cost memory


_SHORTEST_RUN = 3  # R1, R2 is shorter to read than R1-R2
# A word in quotes stands as it is, whatever is in it; a quote inside is doubled.
_QUOTED = re.compile(r'(?:^|(?<=[,;\n]))[ \t]*"((?:[^"]|"")+)"[ \t]*(?=[,;\n]|$)')


def split_designators(text: str) -> tuple[str, ...]:
    """The designators in one cell, in their order, each once. ``"-"`` and an empty cell mean none.

    They are separated by commas, semicolons or blanks. Blanks separate only where every piece looks like a designator,
    so that a remark in the column stays one piece. Ranges (``R1-R5``, ``C6..C9``) are written out when both ends carry
    the same letters and the numbers rise; anything else stays as it stands, and so does what is in double quotes.
    """
    found: dict[str, None] = {}
    for piece, is_quoted in _pieces(text):
        if is_quoted:
            found[piece] = None
        elif not is_empty(piece):
            found.update(dict.fromkeys(_expanded(piece) if len(found) < _MOST_EXPANDED else [piece]))
    return tuple(found)


def designators_written(words: Sequence[str], *, short: bool = True) -> str:
    """Return designators as one text that ``split_designators`` reads back in the same order.

    Runs such as R1, R2, R3 are written as R1-R3, with ``short`` False word by word.
    """
    written: list[str] = []
    at = 0
    while at < len(words):
        length = _run(words, at) if short else 1
        if length >= _SHORTEST_RUN:
            written.append(f"{words[at]}-{words[at + length - 1]}")
        else:
            written += [_escaped(word) for word in words[at : at + length]]
        at += length
    return ", ".join(written)


def _run(words: Sequence[str], at: int) -> int:
    """Return how many words from ``at`` on are one rising range that reads back as them."""
    start = _ONE.fullmatch(words[at])
    if start is None or len(start["number"]) > _LONGEST_NUMBER:
        return 1
    number, width = int(start["number"]), len(start["number"])
    length = 1
    while at + length < len(words) and length < _LARGEST_RANGE:
        following = f"{number + length:0{width}d}"
        if start["number"].startswith("0") and len(following) > width:
            break
        if words[at + length] != f"{start['prefix']}{following}{start['suffix']}":
            break
        length += 1
    return length


def _escaped(word: str) -> str:
    if " " in word or word.startswith('"') or split_designators(word) != (word,):
        return '"' + word.replace('"', '""') + '"'
    return word


def is_remark(text: str) -> bool:
    """True for words where designators belong: some piece has several words, and no piece is a designator."""
    if " " not in text:
        return False
    pieces = list(_pieces(text))
    return any(" " in piece for piece, _quoted in pieces) and not any(
        is_quoted or _is_designator(piece) for piece, is_quoted in pieces
    )


def look_like_designators(cells: Iterable[str]) -> bool:
    """True when most of the filled cells of a column hold designators and nothing else."""
    filled = [cell for cell in cells if not is_empty(cell)]
    fitting = sum(1 for cell in filled if all(quoted or _is_designator(piece) for piece, quoted in _pieces(cell)))
    return bool(filled) and fitting * 10 >= len(filled) * 6


def _is_designator(piece: str) -> bool:
    return len(piece) <= _LONGEST_PIECE and _DESIGNATOR.fullmatch(piece) is not None


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each piece, and whether it stood in quotes."""
    at = 0
    for quoted in _QUOTED.finditer(text):
        yield from ((piece, False) for piece in _plain_pieces(text[at : quoted.start()]))
        yield quoted[1].replace('""', '"'), True
        at = quoted.end()
    yield from ((piece, False) for piece in _plain_pieces(text[at:]))


def _plain_pieces(text: str) -> Iterator[str]:
    for part in re.split(r"[,;\n]", _SPACED_RANGE.sub(r"\1", _BLANKS.sub(" ", text))):
        words = part.split()
        if len(words) > 1 and not all(_is_designator(word) for word in words):
            yield " ".join(words)
        else:
            yield from words


def _expanded(piece: str) -> list[str]:
    match = _RANGE.fullmatch(piece) if len(piece) <= _LONGEST_PIECE else None
    if match is None:
        return [piece]
    first, last = match["first"], match["last"]
    padded = len(first) == len(last)
    if (not padded and first.startswith("0")) or len(last) > 9:
        return [piece]
    low, high = int(first), int(last)
    if not low < high < low + _LARGEST_RANGE:
        return [piece]
    width = len(first) if padded else 0
    return [f"{match['prefix']}{number:0{width}d}{match['suffix']}" for number in range(low, high + 1)]
