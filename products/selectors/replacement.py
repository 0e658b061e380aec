"""Which revisions use a product on their lines, and how it can be replaced in each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, overload

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from plm_project.tenancy.references import CHUNK
from products.choices import LIVE_STATES, RevisionState
from products.models import BomLine, Product, ProductRevision

OPEN_STATES = (RevisionState.IN_WORK, RevisionState.IN_REVIEW)


class Way(StrEnum):
    """How a product is replaced in a revision."""

    EDIT = "edit"  # in work: its lines are edited in place
    CHANGE = "change"  # released: by an engineering change
    RESTS = "rests"  # in review, or released with its next revision under way


@dataclass(frozen=True)
class AffectedUse:
    """One revision with its lines that hold the product, by find number. ``why`` says what it rests for."""

    revision: ProductRevision
    way: Way
    why: str
    lines: tuple[BomLine, ...]


class AffectedUses(Sequence[AffectedUse]):
    """All live revisions that use a product, by product number: reads what it is asked for, two queries a slice."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self._rows = revisions_using(product)
        self._counts: dict[Way, int] | None = None

    @property
    def counts(self) -> dict[Way, int]:
        """How many revisions go each way. One query."""
        if self._counts is None:
            resting = Q(state=RevisionState.IN_REVIEW) | Q(state=RevisionState.RELEASED, open_label__isnull=False)
            found = self._rows.order_by().aggregate(
                edit=Count("pk", filter=Q(state=RevisionState.IN_WORK)),
                change=Count("pk", filter=Q(state=RevisionState.RELEASED, open_label__isnull=True)),
                rests=Count("pk", filter=resting),
            )
            self._counts = {way: found[way.value] for way in Way}
        return self._counts

    def __len__(self) -> int:
        return sum(self.counts.values())

    @overload
    def __getitem__(self, index: int) -> AffectedUse: ...
    @overload
    def __getitem__(self, index: slice) -> list[AffectedUse]: ...
    def __getitem__(self, index: int | slice) -> AffectedUse | list[AffectedUse]:
        if isinstance(index, slice):
            return uses_of(self.product, list(self._rows[index]))
        return uses_of(self.product, [self._rows[index]])[0]


def revisions_using(product: Product) -> QuerySet[Any]:
    """Return the live revisions with a line that holds the product, with ``open_label``: what of theirs is under way."""
    under_way = ProductRevision.objects.filter(product_id=OuterRef("product_id"), state__in=OPEN_STATES)
    return (
        ProductRevision.objects.filter(
            Exists(BomLine.objects.filter(parent_revision_id=OuterRef("pk"), child=product)),
            state__in=LIVE_STATES,
            product__is_deleted=False,
        )
        .select_related("product")
        .annotate(open_label=Subquery(under_way.values("label")[:1]))
        .order_by("product__product_number", "-sequence")
    )


def uses_of(product: Product, revisions: Sequence[Any]) -> list[AffectedUse]:
    """Return the uses in revisions of ``revisions_using``."""
    lines: dict[Any, list[BomLine]] = {}
    for line in _lines_of(product, [revision.pk for revision in revisions]):
        lines.setdefault(line.parent_revision_id, []).append(line)
    found = []
    for revision in revisions:
        for line in lines.get(revision.pk, ()):
            line.parent_revision = revision
        way, why = _way(revision)
        found.append(AffectedUse(revision, way, why, tuple(lines.get(revision.pk, ()))))
    return found


def _lines_of(product: Product, keys: Sequence[Any]) -> Iterable[BomLine]:
    for start in range(0, len(keys), CHUNK):
        rows = BomLine.objects.filter(child=product, parent_revision_id__in=keys[start : start + CHUNK])
        yield from rows.select_related("child").order_by("find_number", "id")


def _way(revision: Any) -> tuple[Way, str]:
    if revision.state == RevisionState.IN_WORK:
        return Way.EDIT, ""
    if revision.state == RevisionState.IN_REVIEW:
        return Way.RESTS, _("in review")
    if revision.open_label:
        return Way.RESTS, _("revision %(label)s is under way") % {"label": revision.open_label}
    return Way.CHANGE, ""
