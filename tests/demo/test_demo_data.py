"""The demo catalogues hold together: every reference, the structure rules, the roll-ups."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from decimal import Decimal

import pytest

from tests.demo.demo_files import AS_OF, BIKES, CATALOGUES, UNIT_CODES, Catalogue, in_window, read_rows

PRODUCT_TYPES = {
    "manufactured", "purchased", "virtual", "service", "kit", "raw_material", "subassembly", "finished_good",
}  # fmt: skip
PHASES = {
    "concept", "design", "prototype", "development", "testing", "production", "active", "mature", "declining",
    "obsolete", "discontinued",
}  # fmt: skip

each_tenant = pytest.mark.parametrize("catalogue", CATALOGUES.values(), ids=list(CATALOGUES))


@pytest.mark.parametrize(("slug", "products", "lines", "depth"), [("veloform", 259, 436, 7), ("nordlicht", 23, 25, 3)])
def test_counts(slug: str, products: int, lines: int, depth: int) -> None:
    catalogue = CATALOGUES[slug]
    assert len(catalogue.parts) == products
    assert len(catalogue.lines) == lines
    assert max(catalogue.depth(number) for number in catalogue.parts) == depth


@each_tenant
def test_parts_are_valid(catalogue: Catalogue) -> None:
    for number, part in catalogue.parts.items():
        assert re.fullmatch(r"VF-\d{3}-\d{4}|NL-\d{4}", number)
        assert 3 <= len(part["name"]) <= 200 and part["name"] == part["name"].strip()
        assert not part["tags"] or all(re.fullmatch(r"[a-z0-9-]+", tag) for tag in part["tags"].split(";")), number
        assert 3 <= len(part["description"]) <= 2000, number
        assert part["product_type"] in PRODUCT_TYPES
        assert part["lifecycle_phase"] in PHASES
        assert part["uom"] in UNIT_CODES
        assert Decimal(part["unit_cost"]) >= 0 and Decimal(part["mass_kg"]) >= 0
        assert datetime.date.fromisoformat(part["created"]).isoformat() <= AS_OF
        assert part["kind"] == ("assembly" if number in catalogue.children else "purchased"), number


@each_tenant
def test_names_are_unique(catalogue: Catalogue) -> None:
    repeated = [name for name, n in Counter(part["name"] for part in catalogue.parts.values()).items() if n > 1]
    assert repeated == []


def test_bought_parts_have_a_maker_and_made_parts_have_none() -> None:
    for catalogue in CATALOGUES.values():
        for number, part in catalogue.parts.items():
            bought = part["product_type"] in {"purchased", "raw_material"}
            assert bool(part["manufacturer"]) == bool(part["mpn"]), number
            if bought:
                assert part["manufacturer"], number
                assert Decimal(part["unit_cost"]) > 0, number
                assert Decimal(part["mass_kg"]) > 0, number
            elif part["product_type"] != "service":
                assert not part["manufacturer"], number


@each_tenant
def test_lifecycle_states(catalogue: Catalogue) -> None:
    counts = Counter(part["lifecycle"] for part in catalogue.parts.values())
    assert set(counts) <= {"released", "in_work", "preliminary", "obsolete"}
    assert counts["released"] > 0.9 * len(catalogue.parts)
    for number, part in catalogue.parts.items():
        obsolete = part["lifecycle"] == "obsolete"
        assert obsolete == (part["lifecycle_phase"] == "obsolete") == bool(part["replaced_by"]), number
        if part["replaced_by"]:
            assert catalogue.parts[part["replaced_by"]]["lifecycle"] == "released", number


@each_tenant
def test_lines_are_valid(catalogue: Catalogue) -> None:
    for line in catalogue.lines:
        assert line.parent in catalogue.parts and line.child in catalogue.parts, line
        assert line.parent != line.child
        assert line.quantity > 0
        assert line.uom == catalogue.parts[line.child]["uom"], line
        assert line.find_no % 10 == 0
        for day in filter(None, (line.start, line.end)):
            datetime.date.fromisoformat(day)
        assert not (line.start and line.end) or line.start < line.end
        if line.uom == "EA":
            assert line.quantity == line.quantity.to_integral_value(), line


@each_tenant
def test_find_numbers_are_unique_in_their_parent(catalogue: Catalogue) -> None:
    for parent, lines in catalogue.children.items():
        assert len({line.find_no for line in lines}) == len(lines), parent


@each_tenant
def test_designators_match_the_quantity(catalogue: Catalogue) -> None:
    for parent, lines in catalogue.children.items():
        marks = [mark for line in lines if line.live() for mark in line.refdes]
        assert len(set(marks)) == len(marks), parent
        for line in lines:
            assert not line.refdes or len(line.refdes) == line.quantity, line
            assert all(re.fullmatch(r"[A-Z]{1,2}\d+", mark) for mark in line.refdes), line


@each_tenant
def test_no_cycle_and_levels_are_the_longest_way_down(catalogue: Catalogue) -> None:
    done: dict[str, bool] = {}

    def visit(number: str) -> None:
        assert done.get(number) is not False, f"cycle through {number}"
        if number in done:
            return
        done[number] = False
        for line in catalogue.children.get(number, []):
            assert int(catalogue.parts[line.child]["level"]) > int(catalogue.parts[number]["level"]), line
            visit(line.child)
        done[number] = True

    for number in catalogue.parts:
        visit(number)
    assert all(done.values())


@each_tenant
def test_released_assemblies_use_released_parts_today(catalogue: Catalogue) -> None:
    for line in catalogue.lines:
        if line.live() and catalogue.parts[line.parent]["lifecycle"] == "released":
            assert catalogue.parts[line.child]["lifecycle"] == "released", line


def test_the_product_is_as_varied_as_a_real_one() -> None:
    bike = CATALOGUES["veloform"]
    assert {part["product_type"] for part in bike.parts.values()} == PRODUCT_TYPES
    assert {part["lifecycle"] for part in bike.parts.values()} == {"released", "in_work", "preliminary", "obsolete"}
    assert {line.uom for line in bike.lines} == set(UNIT_CODES)
    assert sum(1 for line in bike.lines if line.end and line.end < AS_OF) >= 3, "lines that ended"
    assert sum(1 for line in bike.lines if line.start.startswith("2027")) >= 3, "lines planned for 2027"
    parents = Counter(line.child for line in bike.lines)
    assert sum(1 for n in parents.values() if n >= 4) >= 10, "shared parts"
    assert all(bike.depth(number) >= 5 for number in BIKES)


def test_two_bikes_share_subassemblies() -> None:
    bike = CATALOGUES["veloform"]

    def below(number: str) -> set[str]:
        found: set[str] = set()
        for line in bike.children.get(number, []):
            found |= {line.child} | below(line.child)
        return found

    shared = below(BIKES[0]) & below(BIKES[1])
    assert len([number for number in shared if number in bike.children]) >= 15
    assert below(BIKES[0]) - shared and below(BIKES[1]) - shared


def test_wheels_have_32_spokes_and_32_nipples() -> None:
    bike = CATALOGUES["veloform"]
    for wheel in ("VF-160-0001", "VF-160-0002", "VF-160-0003", "VF-160-0004"):
        spokes = [
            line.quantity for line in bike.children[wheel]
            if bike.parts[line.child]["name"].startswith(("Spoke", "Nipple"))
        ]  # fmt: skip
        assert spokes == [32, 32], wheel


@pytest.mark.parametrize(
    ("slug", "number", "cost", "mass"),
    [
        ("veloform", "VF-100-0001", "1448.12", "25.800"),
        ("veloform", "VF-100-0002", "1593.30", "28.627"),
        ("nordlicht", "NL-1000", "493.56", "2.650"),
    ],
)
def test_rollup(slug: str, number: str, cost: str, mass: str) -> None:
    got_cost, got_mass = CATALOGUES[slug].rollup(number)
    assert (round(got_cost, 2), round(got_mass, 3)) == (Decimal(cost), Decimal(mass))


@pytest.mark.parametrize("day", [AS_OF, "2024-01-01", "2027-06-01"])
def test_bikes_stay_in_the_window_of_cost_and_mass(day: str) -> None:
    assert in_window(CATALOGUES["veloform"], day) == []


def test_example_file_matches_the_catalogue() -> None:
    rows = read_rows(
        "bom_example.csv", ["Find No", "Part Number", "Name", "Qty", "Unit", "Designators", "Manufacturer", "MPN"]
    )
    known = CATALOGUES["veloform"].parts
    assert len(rows) == 25
    assert len({row["Part Number"] for row in rows}) == len({row["Find No"] for row in rows}) == 25
    matched = [row for row in rows if row["Part Number"] in known]
    assert len(matched) == 12
    for row in matched:
        part = known[row["Part Number"]]
        assert (row["Name"], row["Unit"]) == (part["name"], part["uom"])
        assert (row["Manufacturer"], row["MPN"]) == (part["manufacturer"], part["mpn"])
    for row in rows:
        assert Decimal(row["Qty"]) > 0
        if row["Designators"]:
            assert len(row["Designators"].split(", ")) == Decimal(row["Qty"]), row
