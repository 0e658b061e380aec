"""What a dialect is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar

from django.utils.functional import Promise

from products.importing.draft import Draft
from products.importing.drafts import DraftReader
from products.importing.header import MappedTable
from products.importing.rows import ParentFacts, ParsedRow, RowError, SkippedRow, SkipReason


@dataclass(slots=True)
class Reading:
    """What a dialect makes of the rows below the headings. It only grows; the file's order is restored at the end."""

    rows_read: int = 0
    rows: list[ParsedRow] = field(default_factory=list)
    skipped: list[SkippedRow] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    warnings: list[RowError] = field(default_factory=list)
    parent: ParentFacts | None = None
    rows_define_products: bool = True

    def skip(self, row: int, reason: SkipReason, *, references: tuple[str, ...] = ()) -> None:
        """Note a row that makes no line, with the designators it lists."""
        self.skipped.append(SkippedRow(row=row, reason=reason.value, references=references))

    def take(
        self, draft: Draft, repeats: dict[int, SkippedRow], *, level: int | None, parent_number: str | None
    ) -> None:
        """Put a part row where it belongs: among the errors, the repeats, the parts not fitted, or the lines."""
        if draft.errors:
            self.errors.extend(draft.errors)
            return
        self.warnings.extend(draft.warnings)
        if draft.row in repeats:
            self.skipped.append(repeats[draft.row])
        elif draft.not_fitted:
            self.skipped.append(_not_fitted(draft, parent_number))
        else:
            self.rows.append(draft.parsed(level=level, parent_number=parent_number))


def _not_fitted(draft: Draft, parent_number: str | None) -> SkippedRow:
    return SkippedRow(
        row=draft.row,
        reason=SkipReason.NOT_FITTED.value,
        parent_number=parent_number,
        number=draft.number,
        quantity=draft.quantity,
        references=draft.references,
    )


class Dialect(ABC):
    """One way of laying out a bill of materials. Instances live for one file.

    ``needs`` are the fields without which the dialect cannot read at all.
    """

    name: ClassVar[str]
    title: ClassVar[str | Promise]
    needs: ClassVar[tuple[str, ...]] = ()

    @classmethod
    @abstractmethod
    def detects(cls, mapped: MappedTable) -> float:
        """How well the dialect fits: 0 not at all, 1 for certain. The highest wins."""

    @abstractmethod
    def read(self, mapped: MappedTable, reader: DraftReader, parent_number: str) -> Reading:
        """Read all rows below the headings. Never raises for what stands in a row: that is an error of the row."""
