"""The structure that a baseline froze, in the same columns as a resolved one: every structure question works on it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from products.choices import Rule
from products.models import Baseline, BaselineItem, BaselineLine
from products.selectors.baselines import question_of
from products.selectors.graph import Structure
from products.selectors.graph_columns import (
    COST_PLACES,
    NO_REVISION,
    QUANTITY_PLACES,
    LineColumns,
    ProductColumns,
)
from products.selectors.levels import PORTION, Level, LevelLine
from products.selectors.reasons import Reason, limits_of
from products.selectors.resolution import as_parameter, tenant_parameter
from products.selectors.stored import as_decimal, as_designators, as_uuid
from products.selectors.substitutes import Substitute, substitutes_unpacked

ITEM = BaselineItem._meta.db_table
LINE = BaselineLine._meta.db_table


@dataclass(slots=True)
class FrozenStructure(Structure):
    """A structure out of a baseline: its revisions were taken by the baseline, its lines by the rules of then."""

    baseline: Baseline = field(kw_only=True)
    line_rules: list[str] = field(default_factory=list)
    line_words: list[str] = field(default_factory=list)

    def _read_substitutes(self) -> dict[uuid.UUID, tuple[Substitute, ...]]:
        rows = BaselineLine.objects.filter(baseline=self.baseline).exclude(substitutes="").order_by()
        return {key: substitutes_unpacked(text) for key, text in rows.values_list("origin", "substitutes")}

    def reason(self, at: int) -> Reason:
        """Say that the baseline froze the product's revision; nothing was there to freeze where none could be taken."""
        if self.products.label[at] is None:
            return Reason(Rule.REVISION_NONE, _("no revision in baseline %(name)s") % {"name": self.baseline.name})
        return frozen_reason(self.baseline)

    def line_reason(self, line: int) -> Reason:
        """Say why the line was in the structure when it was frozen."""
        return Reason(Rule(self.line_rules[line]), self.line_words[line])

    @property
    def line_reasons(self) -> list[Reason]:
        """Why each line was in the structure when it was frozen, in the words of then."""
        return list(map(self.line_reason, range(len(self.child))))


def frozen_reason(baseline: Baseline) -> Reason:
    """Say which baseline a revision comes from."""
    return Reason(Rule.REVISION_BASELINE, _("frozen in baseline %(name)s") % {"name": baseline.name})


def structure_of_baseline(baseline: Baseline) -> FrozenStructure:
    """Return what a baseline froze, costs and masses as they were. Two queries, O(products + lines)."""
    products, lines = _products(baseline), _lines(baseline)
    rules, words, child = lines.pop(), lines.pop(), lines.pop()
    columns = LineColumns(*lines)
    columns.child = [products.key[at] for at in child]
    first = [0] * (len(products.key) + 1)
    for parent in columns.parent:
        first[parent + 1] += 1
    for at in range(len(products.key)):
        first[at + 1] += first[at]
    return FrozenStructure(
        question_of(baseline),
        products,
        columns,
        first,
        child,
        baseline=baseline,
        line_rules=rules,
        line_words=words,
    )


def _products(baseline: Baseline) -> ProductColumns:
    rows = _rows(
        ITEM,
        f"product_id, revision_id, {_whole('current_cost', COST_PLACES)}, {_whole('mass_kg', QUANTITY_PLACES)}, "
        "product_number, product_name, product_type, unit_of_measure, revision_label, state",
        "place",
        baseline,
    )
    columns = _columns(rows, 10)
    columns[0] = [as_uuid(key).bytes for key in columns[0]]
    columns[1] = [as_uuid(key).bytes if key else NO_REVISION for key in columns[1]]
    columns[2] = [_scaled(value, COST_PLACES) for value in columns[2]]
    columns[3] = [_scaled(value, QUANTITY_PLACES) for value in columns[3]]
    for at in (8, 9):
        columns[at] = [value or None for value in columns[at]]
    # A baseline's revisions were taken by it: what they were effective for is of no account any more.
    columns += [[None] * len(rows) for _effectivity in range(3)]
    return ProductColumns(*columns)


def _lines(baseline: Baseline) -> list[list[Any]]:
    """Return the columns of the lines, and beyond them: their children's places, words and rules."""
    rows = _rows(
        LINE,
        f"parent_place, child_place, {_whole('quantity', QUANTITY_PLACES)}, find_number, origin, unit_of_measure, "
        "designators, limits, reason, rule",
        "parent_place, position",
        baseline,
    )
    parent, child, quantity, find, origin, unit, designators, limits, words, rules = _columns(rows, 10)
    keys = [as_uuid(key).bytes for key in origin]
    amounts = [_scaled(value, QUANTITY_PLACES) for value in quantity]
    kinds = [limits_of(packed).line_type[0] for packed in limits]
    return [parent, [], amounts, kinds, find, keys, unit, designators, limits, child, words, rules]


def _rows(table: str, columns: str, order: str, baseline: Baseline) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM {table} WHERE baseline_id = %s AND tenant_id = %s ORDER BY {order}",
            [as_parameter(baseline.pk), tenant_parameter()],
        )
        return list(cursor.fetchall())


def _columns(rows: list[tuple[Any, ...]], count: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _column in range(count)]


def _whole(column: str, places: int) -> str:
    """Let PostgreSQL send whole numbers, which are read faster than decimals."""
    return f"({column} * {10**places})::bigint" if connection.vendor == "postgresql" else column


def _scaled(value: Any, places: int) -> int:
    if connection.vendor == "postgresql":
        return int(value)
    return int(as_decimal(value).scaleb(places).to_integral_exact())


# --- one level at a time -------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class FrozenLevelLine(LevelLine):
    """A line of a level out of a baseline: ``place`` is where its own lines are asked for."""

    place: int


def baseline_level(baseline: Baseline, place: int, *, offset: int = 0, limit: int = PORTION) -> Level:
    """Return up to ``limit`` lines of the item at ``place``. Two queries, whatever lies below."""
    rows = BaselineLine.objects.filter(baseline=baseline, parent_place=place)
    total = rows.count()
    chosen = list(rows.order_by("position")[offset : offset + limit]) if offset < total else []
    places = {line.child_place for line in chosen}
    items = {item.place: item for item in BaselineItem.objects.filter(baseline=baseline, place__in=places)}
    parents = set(
        BaselineLine.objects.filter(baseline=baseline, parent_place__in=places)
        .order_by()
        .values_list("parent_place", flat=True)
        .distinct()
    )
    lines = (_level_line(baseline, line, items[line.child_place], line.child_place in parents) for line in chosen)
    return Level(tuple(lines), total, 0, offset)


def _level_line(baseline: Baseline, line: BaselineLine, item: BaselineItem, has_lines: bool) -> FrozenLevelLine:
    limits = limits_of(line.limits)
    return FrozenLevelLine(
        line_id=line.origin,
        version=0,
        child_id=item.product_id,
        product_number=item.product_number,
        product_name=item.product_name,
        product_type=item.product_type,
        lifecycle_phase="",
        quantity=line.quantity,
        unit_of_measure=line.unit_of_measure,
        find_number=line.find_number,
        reference_designators=as_designators(line.designators),
        effective_from=limits.effective_from,
        effective_to=limits.effective_to,
        notes=line.notes,
        revision_id=item.revision_id,
        revision=item.revision_label,
        state=item.state,
        reason=frozen_reason(baseline) if item.revision_id else Reason(Rule.REVISION_NONE, item.reason),
        line_reason=Reason(Rule(line.rule), line.reason),
        limits=limits,
        substitutes=len(substitutes_unpacked(line.substitutes)),
        has_lines=has_lines,
        place=line.child_place,
    )


def baseline_facts(baseline: Baseline) -> tuple[dict[bytes, dict[str, Any]], dict[bytes, str]]:
    """Return what an export shows beyond the structure: notes, attributes and what is taken for building by line,
    descriptions by product."""
    plain = {"attrition_percent": 0, "setup_quantity": 0, "rounding_multiple": 0}
    lines = BaselineLine.objects.filter(baseline=baseline).exclude(notes="", attributes="", **plain).order_by()
    items = BaselineItem.objects.filter(baseline=baseline).exclude(description="").order_by()
    words = lines.values("origin", "notes", "attributes", *plain)
    texts: Any = items.values_list("product_id", "description")
    return {row["origin"].bytes: dict(row) for row in words}, {key.bytes: text for key, text in texts}


def place_of(structure: Structure, product_id: uuid.UUID) -> int | None:
    """Return where a product stands in a structure; None where it does not."""
    try:
        return structure.products.key.index(product_id.bytes)
    except ValueError:
        return None
