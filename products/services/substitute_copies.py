"""Substitutes that go along with their lines: into the next revision, and away when their product becomes the part."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.tenancy.bulk import insert_in_bulk
from plm_project.tenancy.history import record_in_bulk
from plm_project.tenancy.id_sets import in_ids
from products.models import BomLine, LineSubstitute
from products.selectors.substitutes import Substitute

# What a substitute says: a caller may change it (but for the product), and the next revision takes it along.
SUBSTITUTE_FIELDS = ("rank", "quantity", "unit_of_measure", "reference_designators", "note")


def substitutes_copy(actor: Actor, copies: Mapping[uuid.UUID, BomLine], reason: str) -> list[LineSubstitute]:
    """Give new lines the substitutes of the lines they come from (``copies`` by the old line's id).

    A substitute that is the new line's own part is left behind. One query, and two statements where there are any.
    """
    rows = LineSubstitute.objects.filter(in_ids("line_id", copies)).order_by("line_id", "rank", "created_at", "id")
    made = [
        LineSubstitute(
            tenant_id=actor.tenant_id,
            line=copies[row.line_id],
            product_id=row.product_id,
            created_by_id=actor.user_id,
            updated_by_id=actor.user_id,
            version=1,
            **{name: getattr(row, name) for name in SUBSTITUTE_FIELDS},
        )
        for row in rows
        if row.product_id != copies[row.line_id].child_id
    ]
    if made:
        insert_in_bulk(LineSubstitute, made)
        record_in_bulk(LineSubstitute, made, actor, reason=reason, kind="+")
    return made


def substitutes_give(
    actor: Actor, wanted: Sequence[tuple[BomLine, Sequence[Substitute]]], reason: str
) -> list[LineSubstitute]:
    """Give new lines the substitutes that an edit says. Two statements where there are any."""
    made = [_row(actor, line, one) for line, substitutes in wanted for one in substitutes]
    if made:
        insert_in_bulk(LineSubstitute, made)
        record_in_bulk(LineSubstitute, made, actor, reason=reason, kind="+")
    return made


def substitutes_become(actor: Actor, line: BomLine, wanted: Sequence[Substitute], reason: str) -> None:
    """Make the substitutes of a line in work those that an edit says; rows that say so already stay as they are."""
    rows = {row.product_id: row for row in line.substitutes.select_for_update(of=("self",))}
    new = []
    for one in wanted:
        row = rows.pop(one.product_id, None)
        if row is None:
            new.append(one)
            continue
        values = _values(one)
        if any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.save_as(actor, reason=reason)
    for row in rows.values():
        row.soft_delete_as(actor, reason=reason)
    substitutes_give(actor, [(line, new)], reason)


def _row(actor: Actor, line: BomLine, substitute: Substitute) -> LineSubstitute:
    return LineSubstitute(
        tenant_id=actor.tenant_id,
        line=line,
        product_id=substitute.product_id,
        created_by_id=actor.user_id,
        updated_by_id=actor.user_id,
        version=1,
        **_values(substitute),
    )


def _values(substitute: Substitute) -> dict[str, Any]:
    found = {name: getattr(substitute, name) for name in SUBSTITUTE_FIELDS}
    return {**found, "reference_designators": list(substitute.reference_designators)}


def substitutes_settle(actor: Actor, line_ids: Collection[uuid.UUID]) -> None:
    """Take away the substitutes that have become the part itself on these lines."""
    rows = LineSubstitute.objects.filter(in_ids("line_id", line_ids), product=F("line__child"))
    for row in rows.select_for_update(of=("self",)):
        row.soft_delete_as(actor, reason=_("became the part itself"))
