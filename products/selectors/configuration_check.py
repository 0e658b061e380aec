"""The check of a product's options and rules against its whole structure, with the lines in words."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from products.configuring.checking import Conditioned, Finding, structure_check
from products.configuring.counting import configurations_count
from products.configuring.problem import Problem
from products.models import Product
from products.selectors.configurations import problem_of
from products.selectors.graph import ROOT, Structure, structure_load
from products.selectors.resolution import Resolution


@dataclass(frozen=True)
class CheckedLine:
    """A line that a finding names: where it stands and what it holds."""

    line_id: uuid.UUID
    parent_id: uuid.UUID
    parent_number: str
    parent_revision: str
    find_number: int
    product_id: uuid.UUID
    product_number: str
    product_name: str
    condition: str


@dataclass(frozen=True)
class CheckFinding:
    """A finding with its lines in words; see ``configuring.checking.Finding``."""

    finding: Finding
    lines: tuple[CheckedLine, ...]


@dataclass(frozen=True)
class ConfigurationCheck:
    """What was found. ``count`` is the number of valid configurations (None: too entangled to be counted); ``lines`` and
    ``conditioned`` how many lines were checked, and how many of them carry a condition.
    """

    product: Product
    problem: Problem
    resolution: Resolution
    findings: tuple[CheckFinding, ...]
    count: int | None
    structure: Structure
    columns: Conditioned
    parents: tuple[int, ...]

    @property
    def revision(self) -> str:
        """The label of the product's revision that was checked."""
        return self.structure.label(ROOT)

    @property
    def lines(self) -> int:
        """How many lines were checked."""
        return len(self.parents)

    @property
    def conditioned(self) -> int:
        """How many of them carry a condition."""
        return len(self.conditioned_lines)

    @property
    def conditioned_lines(self) -> list[int]:
        """The places of the lines with a condition, parents before what they contain."""
        return [line for at in self.columns.order for line in self.columns.below(at) if self.columns.condition[line]]

    def line(self, place: int) -> CheckedLine:
        """Return one line in words."""
        return _line(self.structure, place, self.parents[place])


def every_line(resolution: Resolution) -> Resolution:
    """Return the question that a check asks: all that options choose from, and optional lines too."""
    return Resolution.of(
        resolution.mode.value,
        resolution.as_of,
        serial=resolution.serial,
        end_item=resolution.end_item,
        choices=None,
        with_optional=True,
    )


def configuration_check(product: Product, resolution: Resolution | None = None) -> ConfigurationCheck:
    """Check what options and rules make of all lines below ``product`` by ``resolution`` (effective, today; its choices
    do not count). The number of queries does not grow with the lines. Raises StructureCycle.
    """
    asked = every_line(resolution or Resolution.of())
    problem = problem_of(product)
    structure = structure_load(product, asked)
    limits = [structure.limits(line) for line in range(len(structure.child))]
    columns = Conditioned(
        first=structure.first,
        child=structure.child,
        find_number=structure.lines.find_number,
        condition=[entry.condition for entry in limits],
        optional=[entry.is_optional for entry in limits],
        order=structure.parents_first(),
        root=ROOT,
    )
    parents = tuple(at for at in range(len(structure)) for _ in structure.below(at))
    findings = tuple(
        CheckFinding(finding, tuple(_line(structure, line, parents[line]) for line in finding.lines))
        for finding in structure_check(problem, columns).findings
    )
    return ConfigurationCheck(
        product, problem, asked, findings, configurations_count(problem), structure, columns, parents
    )


def _line(structure: Structure, line: int, parent: int) -> CheckedLine:
    child = structure.child[line]
    return CheckedLine(
        line_id=uuid.UUID(bytes=structure.lines.key[line]),
        parent_id=uuid.UUID(bytes=structure.products.key[parent]),
        parent_number=structure.number(parent),
        parent_revision=structure.label(parent),
        find_number=structure.lines.find_number[line],
        product_id=uuid.UUID(bytes=structure.products.key[child]),
        product_number=structure.number(child),
        product_name=structure.products.name[child],
        condition=structure.limits(line).condition,
    )
