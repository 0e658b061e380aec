"""What an assembly is under each regulation at a date: the worst of its structure, and the way to the part behind it.

Computed, never stored: a finding on a screw would otherwise have to be written into every product above it. Works on
the graph of distinct products, so 26 products with eight million paths are 26 nodes. Queries: three for the structure,
then regulations, markets (where a regulation asks for them) and records.

A regulation counts for a structure when it is in force on the date and the product at the top is sold where it holds.
Each part below is judged when its own type and markets are in the regulation's scope. A part that is in scope and has
no record reads as not assessed.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from compliance.choices import GRAVITY, NOT_APPLICABLE, ComplianceStatus, status_label
from compliance.market_codes import meet, spread
from compliance.models import ComplianceRecord, Regulation
from compliance.models.record import status_on
from compliance.selectors.applicability import CHUNK, markets_of, reaches, regulations_in_force
from plm_project.core import clock
from products.selectors.graph import ROOT, Structure
from products.selectors.graph_columns import NO_REVISION

Key = tuple[uuid.UUID, uuid.UUID]  # revision, regulation


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of one revision under one regulation. ``status`` as it reads on the date that was asked for."""

    record_id: uuid.UUID
    status: str
    stored: str
    expired_from: str
    valid_until: dt.date | None
    reason: str

    @property
    def is_lapsed_waiver(self) -> bool:
        """Whether a waiver stood here and is over: what it let pass is non-compliant again."""
        was = self.expired_from if self.stored == ComplianceStatus.EXPIRED else self.stored
        return self.status == ComplianceStatus.EXPIRED and was == ComplianceStatus.WAIVED


@dataclass(frozen=True, slots=True)
class Part:
    """A product in the structure with the revision that was taken of it; ``label`` is "" where there is none."""

    product_id: uuid.UUID
    number: str
    name: str
    product_type: str
    revision_id: uuid.UUID | None
    label: str


def part_at(structure: Structure, at: int) -> Part:
    """Return the part at a place of the structure's columns."""
    columns = structure.products
    revision = columns.revision[at]
    return Part(
        product_id=uuid.UUID(bytes=columns.key[at]),
        number=columns.number[at],
        name=columns.name[at],
        product_type=columns.product_type[at],
        revision_id=uuid.UUID(bytes=revision) if revision != NO_REVISION else None,
        label=structure.label(at),
    )


@dataclass(frozen=True)
class Cause:
    """A part that makes the structure what it is, with the shortest way to it from the top."""

    node: Part
    status: str
    path: tuple[Part, ...]
    finding: Finding | None

    @property
    def status_label(self) -> str:
        """The status in words."""
        return status_label(self.status)


@dataclass(frozen=True)
class StructureStatus:
    """One regulation over one structure. ``causes`` are the parts of the worst status, the nearest first; ``own`` is
    what the product at the top reads as by itself; ``counts`` how many distinct parts read as what.
    """

    regulation: Regulation
    status: str
    own: str
    own_finding: Finding | None
    causes: tuple[Cause, ...]
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def path(self) -> tuple[Part, ...]:
        """The way to the nearest part that causes the status; only the top itself when it is the cause."""
        return self.causes[0].path if self.causes else ()

    @property
    def status_label(self) -> str:
        """The status in words."""
        return status_label(self.status)

    @property
    def own_label(self) -> str:
        """The product's own status in words."""
        return status_label(self.own)


def structure_statuses(
    structure: Structure, *, regulations: Sequence[Regulation] | None = None
) -> list[StructureStatus]:
    """Return the status of a structure under each regulation in force on its date, by code.

    For a past date the records count as they were known at the end of that day (from their history); for a later one
    those of today, expired where their last valid day is before it. Which regulations there are, and where products
    are sold, is taken as it stands today.
    """
    return structures_statuses([structure], regulations=regulations)[0]


def structures_statuses(
    structures: Sequence[Structure], *, regulations: Sequence[Regulation] | None = None
) -> list[list[StructureStatus]]:
    """Return the same for several structures of one date, with as many queries as for one."""
    if not structures:
        return []
    day = structures[0].resolution.as_of
    known = regulations_in_force(day) if regulations is None else [row for row in regulations if row.holds_on(day)]
    if not known:
        return [[] for _ in structures]
    parts = [[part_at(structure, at) for at in range(len(structure))] for structure in structures]
    every = {part for found in parts for part in found}
    sold = markets_of(sorted({part.product_id for part in every})) if any(row.markets for row in known) else {}
    revisions = sorted({part.revision_id for part in every if part.revision_id is not None})
    findings = findings_of(revisions, day, known)
    judged = []
    for structure, found in zip(structures, parts, strict=True):
        order, parents = nearest_first(structure)
        judged.append([_judge(found, row, sold, findings, order, parents) for row in known])
    return judged


def findings_of(
    revision_ids: Sequence[uuid.UUID], day: dt.date, regulations: Collection[Regulation]
) -> dict[Key, Finding]:
    """Return what is known of these revisions on ``day``, by (revision, regulation). One query for 10,000 revisions."""
    past = day < clock.today()
    wanted = [row.pk for row in regulations]
    found: dict[Key, Finding] = {}
    for start in range(0, len(revision_ids), CHUNK):
        chunk = revision_ids[start : start + CHUNK]
        rows: Any = _as_known(day) if past else ComplianceRecord.objects.order_by()
        for values in rows.filter(revision_id__in=chunk, regulation_id__in=wanted).values_list(*_COLUMNS):
            _keep(found, values, day)
    return found


_COLUMNS = ("id", "revision_id", "regulation_id", "status", "valid_until", "expired_from", "reason", "is_deleted")


def _as_known(day: dt.date) -> Any:
    """Return the history up to the end of ``day``, oldest first, so that the last entry of a record is read last."""
    after = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, tzinfo=timezone.get_current_timezone())
    return ComplianceRecord.history.filter(history_date__lt=after).order_by("history_date", "history_id")


def _keep(found: dict[Key, Finding], values: tuple[Any, ...], day: dt.date) -> None:
    record_id, revision_id, regulation_id, status, valid_until, expired_from, reason, is_deleted = values
    if is_deleted:
        if (known := found.get((revision_id, regulation_id))) and known.record_id == record_id:
            del found[revision_id, regulation_id]
        return
    found[revision_id, regulation_id] = Finding(
        record_id, status_on(status, valid_until, day), status, expired_from, valid_until, reason
    )


def nearest_first(structure: Structure) -> tuple[list[int], dict[int, int]]:
    """Return the places in order of their distance from the top (find numbers settle ties), and for each the place of
    the parent on the shortest way. Visits each line once; a cycle in the stored structure does no harm.
    """
    order = [ROOT]
    parents: dict[int, int] = {}
    seen = {ROOT}
    for at in order:  # grows while it is read
        for line in structure.built_in(at):
            child = structure.child[line]
            if child not in seen:
                seen.add(child)
                parents[child] = at
                order.append(child)
    return order, parents


def _judge(
    parts: Sequence[Part],
    regulation: Regulation,
    sold: Mapping[uuid.UUID, frozenset[str]],
    findings: Mapping[Key, Finding],
    order: Sequence[int],
    parents: Mapping[int, int],
) -> StructureStatus:
    nowhere: frozenset[str] = frozenset()
    if not meet(spread(regulation.markets), sold.get(parts[ROOT].product_id, nowhere)):
        return StructureStatus(regulation, NOT_APPLICABLE, NOT_APPLICABLE, None, ())
    read: dict[int, str] = {}
    for at in order:
        part = parts[at]
        if reaches(regulation, part.product_type, sold.get(part.product_id, nowhere)):
            finding = _finding(findings, part, regulation)
            read[at] = finding.status if finding else str(ComplianceStatus.NOT_ASSESSED)
    own = read.get(ROOT, NOT_APPLICABLE)
    own_finding = _finding(findings, parts[ROOT], regulation) if ROOT in read else None
    if not read:
        return StructureStatus(regulation, NOT_APPLICABLE, own, own_finding, ())
    worst = min(read.values(), key=GRAVITY.__getitem__)
    causes = tuple(
        Cause(parts[at], worst, _path(parts, at, parents), _finding(findings, parts[at], regulation))
        for at in order
        if read.get(at) == worst
    )
    return StructureStatus(regulation, worst, own, own_finding, causes, Counter(read.values()))


def _path(parts: Sequence[Part], at: int, parents: Mapping[int, int]) -> tuple[Part, ...]:
    """Return the way from the top down to a part."""
    way = [at]
    while (above := parents.get(way[-1])) is not None:
        way.append(above)
    return tuple(parts[place] for place in reversed(way))


def _finding(findings: Mapping[Key, Finding], part: Part, regulation: Regulation) -> Finding | None:
    return findings.get((part.revision_id, regulation.pk)) if part.revision_id is not None else None
