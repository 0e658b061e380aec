"""Choices, counts and findings in words for the pages."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from products.configuring.problem import Problem

READ_IN_FULL = 10**12
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def count_words(count: int | None) -> str:
    """Return a number of configurations as people read it: in full, or as a power of ten."""
    if count is None:
        return _("too many rules to count")
    if count < READ_IN_FULL:
        return str(number_format(count, force_grouping=True))
    digits = str(count)
    power = str(len(digits) - 1).translate(_SUPERSCRIPT)
    return _("about %(number)s") % {"number": f"{digits[0]}.{digits[1]} × 10{power}"}


def choices_named(problem: Problem, words: Iterable[str]) -> list[str]:
    """Return choices as people know them, “Colour: Red”, in the order of the options; what is none, such as a rule, stays
    as it is written and stands first.
    """
    place = {word: at for at, word in enumerate(problem.names)}
    named = []
    for word in sorted(words, key=lambda word: place.get(word, -1)):
        family = word.partition(":")[0]
        if word in problem.names:
            named.append(f"{problem.family_names[family]}: {problem.names[word]}")
        else:
            named.append(word)
    return named


def findings_words(count: int) -> str:
    """Return how many findings there are."""
    return ngettext("one finding", "%(count)s findings", count) % {"count": count} if count else _("no findings")
