"""NopSCADlib: bom.json (assemblies that name their children) and bom.txt (a matrix of parts and assemblies)."""

from __future__ import annotations

import re

from products.importing.formats.document import Parts
from products.importing.formats.json_document import Json, listed, text
from products.importing.identity import NUMBER_LONGEST, NUMBER_SHORTEST, derived_number
from products.importing.rows import SkipReason
from products.importing.table import Table

_MAPS = ("assemblies", "vitamins", "printed", "routed")
# "  | 2|  |  4 Nut": a cell for each assembly, the total, the name
_LINE = re.compile(r"[ 0-9]*\|[ 0-9|]*\s([0-9]+) (\S.*)")
_TOTAL_ONLY = re.compile(r"\s+([0-9]+) (\S.*)")
_SECTION = re.compile(r"([A-Z][A-Za-z ]*):\s*")


def recognises(document: Json) -> bool:
    """True for a list of assemblies, each with its maps of parts."""
    entries = listed(document)
    return bool(entries) and all("name" in entry and "vitamins" in entry for entry in entries)


def read(document: Json) -> Table:
    """Return one row for each part of an assembly, and one for each assembly that no other has as its part."""
    parts = Parts("nopscadlib")
    assemblies = listed(document)
    inside = {name for entry in assemblies for name in _map(entry, "assemblies")}
    for entry in assemblies:
        name = text(entry["name"])
        if name not in inside:
            parts.add({"part_number": number_of(name), "name": name, "quantity": "1", "parent": ""}, place=name)
        for kind in _MAPS:
            for key, value in _map(entry, kind).items():
                # a vitamin is called "constructor: name"
                part = key.rpartition(": ")[2] if kind == "vitamins" else key
                fields = {"parent": number_of(name), "part_number": number_of(part), "name": part}
                parts.add({**fields, "quantity": _count(value)}, {"kind of part": kind}, place=name)
    return parts.table()


def _map(entry: dict[str, Json], kind: str) -> dict[str, Json]:
    found = entry.get(kind)
    return found if isinstance(found, dict) else {}


def _count(value: Json) -> str:
    return text(value.get("count")) if isinstance(value, dict) else text(value)


def number_of(name: str) -> str:
    """Return the number of a part that only has a name: a file's or an assembly's name itself, else one made from it."""
    identifier = re.fullmatch(r"[\w.-]+", name)
    if identifier and NUMBER_SHORTEST <= len(name) <= NUMBER_LONGEST and ("_" in name or "." in name):
        return name
    return derived_number({"name": name}) or ""


def is_matrix(lines: list[str]) -> bool:
    """True for the text matrix: a section and, below it, rows of cells between bars that end in total and name."""
    found = [line for line in lines[:200] if _LINE.fullmatch(line)]
    return len(found) >= 2 and any(_SECTION.fullmatch(line) for line in lines[:5])


def read_matrix(lines: list[str], encoding: str) -> Table:
    """Return one row for each part with its total. The section of the assemblies repeats what they are made of."""
    parts = Parts("nopscadlib_matrix")
    section = ""
    for number, line in enumerate(lines, start=1):
        if match := _SECTION.fullmatch(line):
            section = match[1]
            parts.note(SkipReason.SECTION.value, line=number)
        elif match := _LINE.fullmatch(line):
            name = match[2].strip()
            fields = {"part_number": number_of(name), "name": name, "quantity": match[1]}
            parts.add(fields, {"kind of part": section}, line=number)
        elif _TOTAL_ONLY.fullmatch(line):
            parts.note(SkipReason.TOTAL.value, line=number)
    return parts.table(encoding=encoding)
