"""What each affected product's action asks of the whole change. Judged at submission and, under the locks, at implementing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from changes.choices import AffectedAction, RedlineOperation
from changes.models import AffectedProduct, EngineeringChange
from plm_project.core import clock
from plm_project.tenancy.id_sets import in_ids
from products.choices import LIVE_STATES, LifecyclePhase, RevisionState
from products.models import BomLine, Product, ProductRevision
from products.selectors.substitutes import substitute_rows
from products.services.retiring import Retirement, retirement_problems
from products.services.revision_plan import PlannedRevision, Problem

NAMED = 5  # products in a refusal; the rest are counted


@dataclass(frozen=True)
class RemainingUse:
    """A revision in which a product would still stand. ``is_open``: one in work that this change does not release."""

    product_number: str
    is_open: bool


def affected_key(index: int) -> str:
    """Return the name of an affected product in refusals: its place in the change's list, counted from 0."""
    return f"affected[{index}]"


def retirements_of(change: EngineeringChange) -> list[Retirement]:
    """Return what the change takes out of use, in the words of the products context."""
    return [
        Retirement(
            affected_key(index),
            entry.product_id,
            entry.base_revision_id,
            entry.replacement_id,
            entry.begins(change.effective_from),
        )
        for index, entry in enumerate(change.affected.all())
        if entry.is_retired
    ]


def action_problems(change: EngineeringChange, planned: Sequence[PlannedRevision]) -> list[Problem]:
    """Return what speaks against the actions, named by product and field; ``planned`` is what the redlines come to.

    What goes out of use while it still stands somewhere needs its replacement; what is replaced stands nowhere any more but
    in revisions in work; a replacement is released, or is by this change; what comes in or goes is redlined.
    No query for a change that only releases and revises.
    """
    entries = [(affected_key(index), entry) for index, entry in enumerate(change.affected.all())]
    retired = [(key, entry) for key, entry in entries if entry.is_retired]
    placed = [(key, entry) for key, entry in entries if not (entry.gets_revision or entry.is_retired)]
    problems = _unplaced(change, placed) if placed else []
    if not retired:
        return problems
    uses = remaining_uses([entry for _key, entry in retired], planned)
    usable = _usable({entry.replacement_id for _key, entry in retired if entry.replacement_id}, planned)
    leaving = {entry.product_id for _key, entry in retired}
    for key, entry in retired:
        text = _fault_of_uses(entry, uses.get(entry.product_id, []))
        if not text and entry.replacement_id is not None:
            text = _fault_of_replacement(entry, usable, leaving)
        if text:
            problems.append(Problem(f"{key}.replacement", text))
    return [*problems, *retirement_problems(retirements_of(change))]


def remaining_uses(
    retired: Sequence[AffectedProduct], planned: Sequence[PlannedRevision]
) -> dict[uuid.UUID, list[RemainingUse]]:
    """Return where each product would still stand, as part or substitute, once the change is released: the redlined
    revisions as they will be, all others as they are, without what goes out of use itself. Two queries.
    """
    wanted = {entry.product_id for entry in retired}
    found: dict[uuid.UUID, dict[str, bool]] = {}
    here = {entry.product.pk for entry in planned} | wanted
    today = clock.today()
    for entry in planned:
        for line in entry.lines:
            if line.line.effective_to is not None and line.line.effective_to <= today:
                continue
            built_in = {line.line.child_id, *(one.product_id for one in line.substitutes)}
            for product_id in built_in & wanted:
                found.setdefault(product_id, {})[entry.product.product_number] = False
    for product_id, number, state in _stored_uses(wanted, here):
        is_open = state != RevisionState.RELEASED
        known = found.setdefault(product_id, {})
        known[number] = known.get(number, True) and is_open
    return {
        product_id: [RemainingUse(number, is_open) for number, is_open in sorted(numbers.items())]
        for product_id, numbers in found.items()
    }


def _stored_uses(wanted: set[uuid.UUID], here: set[uuid.UUID]) -> list[tuple[uuid.UUID, str, str]]:
    today = clock.today()
    names = ("parent_revision__product__product_number", "parent_revision__state")
    lines = BomLine.objects.filter(
        Q(effective_to=None) | Q(effective_to__gt=today),
        in_ids("child_id", wanted),
        parent_revision__state__in=LIVE_STATES,
        parent_revision__product__is_deleted=False,
    ).exclude(parent_revision__product_id__in=here)
    others = (
        substitute_rows()
        .filter(in_ids("product_id", wanted), line__parent_revision__state__in=LIVE_STATES)
        .exclude(line__parent_revision__product_id__in=here)
    )
    return [
        *lines.values_list("child_id", *names),
        *others.values_list("product_id", *(f"line__{name}" for name in names)),
    ]


def _fault_of_uses(entry: AffectedProduct, uses: Sequence[RemainingUse]) -> str:
    words = {"number": entry.product.product_number}
    if entry.chosen_action == AffectedAction.REPLACE:
        if entry.replacement_id is None:
            return _("Name what replaces %(number)s.") % words
        kept = [use for use in uses if not use.is_open]
        return _("%(number)s still stands in %(parents)s: redline it there.") % {
            **words, "parents": _named(kept),
        } if kept else ""  # fmt: skip
    if uses and entry.replacement_id is None:
        return _("%(number)s is still used in %(parents)s: name its replacement, or take it out there.") % {
            **words,
            "parents": _named(uses),
        }
    return ""


def _usable(wanted: set[uuid.UUID], planned: Sequence[PlannedRevision]) -> set[uuid.UUID]:
    """Return which of these are released and in use, or will be by this change."""
    if not wanted:
        return set()
    released = ProductRevision.objects.filter(
        in_ids("product_id", wanted), state=RevisionState.RELEASED, product__is_deleted=False
    ).exclude(product__lifecycle_phase=LifecyclePhase.OBSOLETE)
    return set(released.values_list("product_id", flat=True)) | (wanted & {entry.product.pk for entry in planned})


def _fault_of_replacement(entry: AffectedProduct, usable: set[uuid.UUID], leaving: set[uuid.UUID]) -> str:
    replacement = Product.all_objects.get(pk=entry.replacement_id)
    words = {"number": replacement.product_number}
    if replacement.pk in leaving:
        return _("The replacement %(number)s goes out of use itself.") % words
    if replacement.pk not in usable:
        return _("The replacement %(number)s is not released, and not in this change.") % words
    return ""


def _unplaced(change: EngineeringChange, placed: Sequence[tuple[str, AffectedProduct]]) -> list[Problem]:
    coming, going = _moved(change)
    texts: Mapping[AffectedAction, tuple[set[uuid.UUID], str]] = {
        AffectedAction.ADD: (coming, _("No redline adds %(number)s.")),
        AffectedAction.REMOVE: (going, _("No redline takes %(number)s out.")),
    }
    return [
        Problem(f"{key}.action", texts[entry.action][1] % {"number": entry.product.product_number})
        for key, entry in placed
        if entry.product_id not in texts[entry.action][0]
    ]


def _moved(change: EngineeringChange) -> tuple[set[uuid.UUID], set[uuid.UUID]]:
    """Return which parts the redlines bring in, and which they take out. One query beside the redlines."""
    coming: set[uuid.UUID] = set()
    lines: set[uuid.UUID] = set()
    for redline in change.redlines.all():
        if redline.operation in (RedlineOperation.ADD, RedlineOperation.REPLACE) and redline.child_id:
            coming.add(redline.child_id)
        if redline.operation in (RedlineOperation.REMOVE, RedlineOperation.REPLACE) and redline.line_id:
            lines.add(redline.line_id)
    going = BomLine.all_objects.filter(in_ids("pk", lines)).values_list("child_id", flat=True)
    return coming, set(going)


def _named(uses: Sequence[RemainingUse]) -> str:
    shown = [use.product_number for use in uses[:NAMED]]
    if uses[NAMED:]:
        shown.append(_("%(n)s more") % {"n": len(uses) - NAMED})
    return ", ".join(shown)
