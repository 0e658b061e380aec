"""What is wrong with a whole file: it cannot be read as a table at all."""

from __future__ import annotations


class SourceProblem(Exception):
    """The file as a whole is refused. ``row`` is the line in the file where it shows, 0 when it is the file itself."""

    def __init__(self, code: str, message: str, *, row: int = 0, column: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.row, self.column = code, message, row, column
