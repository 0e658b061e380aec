"""What a set of revisions would become with some edits applied, and everything that speaks against it. Writes nothing.

An engineering change is judged by this when it is submitted and once more, under the locks, when it is implemented
(``redlining.py``). Rules of units, find numbers and cycles are judged on the result of all edits together, so that
their order does not matter.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from plm_project.core.exceptions import Conflict, PlmError, ValidationFailed
from plm_project.tenancy.bulk import RowMaker, records_read, row_maker
from plm_project.tenancy.references import CHUNK
from products.choices import LIVE_STATES, RevisionState
from products.models import BomLine, LineSubstitute, Product, ProductRevision
from products.selectors.cycles import first_cycle
from products.selectors.substitutes import Substitute, substitutes_of_lines
from products.services.bom_lines import COUNTING, FIND_NUMBER_STEP, check_end_items, check_line
from products.services.inputs import LINE_FIELDS
from products.services.revisions import too_early_words
from products.services.substitutes import substitutes_planned

# What a line says, and of the products they name what the checks and the event ask for.
_LINE = ("id", "tenant_id", "parent_revision_id", *LINE_FIELDS)
_CHILD = ("tenant_id", "product_number", "unit_of_measure")


@dataclass(frozen=True)
class LineEdit:
    """One edit: of the base revision's line, or without ``line_id`` an addition. ``key`` names it in refusals.
    ``substitutes`` are all that the line is to have, None leaves them alone.

    ``new_line_id`` is the key that an added line gets, so that who asked for it finds it; each is used once.
    """

    key: str
    line_id: uuid.UUID | None
    remove: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)
    new_line_id: uuid.UUID | None = None
    substitutes: tuple[Substitute, ...] | None = None


@dataclass(frozen=True)
class RevisionPlan:
    """The edits of one product, drawn on ``base_id``. ``key`` names the product in refusals.

    The revision becomes effective on ``effective_from`` (None: as who carries it out says), for the units in ``serials``
    (None: as the revision says that is edited in place, else all).
    """

    key: str
    product_id: uuid.UUID
    base_id: uuid.UUID
    edits: Sequence[LineEdit] = ()
    effective_from: dt.date | None = None
    serials: list[dict[str, Any]] | None = None


@dataclass(frozen=True)
class Problem:
    """One thing that speaks against the plan. ``is_conflict``: somebody else's work forbids it."""

    name: str
    message: str
    is_conflict: bool = False


@dataclass
class PlannedLine:
    """A line as it will be. ``base`` is the line it comes from; ``source`` says which edit set which field.
    ``substitutes`` are those an edit gives it, else those of its base that go along; ``former_substitutes`` the base's."""

    line: BomLine
    base: BomLine | None
    source: dict[str, str] = field(default_factory=dict)
    substitutes: tuple[Substitute, ...] = ()
    former_substitutes: tuple[Substitute, ...] = ()

    @property
    def sets_substitutes(self) -> bool:
        """Whether an edit says which substitutes it has."""
        return "substitutes" in self.source

    @property
    def is_touched(self) -> bool:
        """Whether an edit made or changed it."""
        return bool(self.source)

    def name_of(self, field_name: str) -> str:
        """Return the full name of a faulty field: the edit that set it, else the last that touched the line."""
        key = self.source.get(field_name) or list(self.source.values())[-1]
        return f"{key}.{field_name}"


@dataclass
class PlannedRevision:
    """One product's outcome."""

    plan: RevisionPlan
    product: Product
    base: ProductRevision
    lines: list[PlannedLine] = field(default_factory=list)
    removed: list[tuple[str, BomLine]] = field(default_factory=list)

    @property
    def is_in_place(self) -> bool:
        """Whether the base itself is released (it never was), instead of a successor."""
        return self.base.state in (RevisionState.IN_WORK, RevisionState.IN_REVIEW)


def plan_resolve(plans: Sequence[RevisionPlan]) -> tuple[list[PlannedRevision], list[Problem]]:
    """Return what the plans come to, and all problems. Products that cannot be planned at all are left out."""
    problems: list[Problem] = []
    planned = [found for plan in plans if (found := _resolve(plan, problems)) is not None]
    _read_substitutes(planned)
    chosen = [entry for revision in planned for entry in revision.lines if entry.sets_substitutes]
    if chosen:
        _check_substitutes(chosen, problems)
    for revision in planned:
        _check_lines(revision, problems)
        _check_find_numbers(revision, problems)
    _check_cycles(planned, problems)
    return planned, problems


def refuse(problems: Sequence[Problem]) -> None:
    """Raise Conflict when one problem is one, ValidationFailed for any others, nothing without; details name each."""
    if not problems:
        return
    details: dict[str, list[str]] = {}
    for problem in problems:
        details.setdefault(problem.name, []).append(problem.message)
    kind: type[PlmError] = Conflict if any(problem.is_conflict for problem in problems) else ValidationFailed
    raise kind(" ".join(dict.fromkeys(problem.message for problem in problems)), details=details)


def _resolve(plan: RevisionPlan, problems: list[Problem]) -> PlannedRevision | None:
    product = Product.objects.filter(pk=plan.product_id).first()
    base = ProductRevision.objects.filter(pk=plan.base_id, product_id=plan.product_id).first()
    if product is None or base is None:
        problems.append(Problem(f"{plan.key}.product_id", _("There is no such product."), is_conflict=True))
        return None
    base.product = product
    refusal = _why_not_current(product, base, plan)
    if refusal:
        problems.append(Problem(f"{plan.key}.base_revision", refusal, is_conflict=True))
        return None
    planned = PlannedRevision(plan, product, base)
    _apply(planned, problems)
    if refusal := _why_too_early(planned):
        problems.append(Problem(f"{plan.key}.effective_from", refusal))
    return planned


def _why_too_early(planned: PlannedRevision) -> str:
    """Say why the planned beginning cannot be; an empty string when it can. Revisions for some units may overlap."""
    begins, base = planned.plan.effective_from, planned.base
    if planned.is_in_place or planned.plan.serials or not begins or not base.effective_from:
        return ""
    return too_early_words(base) if begins < base.effective_from else ""


def _why_not_current(product: Product, base: ProductRevision, plan: RevisionPlan) -> str:
    """Say why ``base`` is not the revision the next one follows; an empty string when it is."""
    facts = {"number": product.product_number, "label": base.label}
    released = product.revisions.filter(state=RevisionState.RELEASED).first()
    open_one = product.revisions.filter(state__in=(RevisionState.IN_WORK, RevisionState.IN_REVIEW)).first()
    if released is not None and released != base:
        facts["current"] = released.label
        return _("Revision %(label)s of %(number)s is no longer the current one; %(current)s is.") % facts
    if released is not None and open_one is not None:
        return _("Revision %(label)s of %(number)s is in work already.") % {**facts, "label": open_one.label}
    if released is None and base != open_one:
        return _("Revision %(label)s of %(number)s is neither released nor in work.") % facts
    if plan.edits and base.state == RevisionState.IN_REVIEW:
        return _("Revision %(label)s of %(number)s is in review; its lines rest until it comes back.") % facts
    return ""


def _apply(planned: PlannedRevision, problems: list[Problem]) -> None:
    copied = row_maker(BomLine)
    lines = {
        line.pk: PlannedLine(_copy(copied, line, planned.base), line)
        for line in records_read(planned.base.lines.order_by("find_number", "id"), *_LINE, child=_CHILD)
    }
    removed: dict[uuid.UUID, str] = {}
    added: list[PlannedLine] = []
    children = _children(planned.plan)
    for edit in planned.plan.edits:
        if edit.line_id is None:
            added.append(_added(planned.base, edit))
        elif edit.line_id not in lines:
            message = _("The line is no longer on revision %(label)s.") % {"label": planned.base.label}
            problems.append(Problem(f"{edit.key}.line", message, is_conflict=True))
        elif edit.remove:
            removed[edit.line_id] = edit.key
        else:
            _set(lines[edit.line_id], edit)
    for line_id, key in removed.items():
        gone = lines.pop(line_id)
        assert gone.base is not None
        planned.removed.append((key, gone.base))
        if gone.is_touched:
            problems.append(Problem(f"{key}.operation", _("The same line is removed and edited.")))
    planned.lines = [*lines.values(), *added]
    for entry in planned.lines:
        if entry.is_touched:
            _settle_child(entry, children, problems)
    _number(planned)


def _read_substitutes(planned: Sequence[PlannedRevision]) -> None:
    """Attach what goes along with each line (``substitute_copies.py``): all but what has become the part itself."""
    entries = [(entry, entry.base) for revision in planned for entry in revision.lines if entry.base is not None]
    kept = substitutes_of_lines([base.pk for _entry, base in entries]) if entries else {}
    for entry, base in entries if kept else ():
        entry.former_substitutes = kept.get(base.pk, ())
        if not entry.sets_substitutes:
            own = entry.line.child_id
            entry.substitutes = tuple(one for one in entry.former_substitutes if one.product_id != own)


def _copy(make: RowMaker[BomLine], line: BomLine, base: ProductRevision) -> BomLine:
    stored = line.__dict__
    own = {name: stored[name] for name in LINE_FIELDS}
    return make({**own, "predecessor_id": line.pk}, {"parent_revision": base, "child": line.child})


def _added(base: ProductRevision, edit: LineEdit) -> PlannedLine:
    values = {"reference_designators": [], **edit.values}
    line = BomLine(parent_revision=base, **values)
    if edit.new_line_id is not None:
        line.pk = edit.new_line_id
    entry = PlannedLine(line, None, dict.fromkeys((*values, "line"), edit.key))
    _set_substitutes(entry, edit)
    return entry


def _set(entry: PlannedLine, edit: LineEdit) -> None:
    for name, value in edit.values.items():
        setattr(entry.line, name, value)
        entry.source[name] = edit.key
    _set_substitutes(entry, edit)


def _set_substitutes(entry: PlannedLine, edit: LineEdit) -> None:
    if edit.substitutes is not None:
        entry.substitutes = edit.substitutes
        entry.source["substitutes"] = edit.key


def _children(plan: RevisionPlan) -> dict[uuid.UUID, Product]:
    wanted = {edit.values["child_id"] for edit in plan.edits if edit.values.get("child_id")}
    return Product.objects.in_bulk(wanted)


def _settle_child(entry: PlannedLine, children: Mapping[uuid.UUID, Product], problems: list[Problem]) -> None:
    """Attach the child that an edit named; its unit is the line's unless an edit gave one."""
    if "child_id" not in entry.source:
        return
    child = children.get(entry.line.child_id)
    if child is None:
        problems.append(Problem(entry.name_of("child_id"), _("There is no such product.")))
        return
    entry.line.child = child
    if "unit_of_measure" not in entry.source:
        entry.line.unit_of_measure = child.unit_of_measure


def _number(planned: PlannedRevision) -> None:
    """Give additions without a find number the next ones at the end."""
    highest = max((entry.line.find_number or 0 for entry in planned.lines), default=0)
    for entry in planned.lines:
        if entry.line.find_number is None:
            highest += FIND_NUMBER_STEP
            entry.line.find_number = highest


def _has_child(entry: PlannedLine) -> bool:
    return bool(BomLine._meta.get_field("child").is_cached(entry.line))


def _check_lines(planned: PlannedRevision, problems: list[Problem]) -> None:
    for entry in planned.lines:
        if not entry.is_touched or not _has_child(entry):
            continue
        try:
            check_line(entry.line, entry.line.child, touched=_counted_anew(entry), edited=_edited(entry))
            if "serials" in entry.source:
                check_end_items([entry.line])
        except ValidationFailed as refusal:
            for name, messages in refusal.details.items():
                problems.extend(Problem(entry.name_of(name), str(message)) for message in messages)


def _check_substitutes(chosen: Sequence[PlannedLine], problems: list[Problem]) -> None:
    """Judge the substitutes that edits give. One query for all."""
    products = Product.objects.in_bulk({one.product_id for entry in chosen for one in entry.substitutes})
    for entry in chosen:
        try:
            entry.substitutes = substitutes_planned(entry.line, entry.substitutes, products)
        except ValidationFailed as refusal:
            key = entry.source["substitutes"]
            for name, messages in refusal.details.items():
                problems.extend(Problem(f"{key}.{name}", str(message)) for message in messages)


def _edited(entry: PlannedLine) -> list[str] | None:
    """Return the fields that were not checked when the base line was written; None: all."""
    return None if entry.base is None else [name for name in entry.source if name in LINE_FIELDS]


def _counted_anew(entry: PlannedLine) -> set[str]:
    """Return the fields by which designators and quantity come to differ, as far as an edit changed them."""
    if entry.base is None:
        return set(COUNTING)
    return {name for name in COUNTING if getattr(entry.line, name) != getattr(entry.base, name)}


def _check_find_numbers(planned: PlannedRevision, problems: list[Problem]) -> None:
    known: dict[int, list[PlannedLine]] = {}
    for entry in sorted(planned.lines, key=lambda entry: entry.is_touched):
        number = entry.line.find_number
        if entry.is_touched and any(entry.line.overlaps(other.line) for other in known.get(number, ())):
            message = _("Find number %(number)s is used twice at the same time.") % {"number": number}
            problems.append(Problem(entry.name_of("find_number"), message))
        known.setdefault(number, []).append(entry)


def _check_cycles(planned: Sequence[PlannedRevision], problems: list[Problem]) -> None:
    """Look for a cycle through an edge that the plans add, over every live revision that they do not replace."""
    edges: dict[uuid.UUID, set[uuid.UUID]] = {}
    new: list[tuple[PlannedLine, uuid.UUID, uuid.UUID, str]] = []
    for revision in planned:
        before = {entry.base.child_id for entry in revision.lines if entry.base is not None}
        before |= {line.child_id for _key, line in revision.removed}
        lines = [entry for entry in revision.lines if _has_child(entry)]
        own = edges.setdefault(revision.product.pk, set())
        own.update(entry.line.child_id for entry in lines)
        own.update(one.product_id for entry in lines for one in entry.substitutes)
        parent = revision.product.pk
        new += [
            (entry, parent, entry.line.child_id, "child_id") for entry in lines if entry.line.child_id not in before
        ]
        new += [
            (entry, parent, one.product_id, "substitutes")
            for entry in lines
            if entry.sets_substitutes
            for one in entry.substitutes
            if one.product_id not in before
        ]
    if not new:
        return
    _read_below({child for _entry, _parent, child, _name in new}, edges, [revision.base.pk for revision in planned])
    cycle = first_cycle((str(parent), str(child)) for parent, below in edges.items() for child in below)
    if not cycle:
        return
    keys = [uuid.UUID(key) for key in cycle]
    numbers = dict(Product.all_objects.filter(pk__in=keys).values_list("pk", "product_number"))
    pairs = set(pairwise(keys))
    guilty, _parent, _child, faulty = next((found for found in new if found[1:3] in pairs), new[0])
    message = _("This line would make a cycle: %(path)s") % {"path": " → ".join(numbers[key] for key in keys)}
    problems.append(Problem(guilty.name_of(faulty), message))


def _read_below(start: set[uuid.UUID], edges: dict[uuid.UUID, set[uuid.UUID]], replaced: Sequence[uuid.UUID]) -> None:
    """Add all that is below ``start``, or may be taken for it there, to ``edges``: one query a level and 500 products."""
    lines = BomLine.objects.filter(parent_revision__state__in=LIVE_STATES, parent_revision__is_deleted=False)
    lines = lines.exclude(parent_revision_id__in=replaced).order_by()
    others = LineSubstitute.objects.filter(line__in=lines).order_by()
    seen: set[uuid.UUID] = set()
    frontier = set(start)
    while frontier:
        seen |= frontier
        found: set[uuid.UUID] = set()
        for parent in frontier:
            found |= edges.get(parent, set())
        waiting = list(frontier)
        for at in range(0, len(waiting), CHUNK):
            chunk = waiting[at : at + CHUNK]
            rows = lines.filter(parent_revision__product_id__in=chunk)
            pairs = rows.values_list("parent_revision__product_id", "child_id").distinct()
            rows = others.filter(line__parent_revision__product_id__in=chunk)
            more = rows.values_list("line__parent_revision__product_id", "product_id").distinct()
            for parent, child in pairs.union(more):
                edges.setdefault(parent, set()).add(child)
                found.add(child)
        frontier = found - seen
