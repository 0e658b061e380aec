"""The parts of a document, collected as rows of a table."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from products.importing.problems import SourceProblem
from products.importing.table import MAX_CELL, MAX_COLUMNS, MAX_ROWS, SourceRow, Table


class Parts:
    """Takes one part after the other, by field or by the document's own word, and makes a table of them."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.columns: dict[str, int] = {}
        self.rows: list[SourceRow] = []
        self.notes: list[tuple[int, str]] = []
        self._line = 0

    def add(
        self,
        fields: Mapping[str, str],
        others: Mapping[str, str] | None = None,
        *,
        place: str = "",
        line: int | None = None,
    ) -> None:
        """Take a part: ``fields`` by the names of columns.SYNONYMS, ``others`` by any heading.

        Parts are numbered as they come unless they stand on a ``line`` of their own.
        """
        self._line = self._line + 1 if line is None else line
        if len(self.rows) >= MAX_ROWS:
            message = _("The file has more than %(limit)d rows.") % {"limit": MAX_ROWS}
            raise SourceProblem("too_large", message, row=self._line)
        cells: dict[int, str] = {}
        for name, text in (*fields.items(), *((f" {key}", text) for key, text in (others or {}).items())):
            if name not in self.columns and len(self.columns) >= MAX_COLUMNS:
                continue
            at = self.columns.setdefault(name, len(self.columns))
            cells[at] = text
            if len(text) > MAX_CELL:
                message = _("A cell has more than %(limit)d characters.") % {"limit": MAX_CELL}
                raise SourceProblem("too_long", message, row=self._line, column=name)
        self.rows.append(SourceRow(self._line, tuple(cells.get(at, "") for at in range(len(self.columns))), place))

    def note(self, reason: str, *, line: int | None = None) -> None:
        """Note something that is no part, with the value of the SkipReason."""
        self._line = self._line + 1 if line is None else line
        self.notes.append((self._line, reason))

    def table(self, *, encoding: str | None = "utf-8", subject: Mapping[str, str] | None = None) -> Table:
        """Return the table: fields known, no heading row. Raises SourceProblem empty_file without a part."""
        if not self.rows:
            raise SourceProblem("empty_file", _("The file lists no parts."))
        return Table(
            rows=tuple(self.rows),
            encoding=encoding,
            dialect=self.dialect,
            fields=tuple(self.columns),
            subject=subject or {},
            notes=tuple(self.notes),
        )


def at_line(line: int) -> str:
    """Say where in an XML document a part stands."""
    return _("line %(line)d") % {"line": line}
