"""Rebasing: when another change has released a product first, an open change follows it.

Its redlines are drawn anew on the released lines, by a three-way merge (``changes/merging.py``) of the line both started
from, the line that was released, and the line as this change wants it. What both want alike is dropped here, what they do
not agree about is left to a person (``settling.py``). Which released line continues which is known
(``BomLine.predecessor_id``), over any number of revisions between.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from changes import permissions
from changes.choices import OPEN_STATUSES, ChangeStatus, Decision, RedlineOperation
from changes.lifecycle import is_author_or_manager
from changes.merging import DESIGNATORS, FIELDS, LINE, FieldConflict, changed_fields, line_merge
from changes.models import AffectedProduct, EngineeringChange, Redline
from changes.models.redline import VALUE_FIELDS
from changes.services.affected import note_edit
from changes.services.locked import change_locked
from changes.services.redlines import line_before
from changes.services.redrawing import CARRIED_BY
from changes.services.renewing import votes_take_back
from plm_project.core.actor import Actor
from plm_project.core.decimals import plain
from plm_project.core.exceptions import Conflict, PermissionDenied
from products.choices import FORMER_STATES, RevisionState
from products.models import BomLine, Product, ProductRevision


@dataclass(frozen=True)
class Rebased:
    """What rebasing did to one affected product: from which revision to which, and how many conflicts are left."""

    affected: AffectedProduct
    from_label: str
    to_label: str
    conflicts: int


@transaction.atomic
def change_rebase(*, actor: Actor, change_id: uuid.UUID, expected_version: int | None = None) -> list[Rebased]:
    """Let an open change follow what was released since it was drawn; nothing where it is up to date.

    For its author, or who manages changes, and for the system when a change is implemented. Votes that were given
    before do not count any more, for the content is another: while it is submitted, those who approved are asked again
    (publishes approvals_asked for them). Raises Conflict when the change is not open.
    """
    actor.require(permissions.CHANGES_UPDATE)
    change = change_locked(change_id)
    if actor.user_id is not None and (refusal := is_author_or_manager(change, actor)):
        raise PermissionDenied(refusal)
    change.expect_version(expected_version)
    if change.status not in OPEN_STATUSES:
        raise Conflict(_("Only an open change can follow a release."))
    done = [
        _rebase(actor, change, affected, current)
        for affected in change.affected.select_related("product", "base_revision")
        if (current := newer_release(affected)) is not None
    ]
    if done:
        facts = [f"{one.affected.product.product_number} {one.from_label} → {one.to_label}" for one in done]
        what = (_("rebased: %(what)s") % {"what": ", ".join(facts)})[:500]
        note_edit(actor, change, what)
        if change.status == ChangeStatus.SUBMITTED:
            votes = list(change.round_approvals().filter(decision=Decision.APPROVED))
            votes_take_back(actor, change, votes, reason=what, why="rebased")
    return done


def changes_follow(actor: Actor, product_ids: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Rebase every open change that stands on a former revision of these products; return them. Nothing is done twice."""
    rows = AffectedProduct.objects.filter(
        product_id__in=product_ids,
        change__status__in=OPEN_STATUSES,
        change__is_deleted=False,
        base_revision__state__in=FORMER_STATES,
    )
    waiting = list(rows.order_by("change_id").values_list("change_id", flat=True).distinct())
    for change_id in waiting:
        change_rebase(actor=actor, change_id=change_id)
    return waiting


def newer_release(affected: AffectedProduct) -> ProductRevision | None:
    """Return the released revision that the affected product's base is not any more; None where it is up to date."""
    current: ProductRevision | None = affected.product.revisions.filter(state=RevisionState.RELEASED).first()
    return current if current is not None and current.pk != affected.base_revision_id else None


def values_of(line: BomLine) -> dict[str, Any]:
    """Return a line's values as the merge compares them."""
    return {name: getattr(line, name) for name in FIELDS}


def stored(value: Any) -> Any:
    """Return a value as a conflict keeps it in JSON."""
    if isinstance(value, Mapping):
        return {name: stored(one) for name, one in value.items()}
    if isinstance(value, Decimal):
        return plain(value)
    return str(value) if isinstance(value, uuid.UUID) else value


def _rebase(actor: Actor, change: EngineeringChange, affected: AffectedProduct, current: ProductRevision) -> Rebased:
    base = affected.base_revision
    lines = {line.pk: line for line in BomLine.all_objects.filter(parent_revision=base).select_related("child")}
    released = _continued(set(lines), current)
    by_line: dict[uuid.UUID, list[Redline]] = {}
    for redline in change.redlines.filter(affected=affected, line__isnull=False).select_related("child"):
        assert redline.line_id is not None
        by_line.setdefault(redline.line_id, []).append(redline)
    left = 0
    for line_id, redlines in by_line.items():
        if line_id not in lines:  # removed by a release before, and nobody has settled it yet
            left += sum(bool(redline.conflicts) for redline in redlines)
            continue
        left += _follow(actor, change, affected, lines[line_id], released.get(line_id), redlines)
    label = base.label
    affected.base_revision = current
    affected.save_as(actor, reason=_("follows revision %s") % current.label, update_fields=["base_revision"])
    return Rebased(affected, label, current.label, left)


def _continued(line_ids: set[uuid.UUID], current: ProductRevision) -> dict[uuid.UUID, BomLine]:
    """Return the lines of ``current`` that continue the given ones, by these. One query for each revision between."""
    wanted = {line.pk: line for line in current.lines.select_related("child")}
    standing = {key: line.predecessor_id for key, line in wanted.items()}
    while unknown := {before for before in standing.values() if before is not None and before not in line_ids}:
        earlier = dict(BomLine.all_objects.filter(pk__in=unknown).values_list("pk", "predecessor_id"))
        standing = {
            key: earlier.get(before) if before in unknown else before
            for key, before in standing.items()
            if before is not None
        }
    return {before: wanted[key] for key, before in standing.items() if before is not None}


def _follow(
    actor: Actor,
    change: EngineeringChange,
    affected: AffectedProduct,
    base: BomLine,
    released: BomLine | None,
    redlines: list[Redline],
) -> int:
    """Draw the redlines of one base line anew on the released line; return how many conflicts are left."""
    before = values_of(base)
    mine = None if redlines[0].operation == RedlineOperation.REMOVE else _wanted(before, redlines)
    theirs = None if released is None else values_of(released)
    merged = line_merge(before, theirs, mine)
    by = _released_by(affected)
    unsettled = {told["field"]: told for redline in redlines for told in redline.conflicts}
    if LINE in {one.field for one in merged.conflicts}:
        return _keep_whole(actor, base, released, redlines, merged.conflicts[0], by)
    if released is None or theirs is None or mine is None:
        if released is not None:  # both leave it but this change: the removal stands
            _draw(actor, redlines[0], released, {}, list(unsettled.values()))
            return len(unsettled)
        for redline in redlines:
            redline.soft_delete_as(actor, reason=_("removed by a release already"))
        return 0
    assert merged.line is not None
    open_fields = {one.field: one for one in merged.conflicts}
    goal = {**merged.line, **{name: one.mine for name, one in open_fields.items()}}
    wanted = {name: goal[name] for name in changed_fields(theirs, goal)}
    for name in unsettled.keys() & wanted.keys() - open_fields.keys():  # what stood open still does
        open_fields[name] = FieldConflict(name, before[name], theirs[name], wanted[name])
    brings_unit = "child_id" in wanted and "unit_of_measure" in wanted and "unit_of_measure" not in open_fields
    if brings_unit and wanted["unit_of_measure"] == _unit_of(goal["child_id"]):
        del wanted["unit_of_measure"]  # a replaced part brings its own unit
    _redraw(actor, change, affected, released, redlines, wanted, open_fields, by)
    return len(open_fields)


def _released_by(affected: AffectedProduct) -> str:
    """Return the number of the change that released the product last."""
    rows = AffectedProduct.objects.filter(product_id=affected.product_id, resulting_revision__isnull=False)
    return rows.order_by("-change__implemented_at").values_list("change__change_number", flat=True).first() or ""


def _keep_whole(
    actor: Actor,
    base: BomLine,
    released: BomLine | None,
    redlines: list[Redline],
    conflict: FieldConflict,
    by: str,
) -> int:
    """One side removed what the other edited: the redlines stay, and a person decides."""
    told = _told(conflict, by)
    for at, redline in enumerate(redlines):
        redline.conflicts = [told] if at == 0 else []
        fields = ["conflicts"]
        if released is not None:
            redline.line, redline.before = released, line_before(released)
            fields += ["line", "before"]
        redline.save_as(actor, reason=_("in conflict with a release"), update_fields=fields)
    return 1


def _wanted(before: Mapping[str, Any], redlines: Sequence[Redline]) -> dict[str, Any]:
    values = dict(before)
    said: set[str] = set()
    for redline in redlines:
        values.update(redline.new_values())
        said |= set(redline.new_values())
    if "child_id" in said and "unit_of_measure" not in said:
        values["unit_of_measure"] = _unit_of(values["child_id"]) or values["unit_of_measure"]
    return values


def _unit_of(product_id: uuid.UUID) -> str:
    return Product.objects.filter(pk=product_id).values_list("unit_of_measure", flat=True).first() or ""


def _redraw(
    actor: Actor,
    change: EngineeringChange,
    affected: AffectedProduct,
    released: BomLine,
    redlines: Sequence[Redline],
    wanted: Mapping[str, Any],
    conflicts: Mapping[str, FieldConflict],
    by: str,
) -> None:
    """Leave one redline for each field that is still to change, on the released line."""
    drawn = {redline.operation: redline for redline in redlines}
    note = next((redline.note for redline in redlines if redline.note), "")
    for name, value in wanted.items():
        operation = CARRIED_BY[name]
        redline = drawn.pop(operation, None)
        if redline is None:
            last = change.redlines.aggregate(last=Max("position"))["last"] or 0
            redline = Redline(
                tenant_id=actor.tenant_id, change=change, affected=affected, operation=operation,
                position=last + 1, note=note,
            )  # fmt: skip
        told = [_told(conflicts[name], by)] if name in conflicts else []
        _draw(actor, redline, released, {name: list(value) if name == DESIGNATORS else value}, told)
    for redline in drawn.values():
        redline.soft_delete_as(actor, reason=_("released already"))


def _draw(
    actor: Actor, redline: Redline, line: BomLine, values: Mapping[str, Any], conflicts: Sequence[Mapping[str, Any]]
) -> None:
    redline.line, redline.before, redline.conflicts = line, line_before(line), list(conflicts)
    for name in VALUE_FIELDS:
        setattr(redline, name, values.get(name))
    redline.save_as(actor, reason=_("follows the released line"))


def _told(conflict: FieldConflict, by: str) -> dict[str, Any]:
    """Return a conflict as it is kept: the values, and the same in words for people."""
    sides = {"base": conflict.base, "theirs": conflict.theirs, "mine": conflict.mine}
    return {
        "field": conflict.field,
        "by": by,
        **{name: stored(value) for name, value in sides.items()},
        "shown": {name: _words(conflict.field, value) for name, value in sides.items()},
    }


def _words(field: str, value: Any) -> str:
    if value is None:
        return ""
    if field == LINE:
        words = [_words(name, value[name]) for name in ("child_id", "quantity", "unit_of_measure", DESIGNATORS)]
        return " ".join(word for word in words if word)
    if field == "child_id":
        return Product.all_objects.filter(pk=value).values_list("product_number", flat=True).first() or ""
    return ", ".join(value) if field == DESIGNATORS else str(stored(value))
