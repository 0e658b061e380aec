"""What a change would do to every product on top of those it changes, computed on its redlines before anybody decides.

The structures in force on the day it would take effect are read once; the planned lines are put in their place in
memory (``products/selectors/what_if.py``), and both are asked the same questions. So what is foreseen is what the
roll-up says after the release, to the last digit (``tests/changes/test_foreseeing.py``). Writes nothing.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from changes.choices import OPEN_STATUSES
from changes.measures import Measure, Touch, Touched, Verdict, measures, touches
from changes.models import AffectedProduct, EngineeringChange
from changes.selectors.dispositions import DispositionCost, cost_of
from changes.services.checking import change_plans
from changes.services.line_causes import LineCause, LineEdits
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.decimals import exact
from products.choices import ResolutionMode
from products.models import Document, DocumentLink, Product
from products.permissions import DOCUMENTS_READ
from products.selectors.graph import Structure, structure_of_products
from products.selectors.quantity_rollup import QuantityCost, quantity_cost
from products.selectors.requirements import Planning, planning_of
from products.selectors.resolution import Resolution
from products.selectors.rollup import parts_without_price, rollups, tenant_currency
from products.selectors.single_source import end_products, single_sourced
from products.selectors.sourcing import market_load
from products.selectors.what_if import OtherLine, structure_below, structure_with
from products.services.revision_plan import PlannedRevision, Problem, plan_resolve

PORTION = 20  # products on top that are worked out at once
ONE = Decimal(1)


@dataclass(frozen=True)
class Figure:
    """One figure before and after; None where it is not known."""

    before: Decimal | None
    after: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        """By how much it grows; None where one of both is not known."""
        if self.before is None or self.after is None:
            return None
        with exact():
            return self.after - self.before

    @property
    def percent(self) -> Decimal | None:
        """By how many per cent of what it was, to one decimal; None from nothing or from the unknown."""
        if not self.before or self.difference is None:
            return None
        return (self.difference * 100 / self.before).quantize(Decimal("0.1"))


@dataclass(frozen=True)
class MeasureChange:
    """What a measure says of one product on top, before and after."""

    measure: Measure
    before: Verdict
    after: Verdict

    @property
    def is_worse(self) -> bool:
        """Whether the change makes it worse."""
        return self.after.rank > self.before.rank

    @property
    def is_better(self) -> bool:
        """Whether the change makes it better."""
        return self.after.rank < self.before.rank


@dataclass(frozen=True)
class TopConsequence:
    """One product on top. Costs and masses are of one unit, as the roll-up has them; the lead time, in days, is that of
    an order of one unit. ``lead_time_unknown`` are the parts without one then. ``single_sourced`` counts the bought
    parts in it with one manufacturer or none.
    """

    product_id: uuid.UUID
    product_number: str
    product_name: str
    cost: Figure
    mass: Figure
    lead_time: Figure
    single_sourced: Figure
    lead_time_parts: tuple[str, ...]
    lead_time_unknown: tuple[str, ...]
    newly_single: tuple[str, ...]
    no_longer_single: tuple[str, ...]
    missing_cost: tuple[str, ...]
    causes: tuple[LineCause, ...]
    verdicts: tuple[MeasureChange, ...]


@dataclass(frozen=True)
class OtherChange:
    """Another change that is still open on a product of this one."""

    change: EngineeringChange
    product_number: str


@dataclass(frozen=True)
class TouchedBy:
    """What a touch found."""

    touch: Touch
    found: tuple[Touched, ...]


@dataclass(frozen=True)
class Consequences:
    """What the change would do on ``day``, the first on which all of it holds. ``problems`` keep it from being worked out;
    then there are no tops. ``total`` products stand on top, ``tops`` are those from ``offset`` on. ``existing_parts`` is
    what is planned to be spent, once, on parts that exist already.
    """

    day: dt.date
    currency: str
    problems: tuple[Problem, ...]
    total: int
    offset: int
    tops: tuple[TopConsequence, ...]
    others: tuple[OtherChange, ...]
    documents: tuple[Document, ...]
    touched: tuple[TouchedBy, ...]
    existing_parts: DispositionCost


def change_consequences(
    change: EngineeringChange, actor: Actor, *, offset: int = 0, limit: int = PORTION
) -> Consequences | None:
    """Return what the change would do to the products on top, by number; None for one that is released or given up.

    Queries: those of planning, seven for the structures, their parts and sources, and a fixed number for each measure
    and touch. Raises StructureCycle when the stored lines make a cycle.
    """
    if change.status not in OPEN_STATUSES:
        return None
    planned, problems = plan_resolve(change_plans(change))
    beginnings = (entry.plan.effective_from for entry in planned)
    day = max([clock.today(), *(begins for begins in beginnings if begins is not None)])
    affected = [entry.product_id for entry in change.affected.all()]
    tops = [] if problems else _tops(planned, Resolution.of(ResolutionMode.EFFECTIVE, day))
    return Consequences(
        day=day,
        currency=tenant_currency(),
        problems=tuple(problems),
        total=len(tops),
        offset=offset,
        tops=tuple(_foreseen(tops[offset : offset + limit], planned, day)),
        others=_others(change, affected),
        documents=_documents(change, affected) if actor.may(DOCUMENTS_READ) else (),
        touched=tuple(
            TouchedBy(touch, tuple(touch.find(affected))) for touch in touches() if actor.may(touch.permission)
        ),
        existing_parts=cost_of(change.dispositions.all()),
    )


def _tops(planned: Sequence[PlannedRevision], resolution: Resolution) -> list[Product]:
    """Return what stands on top of the changed products today; a product that stands in nothing is its own top."""
    own = {entry.product.pk: entry.product.product_number for entry in planned}
    above = end_products(list(own), resolution)
    numbers = {number for key, alone in own.items() for number in above.get(key) or [alone]}
    return list(Product.objects.filter(product_number__in=numbers).order_by("product_number"))


def _foreseen(tops: Sequence[Product], planned: Sequence[PlannedRevision], day: dt.date) -> Iterator[TopConsequence]:
    if not tops:
        return
    resolution = Resolution.of(ResolutionMode.EFFECTIVE, day)
    lines = {entry.product.pk: _lines_of(entry) for entry in planned}
    children = {entry.line.child_id for found in lines.values() for entry in found}
    now = structure_of_products(sorted({top.pk for top in tops} | set(lines) | children), resolution)
    then = structure_with(now, lines)
    places = {key: at for at, key in enumerate(now.products.key)}
    pairs = [(structure_below(now, places[top.pk.bytes]), structure_below(then, places[top.pk.bytes])) for top in tops]
    leaves = {key for pair in pairs for structure in pair for key in _leaves(structure)}
    single = single_sourced(leaves, day)
    market, planning = market_load(sorted(leaves), day), planning_of({*now.lines.key, *then.lines.key})
    planning_then = _planning_with(planning, planned)
    sums, new_sums = rollups(now), rollups(then)
    edits = LineEdits(planned, then, new_sums)
    judged = [(measure, measure.judge([structure for pair in pairs for structure in pair])) for measure in measures()]
    for at, (top, (before, after)) in enumerate(zip(tops, pairs, strict=True)):
        place = places[top.pk.bytes]
        had, has = _numbers_of(before, single), _numbers_of(after, single)
        ordered_now = quantity_cost(before, ONE, market, planning)
        ordered_then = quantity_cost(after, ONE, market, planning_then)
        yield TopConsequence(
            product_id=top.pk,
            product_number=top.product_number,
            product_name=top.product_name,
            cost=Figure(sums[0][place], new_sums[0][place]),
            mass=Figure(sums[1][place], new_sums[1][place]),
            lead_time=Figure(_days(ordered_now), _days(ordered_then)),
            single_sourced=Figure(Decimal(len(had)), Decimal(len(has))),
            lead_time_parts=ordered_then.lead_time_parts,
            lead_time_unknown=ordered_then.lead_time_unknown,
            newly_single=tuple(sorted(has - had)),
            no_longer_single=tuple(sorted(had - has)),
            missing_cost=tuple(parts_without_price(after)),
            causes=tuple(edits.causes_in(before)),
            verdicts=tuple(MeasureChange(measure, said[2 * at], said[2 * at + 1]) for measure, said in judged),
        )


def _planning_with(planning: Planning, planned: Sequence[PlannedRevision]) -> Planning:
    """Return what lines will say of planning: that of the stored ones, and for edited lines what the edits say."""
    found = dict(planning)
    for entry in (entry for revision in planned for entry in revision.lines if entry.is_touched):
        key = (entry.base or entry.line).pk.bytes
        said = (entry.line.attrition_percent, entry.line.setup_quantity, entry.line.rounding_multiple)
        if any(said):
            found[key] = said
        else:
            found.pop(key, None)
    return found


def _lines_of(revision: PlannedRevision) -> list[OtherLine]:
    return [
        OtherLine(entry.line, entry.base.pk if entry.base is not None else entry.line.pk) for entry in revision.lines
    ]


def _leaves(structure: Structure) -> Iterable[uuid.UUID]:
    return (uuid.UUID(bytes=key) for at, key in enumerate(structure.products.key) if structure.is_leaf(at))


def _numbers_of(structure: Structure, wanted: set[uuid.UUID]) -> set[str]:
    keys = structure.products.key
    return {
        structure.number(at)
        for at in range(len(structure))
        if structure.is_leaf(at) and uuid.UUID(bytes=keys[at]) in wanted
    }


def _days(cost: QuantityCost) -> Decimal | None:
    return None if cost.lead_time_days is None else Decimal(cost.lead_time_days)


def _others(change: EngineeringChange, affected: Sequence[uuid.UUID]) -> tuple[OtherChange, ...]:
    rows = AffectedProduct.objects.filter(
        product_id__in=affected, change__status__in=OPEN_STATUSES, change__is_deleted=False
    ).exclude(change=change)
    rows = rows.select_related("change", "product").order_by("change__change_number", "product__product_number")
    return tuple(OtherChange(row.change, row.product.product_number) for row in rows)


def _documents(change: EngineeringChange, affected: Sequence[uuid.UUID]) -> tuple[Document, ...]:
    """Return the documents of the affected products, or of the revisions that the change starts from."""
    bases = [entry.base_revision_id for entry in change.affected.all()]
    links = DocumentLink.objects.filter(product_id__in=affected).filter(
        Q(product_revision=None) | Q(product_revision_id__in=bases)
    )
    return tuple(Document.objects.filter(pk__in=links.values("document_id")).order_by("document_number"))
