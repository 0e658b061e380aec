"""Two revisions of one product side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from plm_project.core.decimals import plain
from plm_project.core.exceptions import NotFound
from products.exceptions import StructureCycle
from products.forms import CompareForm
from products.models import ProductRevision
from products.selectors.compare import ComparedField, ComparedLine, Comparison, compare_revisions
from products.selectors.products import revision_list
from products.views.base import ProductPage

FIELDS: dict[str, Any] = {
    "find_number": gettext_lazy("Find number"),
    "product_number": gettext_lazy("Part"),
    "quantity": gettext_lazy("Quantity"),
    "unit_of_measure": gettext_lazy("Unit"),
    "reference_designators": gettext_lazy("Designators"),
}


@dataclass(frozen=True)
class ComparedValue:
    """One value that differs, in words."""

    label: Any
    before: str
    after: str


@dataclass(frozen=True)
class ComparedRow:
    """One line that differs. Added and removed lines have ``facts``, changed ones ``values``."""

    kind: str
    parent: str
    find_number: int
    number: str
    facts: str = ""
    values: tuple[ComparedValue, ...] = ()


class RevisionCompareView(ProductPage, TemplateView):
    """What the second revision has beyond the first, lacks, and has otherwise."""

    template_name = "products/compare.html"
    tab = "revisions"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the comparison of the two revisions that the address names; by default the last two."""
        revisions = list(revision_list(self.product))
        form = CompareForm(self.request.GET, revisions=revisions)
        one, other = self._asked(revisions, form.labels())
        comparison, cycle = None, None
        if one is not None and other is not None:
            try:
                comparison = compare_revisions(one, other, levels=form.levels())
            except StructureCycle as found:
                cycle = found
        form = CompareForm(
            {
                "from": one.label if one else "",
                "to": other.label if other else "",
                "levels": form.levels(),
            },
            revisions=revisions,
        )
        return super().get_context_data(
            form=form,
            one=one,
            other=other,
            comparison=comparison,
            rows=rows_of(comparison) if comparison else [],
            deep=form.data["levels"] == "all",
            cycle=cycle,
            **kwargs,
        )

    def _asked(
        self, revisions: list[ProductRevision], labels: tuple[str, str]
    ) -> tuple[ProductRevision | None, ProductRevision | None]:
        by_label = {revision.label: revision for revision in revisions}
        if unknown := [label for label in labels if label and label not in by_label]:
            raise NotFound(_("There is no revision %(label)s.") % {"label": unknown[0]})
        newest = revisions[0] if revisions else None
        other = by_label.get(labels[1]) or newest
        before = [revision for revision in revisions if other is not None and revision.sequence < other.sequence]
        return by_label.get(labels[0]) or (before[0] if before else other), other


def rows_of(comparison: Comparison) -> list[ComparedRow]:
    """Return the differing lines in one list: by the number of their parent, then by find number."""
    rows = [
        *(_whole("removed", line) for line in comparison.removed),
        *(_whole("added", line) for line in comparison.added),
        *_changed(comparison.changed),
    ]
    return sorted(rows, key=lambda row: (row.parent, row.find_number, row.kind == "added"))


def _whole(kind: str, line: ComparedLine) -> ComparedRow:
    facts = f"{plain(line.quantity)} {line.unit_of_measure}"
    if line.reference_designators:
        facts = f"{facts} · {', '.join(line.reference_designators)}"
    return ComparedRow(kind, line.parent_number, line.find_number, line.product_number, facts)


def _changed(fields: Iterable[ComparedField]) -> Iterable[ComparedRow]:
    for (parent, find, number), found in groupby(
        fields, key=lambda row: (row.parent_number, row.find_number, row.product_number)
    ):
        values = tuple(ComparedValue(FIELDS[row.field], _words(row.before), _words(row.after)) for row in found)
        yield ComparedRow("changed", parent, find, number, values=values)


def _words(value: Any) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(value)
    return str(value) if isinstance(value, str | int) else plain(value)
