"""What an export says: its columns, and the rows of a resolved structure with all that a line and a product keep."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from plm_project.core.exceptions import Conflict
from plm_project.tenancy.id_sets import in_ids
from plm_project.tenancy.references import CHUNK
from products.choices import LineType
from products.effectivity import serial_ranges
from products.importing.designators import designators_written
from products.importing.line_use import USE_COLUMNS
from products.importing.substitutes import NamedSubstitute, substitutes_written
from products.models import BomLine, Product
from products.selectors.baseline_structure import FrozenStructure, baseline_facts
from products.selectors.end_items import end_item_numbers
from products.selectors.explosion import Explosion, FlatLine, IndentedLine, explosion_flat
from products.selectors.graph import ROOT, Structure
from products.serial_texts import serials_written

MOST_ROWS = 500_000  # the indented list repeats what is used in several places, without end
INDENTED = (
    "level", "find_number", "product_number", "product_name", "product_description", "product_type", "revision",
    "quantity", "total_quantity", "unit_of_measure", "reference_designators", "designators_not_fitted", "effective_from",
    "effective_to", "notes", "alternates", "reason", *USE_COLUMNS.values(),
)  # fmt: skip
FLAT = ("product_number", "product_name", "total_quantity", "unit_of_measure", "is_leaf")
Cell = str | int | Decimal | dt.date | None


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What a line keeps beside what the explosion shows."""

    effective_from: dt.date | None = None
    effective_to: dt.date | None = None
    notes: str = ""
    alternates: str = ""
    not_fitted: tuple[str, ...] = ()
    use: Mapping[str, Cell] = field(default_factory=dict)  # by column; what is ordinary is left out


@dataclass(frozen=True)
class BomExport:
    """One structure, ready to be written. ``lines`` are indented or flat ones, as ``is_flat`` says."""

    number: str
    root_name: str
    revision: str
    is_flat: bool
    lines: Sequence[IndentedLine] | Sequence[FlatLine]
    line_facts: dict[bytes, LineFacts] = field(default_factory=dict)
    descriptions: dict[bytes, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return f"{self.number}-{'totals' if self.is_flat else 'bom'}"

    @property
    def heading(self) -> tuple[str, ...]:
        return FLAT if self.is_flat else INDENTED

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """Yield the rows in the order of ``heading``."""
        for line in self.lines:
            yield self._indented(line) if isinstance(line, IndentedLine) else _flat(line)

    def facts_of(self, line: IndentedLine) -> LineFacts:
        """Return what its line keeps."""
        return self.line_facts.get(line.line_key, LineFacts())

    def _indented(self, line: IndentedLine) -> tuple[Cell, ...]:
        facts = self.facts_of(line)
        return (
            line.level,
            line.find_number,
            line.product_number,
            line.product_name,
            self.descriptions.get(line.product_key, ""),
            line.product_type,
            line.revision,
            line.quantity,
            line.total_quantity,
            line.unit_of_measure,
            designators_written(line.reference_designators),
            designators_written(facts.not_fitted),
            facts.effective_from,
            facts.effective_to,
            facts.notes,
            facts.alternates,
            line.reason.text,
            *(facts.use.get(column) for column in USE_COLUMNS.values()),
        )


def _flat(line: FlatLine) -> tuple[Cell, ...]:
    return (
        line.product_number,
        line.product_name,
        line.total_quantity,
        line.unit_of_measure,
        str(line.is_leaf).lower(),
    )


def bom_export(structure: Structure, *, flat: bool = False) -> BomExport:
    """Read what the export needs. Raises Conflict when the indented list is too long, StructureCycle on a cycle."""
    root = structure.number(ROOT), structure.products.name[ROOT], structure.label(ROOT)
    if flat:
        structure.parents_first()
        return BomExport(*root, is_flat=True, lines=explosion_flat(structure))
    explosion = Explosion(structure)
    if len(explosion) > MOST_ROWS:
        message = _("The indented list has more than %(limit)d rows. Take the totals.")
        raise Conflict(message % {"limit": MOST_ROWS})
    if isinstance(structure, FrozenStructure):
        facts, descriptions = _frozen(structure)
    else:
        facts, descriptions = dict(_line_facts(structure)), dict(_descriptions(structure.products.key))
    return BomExport(*root, is_flat=False, lines=explosion, line_facts=facts, descriptions=descriptions)


STORED = tuple(name for name in USE_COLUMNS if name != "substitutes")
LIMITS = ("line_type", "is_optional", "condition", "serials")
NOTHING_KEPT = {"notes": "", "attributes": "", "attrition_percent": 0, "setup_quantity": 0, "rounding_multiple": 0}


def _line_facts(structure: Structure) -> Iterator[tuple[bytes, LineFacts]]:
    columns = ("pk", "effective_from", "effective_to", "notes", "custom_attributes", *STORED)
    others = _substitutes(structure)
    rows = [
        row for chunk in _chunks(structure.lines.key) for row in BomLine.objects.filter(pk__in=chunk).values(*columns)
    ]
    numbers = end_item_numbers(row["serials"] for row in rows)
    for row in rows:
        use, kept = _use(row, numbers, others.get(row["pk"].bytes, "")), row["custom_attributes"] or {}
        yield row["pk"].bytes, _facts(row["effective_from"], row["effective_to"], row["notes"], kept, use)


def _facts(
    start: dt.date | None, end: dt.date | None, notes: str, kept: Mapping[str, Any], use: dict[str, Cell]
) -> LineFacts:
    alternates = kept.get("alternates")
    return LineFacts(
        effective_from=start,
        effective_to=end,
        notes=notes,
        alternates=json.dumps(alternates, ensure_ascii=False) if alternates else "",
        not_fitted=tuple(str(name) for name in kept.get("not_fitted") or ()),
        use=use,
    )


def _substitutes(structure: Structure) -> dict[bytes, str]:
    """Return the substitutes of each line that has some, by the line's key, as a file holds them. One query more."""
    found = {key: rows for line, key in enumerate(structure.lines.key) if (rows := structure.substitutes(line))}
    ids = {entry.product_id for rows in found.values() for entry in rows}
    kinds: dict[uuid.UUID, tuple[str, str]] = {}
    if ids:
        products = Product.all_objects.filter(in_ids("id", ids)).values_list("pk", "product_name", "product_type")
        kinds = {pk: (name, kind) for pk, name, kind in products}
    return {
        key: substitutes_written(
            NamedSubstitute(
                entry.product_number,
                entry.quantity,
                entry.rank,
                entry.unit_of_measure,
                entry.reference_designators,
                entry.note,
                *kinds.get(entry.product_id, ("", "")),
            )
            for entry in entries
        )
        for key, entries in found.items()
    }


def _use(row: Mapping[str, Any], numbers: Mapping[uuid.UUID, str], substitutes: str) -> dict[str, Cell]:
    values: dict[str, Cell] = {
        "line_type": "" if row["line_type"] == LineType.STANDARD else row["line_type"],
        "is_optional": "true" if row["is_optional"] else "",
        "condition": row["condition"],
        "serials": serials_written(serial_ranges(row["serials"]), numbers),
        **{name: row[name] for name in ("attrition_percent", "setup_quantity", "rounding_multiple")},
        "substitutes": substitutes,
    }
    return {USE_COLUMNS[name]: value for name, value in values.items() if value}


def _frozen(structure: FrozenStructure) -> tuple[dict[bytes, LineFacts], dict[bytes, str]]:
    """Return what the lines and products kept when they were frozen."""
    words, descriptions = baseline_facts(structure.baseline)
    limits = [structure.limits(line) for line in range(len(structure.child))]
    numbers = end_item_numbers(found.serials for found in limits)
    facts: dict[bytes, LineFacts] = {}
    others = _substitutes(structure)
    for key, found in zip(structure.lines.key, limits, strict=True):
        row = words.get(key, NOTHING_KEPT)
        kept = json.loads(row["attributes"]) if row["attributes"] else {}
        use = _use({**row, **{name: getattr(found, name) for name in LIMITS}}, numbers, others.get(key, ""))
        facts[key] = _facts(found.effective_from, found.effective_to, row["notes"], kept, use)
    return facts, descriptions


def _descriptions(keys: list[bytes]) -> Iterator[tuple[bytes, str]]:
    for chunk in _chunks(keys):
        rows = Product.objects.filter(pk__in=chunk).exclude(product_description="")
        for pk, text in rows.values_list("pk", "product_description"):
            yield pk.bytes, text


def _chunks(keys: list[bytes]) -> Iterator[list[uuid.UUID]]:
    ids = [uuid.UUID(bytes=key) for key in keys]
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
