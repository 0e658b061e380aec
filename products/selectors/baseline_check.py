"""Whether a baseline still says what it said when it was taken: its checksum taken again from the rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from products.baseline_text import ITEM, LINE, checksum_of, digest_of, head_text, item_text, line_text
from products.models import Baseline, BaselineItem, BaselineLine

MOST_NAMED = 100  # differing rows named; more say nothing new


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that is not as it was: ``row`` says which (head, item or line and its number), ``text`` what is wrong."""

    row: str
    text: str


@dataclass(frozen=True)
class BaselineCheck:
    """The checksum on record, the one of the rows as they are, and the rows at fault (at most ``MOST_NAMED``)."""

    baseline: Baseline
    found: str
    faults: tuple[RowFault, ...]

    @property
    def is_intact(self) -> bool:
        """Whether nothing has changed."""
        return self.found == self.baseline.checksum and not self.faults


def baseline_verify(baseline: Baseline) -> BaselineCheck:
    """Take the checksum again from the rows, and name those that differ. Two queries, O(rows).

    A row is named when it does not fit its own digest, or is missing. Where every row fits its digest and the checksum
    differs all the same, rows were exchanged together with their digests, or the head was changed.
    """
    faults: list[RowFault] = []
    texts = [head_text(baseline)]
    texts += _checked(
        BaselineItem.objects.filter(baseline=baseline).order_by("place"),
        (ITEM, item_text, "item"),
        baseline.product_count + 1,
        faults,
    )
    texts += _checked(
        BaselineLine.objects.filter(baseline=baseline).order_by("position", "id"),
        (LINE, line_text, "line"),
        baseline.line_count,
        faults,
    )
    found = checksum_of(texts)
    if found != baseline.checksum and not faults:
        faults.append(
            RowFault("head", _("Every row fits its own digest, but not the checksum: the head was changed."))
        )
    return BaselineCheck(baseline, found, tuple(faults[:MOST_NAMED]))


def _checked(rows: Any, kind: tuple[Any, Any, str], count: int, faults: list[RowFault]) -> Iterator[str]:
    names, write, word = kind
    expected = 0
    for *values, digest in rows.values_list(*names, "digest").iterator(chunk_size=5000):
        number = values[0]
        faults += (RowFault(f"{word} {gone}", _("missing")) for gone in range(expected, min(number, count)))
        if number < expected or number >= count:
            faults.append(RowFault(f"{word} {number}", _("added")))
        expected = max(number + 1, expected)
        text = write(values)
        if digest_of(text) != digest:
            faults.append(RowFault(f"{word} {number}", _("changed: %(text)s") % {"text": text}))
        yield text
    faults += (RowFault(f"{word} {gone}", _("missing")) for gone in range(expected, count))
