"""Where a thread's anchor stands now: the line may have been redlined, removed, or continued by another revision."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from changes.line_settings import SETTING_FIELDS, ordinary, value_stored
from changes.models import AffectedProduct, Redline
from changes.selectors import DifferenceRow, drawn_rows
from changes.services.redlines import line_before
from collaboration.choices import AnchorKind
from collaboration.models import DiscussionThread
from products.models import BomLine

# What counts as another content of a line. Names of products may change without it.
COMPARED = ("part_id", "find_number", "quantity", "unit_of_measure", "reference_designators", "row")
MORE = "more"  # effectivity and use, as far as they are not ordinary


@dataclass(frozen=True)
class Place:
    """``key`` is the row of the redline picture (line, redline or affected product) where it is shown now; ``now`` what
    stands there, in the form of ``DiscussionThread.said``. Both None when it is there no more, or it is the whole change.
    """

    key: uuid.UUID | None
    now: Mapping[str, Any] | None
    is_gone: bool = False
    is_outdated: bool = False


def places_of(threads: Sequence[DiscussionThread]) -> dict[uuid.UUID, Place]:
    """Return where each thread stands. At most four queries for any number of threads, one more for each revision that
    was released since the lines of the rebased ones were talked about.
    """
    affected = _affected({thread.affected_id for thread in threads if thread.affected_id})
    lines = _lines({thread.line_id for thread in threads if thread.line_id})
    continued = _continued(threads, affected, lines)
    rows = _rows(threads, affected, continued)
    return {thread.pk: _place(thread, affected, continued, rows) for thread in threads}


def said_of_product(affected: AffectedProduct) -> dict[str, Any]:
    """Return what is kept of an affected product."""
    product = affected.product
    return {"product": product.product_number, "name": product.product_name, "revision": affected.base_revision.label}


def said_of_line(affected: AffectedProduct, line: BomLine, redlines: Iterable[Redline]) -> dict[str, Any]:
    """Return what is kept of a line as its redlines leave it."""
    drawn = list(redlines)
    values = _of_row(drawn_rows(drawn)[0]) if drawn else _of_line(line)
    return {**said_of_product(affected), **values}


def said_of_addition(affected: AffectedProduct, redline: Redline) -> dict[str, Any]:
    """Return what is kept of a line that is to be added."""
    return {**said_of_product(affected), **_of_row(drawn_rows([redline])[0])}


def _affected(keys: set[uuid.UUID]) -> dict[uuid.UUID, AffectedProduct]:
    rows = AffectedProduct.all_objects.filter(pk__in=keys).select_related("product", "base_revision")
    return {row.pk: row for row in rows} if keys else {}


def _lines(keys: set[uuid.UUID]) -> dict[uuid.UUID, BomLine]:
    rows = BomLine.all_objects.filter(pk__in=keys).select_related("child")
    return {row.pk: row for row in rows} if keys else {}


def _continued(
    threads: Sequence[DiscussionThread],
    affected: Mapping[uuid.UUID, AffectedProduct],
    lines: Mapping[uuid.UUID, BomLine],
) -> dict[uuid.UUID, BomLine]:
    """Return for each line the one that continues it in the revision the change stands on now, or itself."""
    found: dict[uuid.UUID, BomLine] = {}
    origins: dict[uuid.UUID, set[uuid.UUID]] = {}  # the line to go on from → the lines that led there
    bases = {}
    for thread in threads:
        if thread.line_id and thread.affected_id:
            bases[thread.line_id] = affected[thread.affected_id].base_revision_id
    for key, base in bases.items():
        if lines[key].parent_revision_id == base:
            found[key] = lines[key]
        else:
            origins[key] = {key}
    seen = set(origins)
    while origins:
        following: dict[uuid.UUID, set[uuid.UUID]] = {}
        for line in BomLine.all_objects.filter(predecessor_id__in=list(origins)).select_related("child"):
            for origin in origins[line.predecessor_id]:
                if line.parent_revision_id == bases[origin]:
                    found[origin] = line
                elif line.pk not in seen:
                    following.setdefault(line.pk, set()).add(origin)
        seen |= set(following)
        origins = {key: rest for key, told in following.items() if (rest := told - set(found))}
    return found


def _rows(
    threads: Sequence[DiscussionThread],
    affected: Mapping[uuid.UUID, AffectedProduct],
    continued: Mapping[uuid.UUID, BomLine],
) -> dict[tuple[uuid.UUID, uuid.UUID], DifferenceRow]:
    """Return what the redlines make of the lines, by affected product and line (or redline, for an addition)."""
    asked = {thread.line_id for thread in threads if thread.line_id} | {line.pk for line in continued.values()}
    additions = {thread.redline_id for thread in threads if thread.redline_id}
    if not asked and not additions:
        return {}
    drawn: dict[tuple[uuid.UUID, uuid.UUID], list[Redline]] = {}
    wanted = Redline.objects.filter(Q(line_id__in=asked) | Q(pk__in=additions), affected_id__in=list(affected))
    for redline in wanted.select_related("child"):
        drawn.setdefault((redline.affected_id, redline.line_id or redline.pk), []).append(redline)
    return {key: drawn_rows(redlines)[0] for key, redlines in drawn.items()}


def _place(
    thread: DiscussionThread,
    affected: Mapping[uuid.UUID, AffectedProduct],
    continued: Mapping[uuid.UUID, BomLine],
    rows: Mapping[tuple[uuid.UUID, uuid.UUID], DifferenceRow],
) -> Place:
    if thread.affected_id is None:
        return Place(None, None)
    entry = affected[thread.affected_id]
    if entry.is_deleted:
        return Place(None, None, is_gone=True, is_outdated=True)
    if thread.anchor == AnchorKind.PRODUCT:
        now = said_of_product(entry)
        return Place(entry.pk, now, is_outdated=now["revision"] != thread.said.get("revision"))
    key, values = _standing(thread, entry, continued, rows)
    if key is None or values is None:
        return Place(None, None, is_gone=True, is_outdated=True)
    now = {**said_of_product(entry), **values}
    # Threads from before effectivity and use could be redlined say nothing of them.
    compared = (*COMPARED, MORE) if MORE in thread.said else COMPARED
    return Place(key, now, is_outdated=any(now.get(name) != thread.said.get(name) for name in compared))


def _standing(
    thread: DiscussionThread,
    entry: AffectedProduct,
    continued: Mapping[uuid.UUID, BomLine],
    rows: Mapping[tuple[uuid.UUID, uuid.UUID], DifferenceRow],
) -> tuple[uuid.UUID | None, dict[str, Any] | None]:
    if thread.redline_id is not None:
        row = rows.get((entry.pk, thread.redline_id))
        return (thread.redline_id, _of_row(row)) if row else (None, None)
    assert thread.line_id is not None
    line = continued.get(thread.line_id)
    # A line that a release took away is still in the picture while its redlines wait for somebody to settle them.
    key = line.pk if line is not None else thread.line_id
    if row := rows.get((entry.pk, key)):
        return key, _of_row(row)
    return (key, _of_line(line)) if line is not None and not line.is_deleted else (None, None)


def _of_row(row: DifferenceRow) -> dict[str, Any]:
    values = row.values
    return {
        "part": values.get("product_number") or "",
        "part_name": values.get("product_name") or "",
        "part_id": str(values["product_id"]) if values.get("product_id") else "",
        "find_number": values.get("find_number"),
        "quantity": values.get("quantity") or "",
        "unit_of_measure": values.get("unit_of_measure") or "",
        "reference_designators": list(values.get("reference_designators") or ()),
        "row": row.kind if row.kind in ("added", "removed") else "",
        MORE: _more(values),
    }


def _of_line(line: BomLine) -> dict[str, Any]:
    values = line_before(line)
    return {
        "part": values["product_number"],
        "part_name": values["product_name"],
        "part_id": values["child_id"],
        "find_number": values["find_number"],
        "quantity": values["quantity"],
        "unit_of_measure": values["unit_of_measure"],
        "reference_designators": list(values["reference_designators"]),
        "row": "",
        MORE: _more(values),
    }


def _more(values: Mapping[str, Any]) -> dict[str, Any]:
    ordinarily = {name: value_stored(ordinary(name)) for name in SETTING_FIELDS}
    return {name: values[name] for name in SETTING_FIELDS if name in values and values[name] != ordinarily[name]}
