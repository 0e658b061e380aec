"""A change as the page tells it: the redline picture, what is missing, who decides and why, what has happened."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from changes.choices import AffectedAction, ChangeStatus
from changes.line_said import Said, more_said, said_words, serial_numbers
from changes.line_words import LABELS
from changes.models import AffectedProduct, Approval, Disposition, EngineeringChange
from changes.selectors import AffectedDifference, DifferenceRow, HistoryEntry, change_difference, change_history
from changes.selectors.difference import MORE_FIELDS
from changes.services import change_problems
from changes.services.checking import redline_key
from changes.views.base import change_url
from changes.views.conflicts import ShownConflict, shown_conflicts
from products.choices import FORMER_STATES
from products.selectors.end_items import serials_text

UNCHANGED_SHOWN = 60  # lines of one product; more fold away by themselves, also in a draft
HISTORY_SHOWN = 15
COLUMNS: tuple[tuple[str, Any], ...] = (
    ("find_number", _lazy("Find")),
    ("product_number", _lazy("Part")),
    ("quantity", _lazy("Quantity")),
    ("unit_of_measure", _lazy("Unit")),
    ("reference_designators", _lazy("Designators")),
)


# --- the redline picture ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Cell:
    """One value of a row; ``old`` beside it where it changes."""

    field: str
    label: Any
    value: str
    old: str
    name: str = ""
    old_name: str = ""

    @property
    def is_changed(self) -> bool:
        """Whether there is an old value to strike."""
        return self.old != self.value


@dataclass(frozen=True)
class ShownMark:
    """What another context says of one product or line of the picture."""

    icon: str
    count: int
    label: str
    url: str


@dataclass(frozen=True)
class Row:
    """One line of the picture."""

    kind: str
    anchor: str
    cells: tuple[Cell, ...]
    notes: tuple[str, ...]
    line_id: uuid.UUID | None
    redline_id: uuid.UUID | None
    product_id: uuid.UUID | None
    number: str
    conflicts: tuple[ShownConflict, ...] = ()
    marks: tuple[ShownMark, ...] = ()
    more: tuple[Said, ...] = ()  # effectivity, attributes and substitutes, where they are told

    @property
    def is_gone(self) -> bool:
        """Whether the line was removed by a release, so that only settling is left to do with it."""
        return any(conflict.line_is_gone for conflict in self.conflicts)


@dataclass(frozen=True)
class Picture:
    """One affected product with its rows. ``hidden`` counts the unchanged lines that are folded away."""

    affected: AffectedProduct
    anchor: str
    rows: tuple[Row, ...]
    counts: dict[str, int]
    hidden: int
    unchanged: int
    problems: tuple[str, ...] = ()
    marks: tuple[ShownMark, ...] = ()

    @property
    def is_behind(self) -> bool:
        """Whether another change has released the product since, and this one has not followed yet."""
        affected = self.affected
        return affected.resulting_revision_id is None and affected.base_revision.state in FORMER_STATES

    @property
    def units(self) -> str:
        """The units that the new revision is for, as people write them."""
        return serials_text(self.affected.serials)

    @property
    def may_redline_uses(self) -> bool:
        """Whether the product is replaced, and it is known by what: then what it still stands in can be redlined."""
        affected = self.affected
        return affected.chosen_action == AffectedAction.REPLACE and affected.replacement_id is not None

    @property
    def is_new_revision(self) -> bool:
        """Whether implementing made a revision of its own, so that there are two to compare."""
        made = self.affected.resulting_revision_id
        return made is not None and made != self.affected.base_revision_id


def pictures_of(change: EngineeringChange, *, folded: bool = True, problems: Sequence[Trouble] = ()) -> list[Picture]:
    """Return the pictures of a change; ``folded`` leaves the unchanged lines out."""
    return [picture(entry, folded=folded, problems=problems) for entry in change_difference(change)]


def picture(entry: AffectedDifference, *, folded: bool, problems: Sequence[Trouble] = ()) -> Picture:
    """Return the picture of one affected product. No query, one where serial numbers are shown."""
    unchanged = len(entry.rows) - len(entry.changed_rows)
    rows = entry.changed_rows if folded else entry.rows
    kinds = [row.kind for row in entry.changed_rows]
    return Picture(
        affected=entry.affected,
        anchor=affected_anchor(entry.affected.pk),
        rows=shown_rows(rows),
        counts={kind: kinds.count(kind) for kind in ("added", "removed", "changed") if kind in kinds},
        hidden=unchanged if folded else 0,
        unchanged=unchanged,
        problems=tuple(trouble.text for trouble in problems if trouble.affected_id == entry.affected.pk),
    )


def shown_rows(rows: Iterable[DifferenceRow]) -> tuple[Row, ...]:
    """Return rows in words. No query, one where serial numbers are shown."""
    found = list(rows)
    numbers = serial_numbers(found)
    return tuple(_row(row, numbers) for row in found)


def _row(row: DifferenceRow, numbers: Mapping[uuid.UUID, str]) -> Row:
    redline_id = row.redlines[0].pk if row.kind == "added" and row.redlines else None
    return Row(
        kind=row.kind,
        anchor=f"line-{row.line_id or redline_id}",
        cells=tuple(_cell(row, name, label) for name, label in COLUMNS),
        notes=tuple(dict.fromkeys(redline.note for redline in row.redlines if redline.note)),
        line_id=row.line_id,
        redline_id=redline_id,
        product_id=row.values.get("product_id"),
        number=str(row.values.get("product_number") or ""),
        conflicts=shown_conflicts(row.redlines),
        more=tuple(more_said(row, numbers)),
    )


def _cell(row: DifferenceRow, name: str, label: Any) -> Cell:
    value, old = _words(row.values.get(name)), _words(row.old(name))
    if name != "product_number":
        return Cell(name, label, value, old)
    return Cell(name, label, value, old, _words(row.values.get("product_name")), _words(row.old("product_name")))


def _words(value: Any) -> str:
    if value is None:
        return ""
    return ", ".join(value) if isinstance(value, tuple | list) else str(value)


def affected_anchor(affected_id: uuid.UUID) -> str:
    """Return where on the change page a product's redlines stand."""
    return f"affected-{affected_id}"


def show_all_by_default(change: EngineeringChange, lines: int) -> bool:
    """An author needs all lines at hand, unless they are too many; a reader wants the changes."""
    return change.is_draft and lines <= UNCHANGED_SHOWN


# --- what is missing -------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Trouble:
    """One thing that keeps the change from being submitted, and where it is mended."""

    text: str
    url: str
    where: str
    affected_id: uuid.UUID | None = None


def troubles_of(change: EngineeringChange) -> list[Trouble]:
    """Return what keeps a draft from being submitted; nothing for any other."""
    if not change.is_draft:
        return []
    affected = list(change.affected.all())
    redlines = list(change.redlines.all())
    places = {redline_key(index): redline for index, redline in enumerate(redlines)}
    found = [_trouble(change, problem.name, problem.message, affected, places) for problem in change_problems(change)]
    return list(dict.fromkeys(found))


def _trouble(
    change: EngineeringChange, name: str, text: str, affected: list[AffectedProduct], redlines: dict[str, Any]
) -> Trouble:
    head, _dot, field = name.partition(".")
    if head in redlines:
        redline = redlines[head]
        what = redline.before.get("product_number") or (redline.child.product_number if redline.child else "")
        numbers = {entry.pk: entry.product.product_number for entry in affected}
        where = f"{numbers.get(redline.affected_id, '')} · {what}"
        return Trouble(text, redline_url(change, redline), where, redline.affected_id)
    if head.startswith("affected["):
        entry = affected[int(head.removeprefix("affected[").rstrip("]"))]
        anchor = "dispositions" if field == "dispositions" else affected_anchor(entry.pk)
        return Trouble(text, change_url(change, anchor), entry.product.product_number, entry.pk)
    if head == "affected":
        return Trouble(text, change_url(change, "add-product"), str(_("Affected products")))
    label = FIELD_WORDS[head]
    edit = reverse("changes:change-edit", args=[change.pk])
    return Trouble(text, f"{edit}#id_{head}", str(label).capitalize())


def redline_url(change: EngineeringChange, redline: Any) -> str:
    """Return where the line of a redline is edited; with a conflict, where that is settled."""
    if redline.conflicts:
        return change_url(change, f"line-{redline.line_id}")
    if redline.line_id is None:
        return reverse("changes:addition-edit", args=[change.pk, redline.pk])
    return reverse("changes:line-edit", args=[change.pk, redline.line_id])


# --- what has happened -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Told:
    """A history entry in words."""

    entry: HistoryEntry
    what: str
    changes: tuple[tuple[str, str, str], ...]


# Told by the entry itself: its status, its author, its time.
SAID = frozenset(
    {
        "signed_name", "content_hash", "round", "submitted_at", "decided_at", "implemented_at", "implemented_by",
        "rule_names", "renewed_at", "is_asked", "asked_at", "remind_at", "reminded_at", "escalated_at", "decided_by",
        "delegation", "completed_at", "completed_by",
    }
)  # fmt: skip
RECORD_WORDS = {
    "change": _lazy("Change"),
    "affected_product": _lazy("Affected product"),
    "document": _lazy("Document"),
    "disposition": _lazy("Existing parts"),
    "redline": _lazy("Redline"),
    "approval": _lazy("Approval"),
}
FIELD_WORDS = {
    field.name: field.verbose_name
    for model in (Disposition, Approval, AffectedProduct, EngineeringChange)
    for field in model._meta.concrete_fields
}
CHOICES = {
    field.name: dict(field.flatchoices)
    for model in (Disposition, Approval, AffectedProduct, EngineeringChange)
    for field in model._meta.concrete_fields
    if field.choices
}


@dataclass(frozen=True)
class Story:
    """The history, newest first. ``earlier`` entries are left out; ``asked`` is what the author said when submitting."""

    told: list[Told]
    earlier: int
    asked: str


def story_of(change: EngineeringChange, *, everything: bool) -> Story:
    """Return the history in words."""
    entries = sorted(filter(_is_told, change_history(change)), key=_begins_last, reverse=True)
    shown = entries if everything else entries[:HISTORY_SHOWN]
    return Story([_told(entry) for entry in shown], len(entries) - len(shown), _asked(entries))


def _asked(entries: list[HistoryEntry]) -> str:
    """Return the comment of the last submission, without the word that stands for none."""
    for entry in entries:
        if entry.record == "change" and any(
            found.field == "status" and found.after == ChangeStatus.SUBMITTED for found in entry.changes
        ):
            return "" if entry.why == _("submitted") else entry.why
    return ""


def _is_told(entry: HistoryEntry) -> bool:
    """Return False for writes that change nothing people know: what they stand for is told beside them."""
    return bool(entry.changes) or entry.action != "changed"


def _begins_last(entry: HistoryEntry) -> tuple[Any, bool]:
    return entry.when, not (entry.record == "change" and entry.action == "created")


def _told(entry: HistoryEntry) -> Told:
    subject = "" if entry.record == "change" else f": {entry.subject}"
    changes = tuple(
        (
            str(FIELD_WORDS.get(found.field) or LABELS.get(found.field, found.field.replace("_", " "))).capitalize(),
            _value(found.field, found.before),
            _value(found.field, found.after),
        )
        for found in entry.changes
        if found.field not in SAID and found.after != entry.why
    )
    return Told(entry, f"{RECORD_WORDS[entry.record]}{subject}", changes)


def _value(field: str, value: Any) -> str:
    if value is None or value in ("", []):
        return "–"
    if field in MORE_FIELDS:
        return said_words(field, value)
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(CHOICES.get(field, {}).get(value, value))
