"""Is a change complete, and would its redlines work? Asked at submission and, under the locks, at implementing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from changes.choices import RedlineOperation
from changes.line_words import label_of
from changes.merging import LINE, SUBSTITUTES
from changes.models import EngineeringChange, Redline
from changes.models.redline import VALUE_FIELDS
from changes.services.actions import action_problems, affected_key
from changes.services.decided import disposition_problems
from plm_project.tenancy.bulk import keep_related, records_read
from products.choices import RevisionState
from products.services.revision_plan import LineEdit, Problem, RevisionPlan, plan_resolve


def change_problems(change: EngineeringChange) -> list[Problem]:
    """Return everything that keeps the change from being submitted, named by field; nothing when it is complete.

    ``affected[0].base_revision`` is the first affected product, ``redlines[2].quantity`` the third redline, each in
    the order in which they are listed.
    """
    problems = [
        Problem(name, _("This is needed before the change can be submitted."))
        for name in ("change_title", "reason_for_change")
        if not getattr(change, name).strip()
    ]
    plans = change_plans(change)
    if not any(entry.gets_revision or entry.is_retired for entry in change.affected.all()):
        problems.append(Problem("affected", _("Name at least one product that changes.")))
    states = dict(change.affected.values_list("base_revision_id", "base_revision__state"))
    problems += [
        Problem(f"{plan.key}.redlines", _("Nothing changes here: draw a redline, or take the product off."))
        for plan in plans
        if not plan.edits and states[plan.base_id] not in (RevisionState.IN_WORK, RevisionState.IN_REVIEW)
    ]
    conflicts = change_conflicts(change)
    held = {problem.name.partition(".")[0] for problem in conflicts}
    planned, found = plan_resolve(plans)
    return [
        *problems,
        *conflicts,
        *(problem for problem in found if problem.name.partition(".")[0] not in held),
        *action_problems(change, planned),
        *disposition_problems(change),
    ]


def change_conflicts(change: EngineeringChange) -> list[Problem]:
    """Return what rebasing left to a person, redline by redline; such a change is neither submitted nor released."""
    return [
        Problem(f"{redline_key(index)}.{told['field']}", conflict_words(told), is_conflict=True)
        for index, redline in enumerate(change.redlines.all())
        for told in redline.conflicts
    ]


def conflict_words(told: Mapping[str, Any]) -> str:
    """Say what a conflict is about."""
    shown = {**told["shown"], "by": told["by"] or _("another change")}
    if told["field"] != LINE:
        label = label_of(told["field"], shown.get("entry", ""))
        words = {**{name: value or _("nothing") for name, value in shown.items()}, "field": label}
        return _("%(field)s: it was %(base)s, %(by)s released %(theirs)s, this change says %(mine)s.") % words
    if told["theirs"] is None:
        return _("%(by)s removed this line, which this change edits: %(mine)s.") % shown
    return _("%(by)s edited this line, which this change removes: %(theirs)s.") % shown


def change_plans(change: EngineeringChange) -> list[RevisionPlan]:
    """Return what the change asks of each product that gets a revision, in the words of the products context."""
    edits: dict[object, list[LineEdit]] = {}
    for index, redline in enumerate(change.redlines.all()):
        values = redline.new_values()
        substitutes = values.pop(SUBSTITUTES, None)
        edits.setdefault(redline.affected_id, []).append(
            LineEdit(
                key=redline_key(index),
                line_id=redline.line_id,
                remove=redline.operation == RedlineOperation.REMOVE,
                values=values,
                new_line_id=redline.pk if redline.operation == RedlineOperation.ADD else None,
                substitutes=substitutes,
            )
        )
    return [
        RevisionPlan(
            affected_key(index),
            entry.product_id,
            entry.base_revision_id,
            edits.get(entry.pk, ()),
            effective_from=entry.begins(change.effective_from),
            serials=entry.serials,
        )
        for index, entry in enumerate(change.affected.all())
        if entry.gets_revision
    ]


def redlines_keep(change: EngineeringChange) -> None:
    """Read the redlines of a locked change once for all that asks for ``change.redlines.all()`` after it: what is signed,
    and what ``change_plans`` reads. Their pictures are as large again, and stay where they are.
    """
    rows = Redline.objects.filter(change=change)
    keep_related(change, "redlines", records_read(rows, *_DRAWN))


_DRAWN = ("id", "tenant", "change", "affected", "position", "operation", "line", "conflicts", "note", *VALUE_FIELDS)


def redline_key(index: int) -> str:
    """Return the name of a redline in refusals: its place in the change's list, counted from 0."""
    return f"redlines[{index}]"
