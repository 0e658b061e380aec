"""What a line and its child's revision were chosen over: the candidates that the question passed over, each with why."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from plm_project.tenancy.references import CHUNK
from products.choices import FROZEN_STATES, ResolutionMode, RevisionState
from products.effectivity import serial_ranges
from products.models import BomLine, Product, ProductRevision
from products.selectors.reasons import date_fits, period_words, serials_fit, serials_words
from products.selectors.resolution import (
    LINE,
    REVISION,
    Resolution,
    as_parameter,
    line_test,
    revision_of,
    tenant_parameter,
)
from products.selectors.stored import as_date, as_uuid

PRODUCT = Product._meta.db_table
MOST_LEFT_OUT = 200


@dataclass(frozen=True, slots=True)
class PassedRevision:
    """A revision of the line's child that was not taken."""

    revision: str
    state: str
    why: str

    @property
    def state_label(self) -> str:
        """The state in words."""
        return str(RevisionState(self.state).label)


@dataclass(frozen=True, slots=True)
class PassedLine:
    """A line of the same parent, for the same place or the same part, that does not hold."""

    line_id: uuid.UUID
    find_number: int
    product_number: str
    product_name: str
    why: str


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What one line was chosen over."""

    revisions: tuple[PassedRevision, ...] = ()
    lines: tuple[PassedLine, ...] = ()


def passed_over(line_ids: Iterable[uuid.UUID], resolution: Resolution) -> dict[uuid.UUID, PassedOver]:
    """Return what each of up to a few hundred lines was chosen over. Three queries, however many lines."""
    lines = list(BomLine.objects.filter(pk__in=list(line_ids)).only("parent_revision_id", "child_id", "find_number"))
    rivals = _rivals(lines, resolution)
    revisions = _revisions({line.child_id for line in lines}, resolution)
    return {
        line.pk: PassedOver(
            tuple(revisions.get(line.child_id, ())),
            tuple(
                _passed(rival, resolution)
                for rival in rivals.get(line.parent_revision_id, ())
                if rival.pk != line.pk and (rival.find_number == line.find_number or rival.child_id == line.child_id)
            ),
        )
        for line in lines
    }


def lines_left_out(revision: ProductRevision, resolution: Resolution) -> list[PassedLine]:
    """Return the stored lines of a revision that do not hold, by find number, at most 200. Two queries."""
    if resolution.mode == ResolutionMode.AS_STORED:
        return []
    holds = line_test("l", resolution)
    sql = (
        f"SELECT l.id FROM {LINE} l WHERE l.parent_revision_id = %s AND l.tenant_id = %s AND NOT l.is_deleted "
        f"AND NOT {holds.text} ORDER BY l.find_number, l.id LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [as_parameter(revision.pk), tenant_parameter(), *holds.params, MOST_LEFT_OUT])
        keys = [as_uuid(key) for (key,) in cursor.fetchall()]
    lines = BomLine.objects.select_related("child").in_bulk(keys)
    return [_passed(lines[key], resolution) for key in keys]


def line_why_not(line: BomLine, resolution: Resolution) -> str:
    """Say why a line does not hold; an empty text where it does."""
    return "; ".join(_line_limits(line, resolution))


def _line_limits(line: BomLine, resolution: Resolution) -> Iterator[str]:
    if resolution.mode == ResolutionMode.AS_STORED:
        return
    if not date_fits(line.effective_from, line.effective_to, resolution):
        yield _("effective %(period)s") % {"period": period_words(line.effective_from, line.effective_to)}
    if not serials_fit(line.serial_ranges, resolution):
        yield _("only for serial numbers %(serials)s") % {"serials": serials_words(line.serial_ranges)}
    if line.condition and resolution.choices is not None and line.condition not in resolution.conditions:
        yield _("condition %(condition)s is not fulfilled") % {"condition": line.condition}
    if line.is_optional and not resolution.with_optional:
        yield _("optional, not asked for")


def _passed(line: BomLine, resolution: Resolution) -> PassedLine:
    child = line.child
    why = line_why_not(line, resolution)
    return PassedLine(line.pk, line.find_number, child.product_number, child.product_name, why)


def _rivals(lines: Sequence[BomLine], resolution: Resolution) -> dict[uuid.UUID, list[BomLine]]:
    """Return the lines that do not hold, for a place or a part of ``lines``, by parent revision."""
    if not lines or resolution.mode == ResolutionMode.AS_STORED:
        return {}
    same = Q(find_number__in={line.find_number for line in lines}) | Q(child_id__in={line.child_id for line in lines})
    near = BomLine.objects.filter(same, parent_revision_id__in={line.parent_revision_id for line in lines})
    found: dict[uuid.UUID, list[BomLine]] = {}
    for rival in near.select_related("child").order_by("find_number", "id"):
        if line_why_not(rival, resolution):
            found.setdefault(rival.parent_revision_id, []).append(rival)
    return found


def _revisions(product_ids: set[uuid.UUID], resolution: Resolution) -> dict[uuid.UUID, list[PassedRevision]]:
    found: dict[uuid.UUID, list[PassedRevision]] = {}
    wanted = sorted(product_ids)
    for at in range(0, len(wanted), CHUNK):
        for product_id, rows in _by_product(_candidates(wanted[at : at + CHUNK], resolution)).items():
            taken = next((row for row in rows if row[5]), None)
            found[product_id] = [
                PassedRevision(row[1], row[2], _revision_why_not(row, taken, resolution)) for row in rows if not row[5]
            ]
    return found


def _candidates(product_ids: Sequence[uuid.UUID], resolution: Resolution) -> list[tuple[Any, ...]]:
    taken = revision_of("p.id", resolution)
    sql = (
        f"SELECT r.product_id, r.label, r.state, r.effective_from, r.effective_to, r.id = q.taken, r.serials "
        f"FROM (SELECT p.id, {taken.text} AS taken FROM {PRODUCT} p WHERE p.tenant_id = %s "
        f"AND p.id IN ({', '.join(['%s'] * len(product_ids))})) q "
        f"JOIN {REVISION} r ON r.product_id = q.id AND r.tenant_id = %s AND NOT r.is_deleted ORDER BY r.sequence DESC"
    )
    tenant = tenant_parameter()
    with connection.cursor() as cursor:
        cursor.execute(sql, [*taken.params, tenant, *map(as_parameter, product_ids), tenant])
        return list(cursor.fetchall())


def _by_product(rows: Iterable[tuple[Any, ...]]) -> dict[uuid.UUID, list[tuple[Any, ...]]]:
    found: dict[uuid.UUID, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(as_uuid(row[0]), []).append(row)
    return found


def _revision_why_not(row: tuple[Any, ...], taken: tuple[Any, ...] | None, resolution: Resolution) -> str:
    """Say why one revision was not taken: what keeps it from being effective, else that a newer one was."""
    _product, _label, state, since, until, _taken, serials = row
    newer = _("%(label)s is newer") % {"label": taken[1]} if taken else ""
    if not resolution.by_release:
        return newer
    if state not in FROZEN_STATES:
        return _("not released: %(state)s") % {"state": RevisionState(state).label}
    begins, ends = as_date(since), as_date(until)
    if not date_fits(begins, ends, resolution):
        return _("effective %(period)s") % {"period": period_words(begins, ends)}
    ranges = serial_ranges(json.loads(serials) if isinstance(serials, str) else serials)
    if not serials_fit(ranges, resolution):
        return _("only for serial numbers %(serials)s") % {"serials": serials_words(ranges)}
    return _("effective as well; %(newer)s") % {"newer": newer}
