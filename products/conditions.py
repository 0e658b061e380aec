"""When a line is built in: a condition on chosen options, such as ``colour:red and not (motor:e or gps:yes)``.

``family:choice`` names one choice of one option family; words are compared in small letters. ``not`` binds before
``and``, ``and`` before ``or``. An empty condition always holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from lark import Lark, Token, Tree, UnexpectedInput

LONGEST_CONDITION = 500
DEEPEST_CONDITION = 40
LONGEST_CODE = 30
CODE = r"[a-z0-9][a-z0-9_.-]{0,29}"

_GRAMMAR = Lark(
    rf"""
    ?either: both ("or" both)*       -> either
    ?both: term ("and" term)*        -> both
    ?term: CHOICE | "not" term -> negated | "(" either ")"
    CHOICE: /{CODE}:{CODE}/
    %ignore /\s+/
    """,
    start="either",
    parser="lalr",
)
Condition = Tree[Token] | Token


@lru_cache(maxsize=4096)
def condition_parse(text: str) -> Condition | None:
    """Return the syntax tree of a condition (``either``, ``both``, ``negated`` over choices), None for the empty one.

    Raises ValidationError naming the place that cannot be read.
    """
    lowered = text.strip().lower()
    if not lowered:
        return None
    if len(lowered) > LONGEST_CONDITION:
        raise ValidationError(_("A condition has at most %(most)s characters.") % {"most": LONGEST_CONDITION})
    try:
        parsed = _GRAMMAR.parse(lowered)
    except UnexpectedInput as error:
        at = error.pos_in_stream if error.pos_in_stream is not None and error.pos_in_stream >= 0 else len(lowered)
        raise ValidationError(
            _(
                "The condition cannot be read at “%(word)s” (character %(at)s); write for example: colour:red and not gps:yes"
            )
            % {"word": lowered[at : at + 20] or "…", "at": at + 1}
        ) from error
    if _depth(parsed) > DEEPEST_CONDITION:
        raise ValidationError(_("The condition is nested too deeply."))
    return parsed


def condition_text(text: str) -> str:
    """Return a condition as it is stored: small letters, single blanks. Raises ValidationError where it cannot be read."""
    condition_parse(text)
    return " ".join(text.lower().split())


def condition_choices(text: str) -> frozenset[str]:
    """Return the choices (``family:choice``) that a condition names."""
    parsed = condition_parse(text)
    if parsed is None:
        return frozenset()
    if isinstance(parsed, Token):
        return frozenset({str(parsed)})
    return frozenset(map(str, parsed.scan_values(lambda value: isinstance(value, Token))))


def condition_holds(text: str, choices: Iterable[str]) -> bool:
    """Return whether the condition holds when exactly ``choices`` are chosen."""
    parsed = condition_parse(text)
    return parsed is None or _holds(parsed, frozenset(choices))


def _holds(node: Condition, chosen: frozenset[str]) -> bool:
    if isinstance(node, Token):
        return str(node) in chosen
    if node.data == "negated":
        return not _holds(node.children[0], chosen)
    some = any if node.data == "either" else all
    return some(_holds(part, chosen) for part in node.children)


def _depth(parsed: Condition) -> int:
    """Return the nesting of the tree, without recursion: a stranger wrote it."""
    deepest, waiting = 0, [(parsed, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(node, Tree):
            waiting += [(part, depth + 1) for part in node.children]
    return deepest
