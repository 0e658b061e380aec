"""The check of a product's options and rules against its whole structure, with the lines in words."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from products.configuring.checking import Conditioned, Finding, structure_check
from products.configuring.counting import configurations_count
from products.configuring.problem import Problem
from products.models import Product
from products.selectors.configurations import problem_of
from products.selectors.graph import ROOT, Structure, revision_resolve, structure_load
from products.selectors.resolution import Resolution
from products.selectors.stored import as_uuid


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
    revision: str
    findings: tuple[CheckFinding, ...]
    count: int | None
    lines: int
    conditioned: int


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
    structure = structure_load(product, asked, revision=revision_resolve(product, asked))
    limits = [structure.limits(line) for line in range(len(structure.child))]
    found = structure_check(
        problem,
        Conditioned(
            first=structure.first,
            child=structure.child,
            find_number=structure.lines.find_number,
            condition=[entry.condition for entry in limits],
            optional=[entry.is_optional for entry in limits],
            order=structure.parents_first(),
            root=ROOT,
        ),
    )
    parents = [at for at in range(len(structure)) for _line in structure.below(at)]
    findings = tuple(
        CheckFinding(finding, tuple(_line(structure, line, parents[line]) for line in finding.lines))
        for finding in found.findings
    )
    return ConfigurationCheck(
        product=product,
        problem=problem,
        resolution=asked,
        revision=structure.label(ROOT),
        findings=findings,
        count=configurations_count(problem),
        lines=len(structure.child),
        conditioned=sum(bool(entry.condition) for entry in limits),
    )


def _line(structure: Structure, line: int, parent: int) -> CheckedLine:
    child = structure.child[line]
    return CheckedLine(
        line_id=as_uuid(structure.lines.key[line]),
        parent_id=as_uuid(structure.products.key[parent]),
        parent_number=structure.number(parent),
        parent_revision=structure.label(parent),
        find_number=structure.lines.find_number[line],
        product_id=as_uuid(structure.products.key[child]),
        product_number=structure.number(child),
        product_name=structure.products.name[child],
        condition=structure.limits(line).condition,
    )
