"""A draft: what a dialect works with. It knows the part and the line, but not yet where in the structure it hangs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from products.importing.alternates import Alternate
from products.importing.rows import ParentFacts, ParsedRow, RowError
from products.importing.table import SourceRow


@dataclass(slots=True)
class Draft:
    """A row being read. ``number`` is empty when the row does not say (an error stands in ``errors`` then)."""

    source: SourceRow
    number: str = ""
    derived: bool = False
    name: str = ""
    description: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    unit_text: str = ""
    find_number: int | None = None
    references: tuple[str, ...] = ()
    revision: str = ""
    effective_from: date | None = None
    effective_to: date | None = None
    unit_cost: Decimal | None = None
    mass_kg: Decimal | None = None
    note: str = ""
    not_fitted: bool = False
    unfitted: tuple[str, ...] = ()
    alternates: list[Alternate] = field(default_factory=list)
    outline: str = ""
    use: Mapping[str, Any] = field(default_factory=dict)
    attributes: dict[str, str | bool] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)
    warnings: list[RowError] = field(default_factory=list)

    @property
    def row(self) -> int:
        return self.source.line

    def refuse(self, column: str, code: str, message: str, *, field: str = "") -> None:
        """Note an error in this row; ``field`` is ours for the faulty cell."""
        place = self.source.place
        text = f"{place}: {message}" if place else message
        self.errors.append(RowError(row=self.row, column=column, code=code, message=text, field=field))

    def warn(self, column: str, code: str, message: str) -> None:
        """Note something a person should look at."""
        place = self.source.place
        text = f"{place}: {message}" if place else message
        self.warnings.append(RowError(row=self.row, column=column, code=code, message=text))

    def parsed(self, *, level: int | None, parent_number: str | None) -> ParsedRow:
        """The finished line. Only for a draft without errors."""
        if self.quantity is None or self.errors:
            raise ValueError(f"Row {self.row} is not complete.")
        return ParsedRow(
            row=self.row,
            level=level,
            parent_number=parent_number,
            number=self.number,
            name=self.name,
            description=self.description,
            quantity=self.quantity,
            unit=self.unit,
            unit_text=self.unit_text,
            find_number=self.find_number,
            references=self.references,
            revision=self.revision,
            effective_from=self.effective_from,
            effective_to=self.effective_to,
            unit_cost=self.unit_cost,
            mass_kg=self.mass_kg,
            note=self.note,
            attributes=self.attributes,
            raw=self.source.cells,
            alternates=tuple(self.alternates),
            not_fitted=self.unfitted,
            outline=self.outline,
            use=self.use,
        )

    def parent_facts(self) -> ParentFacts:
        """What the row says when it describes the parent of the whole file."""
        return ParentFacts(
            row=self.row,
            name=self.name,
            description=self.description,
            revision=self.revision,
            attributes=self.attributes,
        )
