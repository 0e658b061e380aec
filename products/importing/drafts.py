"""One row of the file → a draft of a line, with everything that is wrong in the row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from plm_project.core.decimals import plain
from products.importing.alternates import Alternate, listed_alternates, split_entries
from products.importing.dates import read_date
from products.importing.designators import is_remark, split_designators
from products.importing.draft import Draft
from products.importing.fitting import is_pseudo_part, not_fitted, says_not_fitted, says_not_populated
from products.importing.header import MappedTable
from products.importing.identity import NUMBER_LONGEST, NUMBER_SHORTEST, derived_number
from products.importing.line_use import USE_COLUMNS, UseRefused, read_line_use
from products.importing.masses import mass_per_unit
from products.importing.numbers import NotANumberError, decimal_mark, is_empty, read_decimal
from products.importing.table import SourceRow

NAME_SHORTEST, NAME_LONGEST, DESCRIPTION_LONGEST = 3, 200, 2000
# What a line has room for.
_QUANTITY_WHOLE_DIGITS, _QUANTITY_DECIMALS = 9, 6
_FIND_NUMBER_DIGITS = 9
_DESIGNATORS_LONGEST, _DESIGNATORS_MOST, _NOTE_LONGEST = 50, 5_000, 2_000
_ALTERNATES_LONGEST = 20_000
_MOST_DESIGNATORS = 500_000  # in one file
# Fields that a ParsedRow has a place for; every other field becomes an attribute.
_PLACED = frozenset({"level", "parent", "part_number", "name", "description", "quantity", "unit", "find_number",
                     "reference", "revision", "effective_from", "effective_to", "dnp", "fitted", "fitting", "note",
                     "outline", "alternates", "not_fitted", "mpn", "manufacturer", *USE_COLUMNS.values()})  # fmt: skip
_FITTING = ("dnp", "fitted", "fitting", "note", "not_fitted")
_DECIMAL_FIELDS = ("quantity", "unit_cost", "mass")

KnownUnit = Callable[[str], str | None]


class DraftReader:
    """Reads the rows of one table into drafts. Each column's decimal mark is found once, over all its cells."""

    def __init__(self, mapped: MappedTable, known_unit: KnownUnit) -> None:
        self.mapped = mapped
        self.known_unit = known_unit
        self.designators = 0
        self.speaks_of_fitting = any(mapped.has(name) for name in _FITTING)
        self.marks = {
            name: decimal_mark((mapped.text(row, name) for row in mapped.below), mapped.table.delimiter)
            for name in _DECIMAL_FIELDS
            if mapped.has(name)
        }

    def read(self, source: SourceRow) -> Draft:
        """The draft of one part row."""
        draft = Draft(source=source)
        self._read_attributes(draft)
        self._read_makers(draft)
        self._read_number(draft)
        self._read_name(draft)
        self._read_line(draft)
        self._read_quantity(draft)
        self._read_fitting(draft)
        self._read_unit(draft)
        self._read_money_and_mass(draft)
        self._read_dates(draft)
        return draft

    def _text(self, draft: Draft, name: str) -> str:
        return self.mapped.text(draft.source, name)

    def _refuse(self, draft: Draft, name: str, code: str, message: str) -> None:
        draft.refuse(self.mapped.column(name), code, message, field=name)

    def _read_attributes(self, draft: Draft) -> None:
        for name in self.mapped.fields:
            if name not in _PLACED and (text := self._text(draft, name)):
                draft.attributes[name] = text
        for heading, text in self.mapped.others(draft.source).items():
            if not is_empty(text):
                draft.attributes.setdefault(heading, text)

    def _read_makers(self, draft: Draft) -> None:
        """The first entry is the part's own maker and number, the others are alternates, and so are column pairs."""
        maker, number = self._text(draft, "manufacturer"), self._text(draft, "mpn")
        entries, paired = split_entries(maker, number) if number else ([], True)
        if not paired:
            message = _("There are not as many manufacturers as part numbers; they were paired from the first on.")
            draft.warn(self.mapped.column("manufacturer"), "alternates_not_paired", message)
        if entries:
            maker, number = entries[0].manufacturer, entries[0].part_number
        draft.attributes.update({name: text for name, text in (("manufacturer", maker), ("mpn", number)) if text})
        draft.alternates = entries[1:]
        for maker_index, number_index in self.mapped.alternates:
            other = self._cell(draft, number_index)
            if not is_empty(other):
                draft.alternates.append(Alternate(self._cell(draft, maker_index), other))
        draft.alternates.extend(listed_alternates(self._text(draft, "alternates")))
        self._limit_alternates(draft)

    def add_alternate(self, draft: Draft, source: SourceRow) -> None:
        """A row below a part that only has a maker and a number is an alternate of it."""
        entries, _paired = split_entries(
            self.mapped.text(source, "manufacturer"),
            self.mapped.text(source, "mpn") or self.mapped.text(source, "part_number"),
        )
        draft.alternates.extend(entries)
        self._limit_alternates(draft)

    def _limit_alternates(self, draft: Draft) -> None:
        if sum(len(entry.manufacturer) + len(entry.part_number) for entry in draft.alternates) > _ALTERNATES_LONGEST:
            message = _("The alternates of one part have more than %(limit)d characters.")
            self._refuse(draft, "mpn", "too_long", message % {"limit": _ALTERNATES_LONGEST})

    @staticmethod
    def _cell(draft: Draft, index: int | None) -> str:
        cells = draft.source.cells
        return " ".join(cells[index].split()) if index is not None and index < len(cells) else ""

    def _read_number(self, draft: Draft) -> None:
        fields = ("part_number", "mpn", "supplier_part_number")
        name = next((name for name in fields if self._text(draft, name)), None)
        if name is not None:
            text = str(draft.attributes["mpn"]) if name == "mpn" else self._text(draft, name)
            draft.number = " ".join(text.split())
            self._lengthen(draft, name)
        else:
            texts = {each: self._text(draft, each) for each in self.mapped.fields}
            draft.number = derived_number(texts) or ""
            draft.derived = bool(draft.number)
        column = name or next((each for each in fields if self.mapped.has(each)), "part_number")
        if draft.derived:
            draft.attributes["number_derived"] = True
        elif not draft.number:
            self._refuse(draft, column, "missing_value", _("Nothing in this row says which part it is."))
        elif len(draft.number) > NUMBER_LONGEST:
            message = _("The part number has more than %(limit)d characters.") % {"limit": NUMBER_LONGEST}
            self._refuse(draft, column, "too_long", message)

    def _lengthen(self, draft: Draft, name: str) -> None:
        """A part number too short for a product ("0") gets the digest that a derived number has, and is reported."""
        if not 0 < len(draft.number) < NUMBER_SHORTEST:
            return
        short = draft.number
        draft.number = derived_number({"name": short}) or ""
        draft.attributes[name] = short
        message = _("“%(short)s” is too short for a product number; the product gets %(number)s.")
        values = {"short": short, "number": draft.number}
        draft.warn(self.mapped.column(name), "number_too_short", message % values)

    def _read_name(self, draft: Draft) -> None:
        description = self._text(draft, "description")
        value = self._text(draft, "value")
        candidates = (
            self._text(draft, "name"),
            value,
            description.splitlines()[0] if description else "",
            draft.number,
        )
        name = next((" ".join(text.split()) for text in candidates if text), "")
        for more in (description, value, draft.number):
            if len(name) < NAME_SHORTEST and more and more != name:
                name = f"{name} {' '.join(more.split())}"
        draft.name, draft.description = name[:NAME_LONGEST].rstrip(), description
        if len(name) > NAME_LONGEST:
            draft.description = f"{name}\n{description}" if description else name
        if len(draft.description) > DESCRIPTION_LONGEST:
            column = "description" if self.mapped.has("description") else "name"
            message = _("The description has more than %(limit)d characters.") % {"limit": DESCRIPTION_LONGEST}
            self._refuse(draft, column, "too_long", message)

    def _read_line(self, draft: Draft) -> None:
        self._read_references(draft)
        draft.revision = self._text(draft, "revision")
        draft.outline = self._text(draft, "outline")
        note = self._text(draft, "note")
        draft.note = f"{draft.note}\n{note}" if draft.note and note else draft.note or note
        if len(draft.note) > _NOTE_LONGEST:
            message = _("The note has more than %(limit)d characters.") % {"limit": _NOTE_LONGEST}
            self._refuse(draft, "note", "too_long", message)
        self._read_use(draft)
        find = self._text(draft, "find_number")
        if find.isascii() and find.isdigit() and len(find) <= _FIND_NUMBER_DIGITS and int(find) > 0:
            draft.find_number = int(find)
        elif find:
            draft.attributes["find_number"] = find

    def _read_use(self, draft: Draft) -> None:
        cells = {column: self._text(draft, column) for column in USE_COLUMNS.values() if self.mapped.has(column)}
        try:
            draft.use = read_line_use(cells)
        except UseRefused as refusal:
            self._refuse(draft, refusal.column, refusal.code, refusal.message)

    def _read_references(self, draft: Draft) -> None:
        if self.designators > _MOST_DESIGNATORS:
            message = _("The file has more than %(limit)d reference designators.") % {"limit": _MOST_DESIGNATORS}
            self._refuse(draft, "reference", "too_long", message)
            return
        text = self._text(draft, "reference")
        if is_remark(text):
            draft.note = text  # "do not need solder, will insert after assembly": words where designators belong
            return
        draft.references = split_designators(text)
        self.designators += len(draft.references)
        longest = max(map(len, draft.references), default=0)
        if longest > _DESIGNATORS_LONGEST or len(draft.references) > _DESIGNATORS_MOST:
            message = _("At most %(most)d designators of at most %(longest)d characters fit into one line.")
            limits = {"most": _DESIGNATORS_MOST, "longest": _DESIGNATORS_LONGEST}
            self._refuse(draft, "reference", "too_long", message % limits)

    def _read_quantity(self, draft: Draft) -> None:
        if not self.mapped.has("quantity"):
            draft.quantity = Decimal(len(draft.references) or 1)
            return
        text = self._text(draft, "quantity")
        if not text:
            self._refuse(draft, "quantity", "missing_value", _("The quantity is missing."))
            return
        try:
            quantity = read_decimal(text, self.marks["quantity"])
        except NotANumberError:
            message = _("“%(text)s” is not a number.") % {"text": text[:40]}
            self._refuse(draft, "quantity", "not_a_number", message)
            return
        if quantity < 0:
            self._refuse(draft, "quantity", "negative_qty", _("The quantity is below zero."))
        elif quantity == 0:
            self._refuse(draft, "quantity", "zero_qty", _("The quantity is zero."))
        elif not _fits(quantity):
            message = _("A quantity has at most %(whole)d digits before the decimal mark and %(decimals)d after it.")
            digits = {"whole": _QUANTITY_WHOLE_DIGITS, "decimals": _QUANTITY_DECIMALS}
            self._refuse(draft, "quantity", "too_long", message % digits)
        else:
            draft.quantity = quantity

    def _read_fitting(self, draft: Draft) -> None:
        """What is fitted is the line. Whole rows not fitted make none; single designators come off the quantity."""
        if not self.speaks_of_fitting:
            draft.not_fitted = is_pseudo_part(draft.name)
            return
        whole = says_not_fitted(self._text(draft, "dnp")) or says_not_populated(self._text(draft, "fitted"))
        listed: tuple[str, ...] = ()
        for name in ("fitting", "note", "dnp"):
            all_of_it, some = not_fitted(self._text(draft, name))
            whole, listed = (whole and not (some and name == "dnp")) or all_of_it, listed + some
        gone = tuple(reference for reference in draft.references if reference in set(listed))
        unknown = [reference for reference in listed if reference not in draft.references]
        if unknown:
            message = _("Not fitted, but not among the row's designators: %(names)s.")
            names = ", ".join(unknown)[:200]
            draft.warn(self.mapped.column("fitting"), "not_fitted_unknown", message % {"names": names})
        if whole or is_pseudo_part(draft.name) or (gone and len(gone) == len(draft.references)):
            draft.not_fitted = True
        elif gone:
            self._take_off(draft, gone)
        kept_beside = split_designators(self._text(draft, "not_fitted"))
        draft.unfitted += tuple(name for name in kept_beside if name not in draft.unfitted)

    def _take_off(self, draft: Draft, gone: tuple[str, ...]) -> None:
        counted = draft.quantity == len(draft.references)
        draft.references = tuple(reference for reference in draft.references if reference not in set(gone))
        draft.unfitted = gone
        if counted:
            draft.quantity = Decimal(len(draft.references))
        else:
            message = _("The quantity is not the number of designators; it was not reduced by what is not fitted.")
            draft.warn(self.mapped.column("quantity"), "not_fitted_not_counted", message)

    def _read_unit(self, draft: Draft) -> None:
        draft.unit_text = self._text(draft, "unit")
        if not draft.unit_text:
            return
        code = self.known_unit(draft.unit_text)
        if code is None:
            message = _("The unit “%(text)s” is not known.") % {"text": draft.unit_text[:40]}
            self._refuse(draft, "unit", "unknown_uom", message)
        draft.unit = code or ""

    def _read_money_and_mass(self, draft: Draft) -> None:
        draft.unit_cost = self._optional_decimal(draft, "unit_cost")
        mass = self._optional_decimal(draft, "mass")
        if mass is not None:
            written = self._text(draft, "mass_unit") or self.mapped.column("mass")
            draft.mass_kg = mass_per_unit(mass, written, draft.unit, self.known_unit)

    def _optional_decimal(self, draft: Draft, name: str) -> Decimal | None:
        text = self._text(draft, name)
        if not text:
            return None
        try:
            number = read_decimal(text, self.marks[name])
        except NotANumberError:
            message = _("“%(text)s” is not a number.") % {"text": text[:40]}
            self._refuse(draft, name, "not_a_number", message)
            return None
        if number < 0:
            self._refuse(draft, name, "negative_value", _("A cost or mass cannot be below zero."))
            return None
        return number

    def _read_dates(self, draft: Draft) -> None:
        draft.effective_from = self._date(draft, "effective_from")
        draft.effective_to = self._date(draft, "effective_to")
        if draft.effective_from and draft.effective_to and draft.effective_to <= draft.effective_from:
            self._refuse(draft, "effective_to", "bad_date", _("The end must be after the beginning."))

    def _date(self, draft: Draft, name: str) -> date | None:
        text = self._text(draft, name)
        if not text:
            return None
        try:
            return read_date(text)
        except ValueError:
            message = _("“%(text)s” is not a date that can be read for sure. Write it as 2026-12-31.")
            self._refuse(draft, name, "bad_date", message % {"text": text[:40]})
            return None


def _fits(quantity: Decimal) -> bool:
    whole, _point, decimals = plain(quantity).partition(".")
    return len(whole) <= _QUANTITY_WHOLE_DIGITS and len(decimals) <= _QUANTITY_DECIMALS
