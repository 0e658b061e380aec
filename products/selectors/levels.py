"""One level of a structure at a time: the lines of one revision with what each child resolves to.

For trees that open level by level: a level costs the same two queries whatever lies below it, so that an assembly with
ten thousand lines is read in portions and nothing beneath is touched before somebody asks.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from products.choices import RevisionState
from products.models import BomLine, LineSubstitute, Product, ProductRevision
from products.selectors.reasons import LineLimits, Reason, limits_of, line_reason, revision_reason
from products.selectors.resolution import (
    LINE,
    REVISION,
    Resolution,
    as_parameter,
    line_test,
    packed_limits,
    revision_of,
    tenant_parameter,
)
from products.selectors.stored import as_date, as_decimal, as_designators, as_uuid

SUBSTITUTE = LineSubstitute._meta.db_table
PRODUCT = Product._meta.db_table
PORTION = 200


@dataclass(frozen=True, slots=True)
class LevelLine:
    """One line of a level. ``revision_id`` is the child's revision that the resolution takes, None where there is
    none; ``has_lines`` whether that revision has lines of its own, ``substitutes`` how many products may be taken for
    the child. ``reason`` says why the revision was taken, ``line_reason`` why the line holds."""

    line_id: uuid.UUID
    version: int
    child_id: uuid.UUID
    product_number: str
    product_name: str
    product_type: str
    lifecycle_phase: str
    quantity: Decimal
    unit_of_measure: str
    find_number: int
    reference_designators: tuple[str, ...]
    effective_from: dt.date | None
    effective_to: dt.date | None
    notes: str
    revision_id: uuid.UUID | None
    revision: str
    state: str
    reason: Reason
    line_reason: Reason
    limits: LineLimits
    substitutes: int
    has_lines: bool

    @property
    def state_label(self) -> str:
        """The state of the child's revision in words."""
        return str(RevisionState(self.state).label) if self.state else ""


@dataclass(frozen=True, slots=True)
class Level:
    """A portion of a level: ``total`` lines hold, ``left_out`` more are stored but do not hold for this question."""

    lines: tuple[LevelLine, ...]
    total: int
    left_out: int
    offset: int

    @property
    def next_offset(self) -> int | None:
        """Where the next portion begins; None after the last."""
        following = self.offset + len(self.lines)
        return following if self.lines and following < self.total else None

    @property
    def left(self) -> int:
        """How many lines are still to come."""
        return max(self.total - self.offset - len(self.lines), 0)


def level_load(revision: ProductRevision, resolution: Resolution, *, offset: int = 0, limit: int = PORTION) -> Level:
    """Return up to ``limit`` lines of ``revision`` from ``offset`` on, by find number."""
    total, stored = _counts(revision, resolution)
    lines = tuple(_read(revision, resolution, offset, limit)) if offset < total else ()
    return Level(lines, total, stored - total, offset)


def level_line(line: BomLine, resolution: Resolution) -> LevelLine | None:
    """Return one line as its level shows it, or None where it does not hold."""
    return next(iter(_read(line.parent_revision, resolution, 0, 1, line)), None)


def _counts(revision: ProductRevision, resolution: Resolution) -> tuple[int, int]:
    holds = line_test("l", resolution)
    sql = (
        f"SELECT COUNT(*), COALESCE(SUM(CASE WHEN {holds.text} THEN 1 ELSE 0 END), 0) FROM {LINE} l "
        f"WHERE l.parent_revision_id = %s AND l.tenant_id = %s AND NOT l.is_deleted"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*holds.params, as_parameter(revision.pk), tenant_parameter()])
        stored, total = cursor.fetchone()
    return int(total), int(stored)


def _read(
    revision: ProductRevision, resolution: Resolution, offset: int, limit: int, only: BomLine | None = None
) -> list[LevelLine]:
    taken = revision_of("l.child_id", resolution)
    holds, below = line_test("l", resolution), line_test("b", resolution)
    sql = (
        f"SELECT l.id, l.version, p.id, p.product_number, p.product_name, p.product_type, p.lifecycle_phase, "
        f"l.quantity, l.unit_of_measure, l.find_number, l.reference_designators, l.effective_from, l.effective_to, l.notes, "
        f"r.id, r.label, r.state, r.effective_from, r.effective_to, r.serials, {packed_limits('l')}, "
        f"EXISTS (SELECT 1 FROM {LINE} b WHERE b.parent_revision_id = r.id AND {below.text}), "
        f"(SELECT COUNT(*) FROM {SUBSTITUTE} s WHERE s.line_id = l.id AND NOT s.is_deleted) "
        f"FROM (SELECT l.*, {taken.text} AS taken_id FROM {LINE} l "
        f"WHERE l.parent_revision_id = %s AND l.tenant_id = %s AND {holds.text} {'AND l.id = %s' if only else ''} "
        f"ORDER BY l.find_number, l.id LIMIT %s OFFSET %s) l "
        f"JOIN {PRODUCT} p ON p.id = l.child_id AND p.tenant_id = %s LEFT JOIN {REVISION} r ON r.id = l.taken_id "
        f"ORDER BY l.find_number, l.id"
    )
    tenant = tenant_parameter()
    of = [as_parameter(revision.pk), tenant, *holds.params, *([as_parameter(only.pk)] if only else [])]
    params = [*below.params, *taken.params, *of, limit, offset, tenant]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [_line(row, resolution) for row in cursor.fetchall()]


def _line(row: tuple[Any, ...], resolution: Resolution) -> LevelLine:
    limits = limits_of(row[20])
    return LevelLine(
        line_id=as_uuid(row[0]),
        version=row[1],
        child_id=as_uuid(row[2]),
        product_number=row[3],
        product_name=row[4],
        product_type=row[5],
        lifecycle_phase=row[6],
        quantity=as_decimal(row[7]),
        unit_of_measure=row[8],
        find_number=row[9],
        reference_designators=as_designators(row[10]),
        effective_from=as_date(row[11]),
        effective_to=as_date(row[12]),
        notes=row[13],
        revision_id=as_uuid(row[14]) if row[14] else None,
        revision=row[15] or "",
        state=row[16] or "",
        reason=revision_reason(row[16], as_date(row[17]), as_date(row[18]), row[19], resolution),
        line_reason=line_reason(limits, resolution),
        limits=limits,
        has_lines=bool(row[21]),
        substitutes=row[22],
    )


def line_at_version(line: BomLine, version: int) -> Any | None:
    """Return what a line held at ``version`` (a history row), or None: what somebody saw who opened it then."""
    return line.history.filter(version=version).order_by("-history_date", "-history_id").first()
