"""Which lines of a structure each of several configurations takes: a picture of the product's variety."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from products.conditions import condition_holds
from products.models import Configuration
from products.selectors.configuration_check import CheckedLine, ConfigurationCheck


@dataclass(frozen=True)
class MatrixRow:
    """A line with a condition, and whether each configuration takes it."""

    line: CheckedLine
    taken: tuple[bool, ...]


@dataclass(frozen=True)
class Matrix:
    """``configurations`` are the columns; ``left_out`` lines are not shown."""

    configurations: tuple[Configuration, ...]
    rows: tuple[MatrixRow, ...]
    left_out: int


def configuration_matrix(check: ConfigurationCheck, configurations: Sequence[Configuration], *, most: int) -> Matrix:
    """Return the first ``most`` conditioned lines of a checked structure, parents before what they contain, for each of
    ``configurations``. O(lines × configurations).
    """
    lines = check.conditioned_lines
    taken = [_taken(check, configuration.choices) for configuration in configurations]
    rows = tuple(MatrixRow(check.line(line), tuple(line in found for found in taken)) for line in lines[:most])
    return Matrix(tuple(configurations), rows, max(len(lines) - most, 0))


def _taken(check: ConfigurationCheck, choices: Iterable[str]) -> set[int]:
    """Return the lines that a configuration takes."""
    columns, chosen = check.columns, frozenset(choices)
    holds = {text: condition_holds(text, chosen) for text in set(columns.condition)}
    reached = {columns.root}
    found: set[int] = set()
    for at in columns.order:
        if at not in reached:
            continue
        for line in columns.below(at):
            if holds[columns.condition[line]]:
                found.add(line)
                reached.add(columns.child[line])
    return found
