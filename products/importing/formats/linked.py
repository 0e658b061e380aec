"""Linked files: one single-level list of parts for each assembly, where a part's number leads to the next list.

The rules, as GitPLM has them:

- A list belongs to the part whose number is the file's name. A number in three groups (``PCA-019-0000``: kind, number,
  variation) without a list of that name takes the list of the number without its variation (``PCA-019``).
- ``NAME.yml`` beside ``NAME.csv`` removes and adds lines. ``NAME-all.csv`` repeats all below NAME as totals.
- A table with part numbers and no quantities describes parts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from products.importing import csv_source
from products.importing.formats.document import Parts
from products.importing.formats.list_edits import ListEdits, read_edits
from products.importing.header import MappedTable, map_table
from products.importing.problems import SourceProblem
from products.importing.table import SourceRow, Table

_GROUPS = re.compile(r"([A-Za-z]{2,5}-[0-9]{2,4})-[0-9A-Za-z]{4}")
_TOTALS = "-all"
_LIST_TYPES = (".csv", ".tsv", ".txt")
_EDIT_TYPES = (".yml", ".yaml")
_OWN = ("part_number", "name", "description", "quantity", "unit", "find_number", "reference", "manufacturer", "mpn",
        "supplier", "supplier_part_number", "value", "footprint", "datasheet", "unit_cost", "mass", "mass_unit",
        "note")  # fmt: skip
_OF_THE_PART = ("name", "description", "manufacturer", "mpn", "value", "footprint", "datasheet")


@dataclass(slots=True)
class PartList:
    """One file: the lines of one assembly, or (without quantities) descriptions of parts."""

    name: str
    path: str
    mapped: MappedTable
    edits: ListEdits | None = None

    def text(self, row: SourceRow, name: str) -> str:
        return self.mapped.text(row, name)


@dataclass(slots=True)
class Folder:
    """The lists by name, and the first description of each part."""

    lists: dict[str, PartList] = field(default_factory=dict)
    descriptions: dict[str, dict[str, str]] = field(default_factory=dict)

    def list_of(self, number: str) -> PartList | None:
        """Return the list of a part: the one of its name, else that of its number without the variation."""
        match = _GROUPS.fullmatch(number)
        return self.lists.get(number) or (self.lists.get(match[1]) if match else None)


def read(files: Mapping[str, bytes], parent_number: str) -> Table:
    """Return the lists as one table of parents and children, beginning at the list of ``parent_number``.

    Without a list of that name it begins at the one list that no other leads to. Raises SourceProblem.
    """
    folder = _folder(files)
    if not folder.lists:
        message = _("The archive holds no list of parts with numbers and quantities (CSV), and is no spreadsheet.")
        raise SourceProblem("unsupported_file", message)
    root = folder.list_of(parent_number) or _root(folder)
    parts = Parts("linked_files")
    waiting, done = [(root, "")], {parent_number, root.name}
    for part_list, parent in waiting:
        for number in _add_lines(parts, part_list, parent, folder):
            below = folder.list_of(number)
            if below is not None and number not in done:
                done.add(number)
                waiting.append((below, number))
    return parts.table(encoding=root.mapped.table.encoding)


def _folder(files: Mapping[str, bytes]) -> Folder:
    folder = Folder()
    for path in sorted(files, key=lambda path: (path.count("/"), path)):
        pure = PurePosixPath(path)
        if pure.suffix.casefold() not in _LIST_TYPES or not files[path].strip():
            continue
        mapped = _mapped(files[path], path)
        if mapped is None or not mapped.has("part_number"):
            continue
        if mapped.has("quantity"):
            folder.lists.setdefault(pure.stem, PartList(pure.stem, path, mapped, _edits(files, pure)))
        else:
            for row in mapped.below:
                _describe(folder, mapped, row)
    for name in [name for name in folder.lists if name.endswith(_TOTALS)]:
        if folder.list_of(name.removesuffix(_TOTALS)) is not None:
            del folder.lists[name]
    return folder


def _mapped(content: bytes, path: str) -> MappedTable | None:
    try:
        table = csv_source.read(content)
    except SourceProblem as problem:
        raise SourceProblem(problem.code, f"{path}: {problem.message}", row=problem.row) from None
    try:
        return map_table(table, {})
    except SourceProblem:  # a text file without headings is no list; the archive may hold any
        return None


def _edits(files: Mapping[str, bytes], path: PurePosixPath) -> ListEdits | None:
    for suffix in _EDIT_TYPES:
        beside = str(path.with_suffix(suffix))
        if beside in files:
            return read_edits(files[beside], beside)
    return None


def _describe(folder: Folder, mapped: MappedTable, row: SourceRow) -> None:
    # A row with cells missing in the middle would put the maker into another column; only whole rows are believed.
    number = mapped.text(row, "part_number")
    if not number:
        return
    whole = len(row.cells) >= len(mapped.headings) - 1
    fields = _OF_THE_PART if whole else ("name", "description")
    known = folder.descriptions.setdefault(number, {})
    for name in fields:
        if text := mapped.text(row, name):
            known.setdefault(name, text)


def _root(folder: Folder) -> PartList:
    led_to = set()
    for part_list in folder.lists.values():
        for row in part_list.mapped.below:
            below = folder.list_of(part_list.text(row, "part_number"))
            if below is not None:
                led_to |= {below.path, *_siblings(folder, below)}
    roots = [entry for entry in folder.lists.values() if entry.path not in led_to]
    distinct = {_base(entry.name) for entry in roots}
    if len(distinct) != 1:
        names = ", ".join(sorted(distinct)) or _("none")
        message = _("The files do not say which list is the top one (%(names)s). Name its number as the parent.")
        raise SourceProblem("parent_not_in_file", message % {"names": names})
    return min(roots, key=lambda entry: len(entry.name))


def _siblings(folder: Folder, one: PartList) -> set[str]:
    return {entry.path for entry in folder.lists.values() if _base(entry.name) == _base(one.name)}


def _base(name: str) -> str:
    match = _GROUPS.fullmatch(name)
    return match[1] if match else name


def _add_lines(parts: Parts, part_list: PartList, parent: str, folder: Folder) -> list[str]:
    """Add a list's lines, edited; return the part numbers in it."""
    numbers = []
    mapped = part_list.mapped
    for row in mapped.below:
        fields = {name: text for name in _OWN if (text := part_list.text(row, name))}
        others = mapped.others(row)
        if part_list.edits is not None and not part_list.edits.keep(fields, others):
            continue
        _add(parts, fields, others, parent, folder, f"{part_list.path}, {_('line %(line)d') % {'line': row.line}}")
        numbers.append(fields.get("part_number", ""))
    for added in part_list.edits.added if part_list.edits is not None else ():
        _add(parts, dict(added), {}, parent, folder, part_list.edits.path if part_list.edits else "")
        numbers.append(added.get("part_number", ""))
    return [number for number in numbers if number]


def _add(
    parts: Parts, fields: dict[str, str], others: Mapping[str, str], parent: str, folder: Folder, place: str
) -> None:
    for name, text in folder.descriptions.get(fields.get("part_number", ""), {}).items():
        fields.setdefault(name, text)
    parts.add({"parent": parent, "name": "", **fields}, others, place=place)
