"""Reads the demo data as it stands in the files, without a database."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "plm_project" / "demo" / "data"
AS_OF = "2026-11-23"

PART_COLUMNS = [
    "number", "name", "kind", "level", "uom", "unit_cost", "mass_kg", "lifecycle", "created",
    "product_type", "lifecycle_phase", "description", "tags", "manufacturer", "mpn", "replaced_by",
]  # fmt: skip
BOM_COLUMNS = ["parent", "child", "find_no", "quantity", "uom", "effective_from", "effective_to", "refdes",
               "line_substitutes"]  # fmt: skip
UNIT_CODES = {"EA": "each", "M": "m", "KG": "kg", "L": "l", "ML": "ml", "H": "h"}


@dataclass(frozen=True)
class Line:
    """One row of bom.csv."""

    parent: str
    child: str
    find_no: int
    quantity: Decimal
    uom: str
    start: str
    end: str
    refdes: tuple[str, ...]

    def live(self, day: str = AS_OF) -> bool:
        return (not self.start or self.start <= day) and (not self.end or day <= self.end)


@dataclass
class Catalogue:
    """One tenant's item master and structure."""

    slug: str
    parts: dict[str, dict[str, str]]
    lines: list[Line]
    children: dict[str, list[Line]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for line in self.lines:
            self.children.setdefault(line.parent, []).append(line)

    def rollup(self, number: str, day: str = AS_OF) -> tuple[Decimal, Decimal]:
        """Unit cost and mass in kg, from the lines live on that day."""
        part = self.parts[number]
        cost, mass = Decimal(part["unit_cost"]), Decimal(part["mass_kg"])
        for line in self.children.get(number, []):
            if line.live(day):
                below = self.rollup(line.child, day)
                cost += line.quantity * below[0]
                mass += line.quantity * below[1]
        return cost, mass

    def depth(self, number: str) -> int:
        return max((1 + self.depth(line.child) for line in self.children.get(number, []) if line.live()), default=0)


def read_rows(name: str, columns: list[str]) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        rows = list(reader)
    assert reader.fieldnames == columns
    assert all(None not in row and None not in row.values() for row in rows), f"{name}: a row is too long or too short"
    return rows


def read_catalogue(tenant: dict[str, str]) -> Catalogue:
    parts = read_rows(tenant["parts"], PART_COLUMNS)
    lines = [
        Line(
            parent=row["parent"],
            child=row["child"],
            find_no=int(row["find_no"]),
            quantity=Decimal(row["quantity"]),
            uom=row["uom"],
            start=row["effective_from"],
            end=row["effective_to"],
            refdes=tuple(row["refdes"].split(",")) if row["refdes"] else (),
        )
        for row in read_rows(tenant["bom"], BOM_COLUMNS)
    ]
    assert len({part["number"] for part in parts}) == len(parts), "a number stands twice"
    return Catalogue(tenant["slug"], {part["number"]: part for part in parts}, lines)


STORY: dict[str, Any] = json.loads((DATA / "story.json").read_text(encoding="utf-8"))
CATALOGUES = {tenant["slug"]: read_catalogue(tenant) for tenant in STORY["tenants"]}
BIKES = ("VF-100-0001", "VF-100-0002")


def in_window(bike: Catalogue, day: str) -> list[tuple[str, Decimal, Decimal]]:
    """The bikes outside 1,400 to 2,200 EUR or 24 to 29 kg."""
    found = [(number, *bike.rollup(number, day)) for number in BIKES]
    return [row for row in found if not (1400 <= row[1] <= 2200 and 24 <= row[2] <= 29)]
