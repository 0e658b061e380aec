"""Answers about options and configurations for commands and API alike: one shape, one set of names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from products.configuring.choosing import Choosing
from products.configuring.counting import configurations_count
from products.configuring.problem import Broken, Problem
from products.selectors.configuration_check import CheckedLine, CheckFinding, ConfigurationCheck


def check_answer(check: ConfigurationCheck) -> dict[str, Any]:
    """Return a check. ``configurations`` is a whole number as text, for it may have hundreds of digits; None: unknown."""
    return {
        "product_number": check.product.product_number,
        "revision": check.revision,
        "as_of": check.resolution.as_of,
        "mode": check.resolution.mode.value,
        "options": len(check.problem.options),
        "rules": len(check.problem.rules),
        "lines": check.lines,
        "conditioned_lines": check.conditioned,
        "configurations": None if check.count is None else str(check.count),
        "clean": not check.findings,
        "findings": [finding_row(entry) for entry in check.findings],
    }


def finding_row(entry: CheckFinding) -> dict[str, Any]:
    """Return one finding with its proof."""
    finding = entry.finding
    return {
        "kind": finding.kind.value,
        "message": str(finding.kind.label),
        "choice": finding.choice,
        "lines": [line_row(line) for line in entry.lines],
        "example": list(finding.example),
        "broken": broken_rows(finding.broken),
        "because": list(finding.because),
    }


def line_row(line: CheckedLine) -> dict[str, Any]:
    """Return one line that a finding names."""
    return {
        "line_id": line.line_id,
        "parent_number": line.parent_number,
        "parent_revision": line.parent_revision,
        "find_number": line.find_number,
        "product_number": line.product_number,
        "condition": line.condition,
    }


def broken_rows(broken: Iterable[Broken]) -> list[dict[str, Any]]:
    """Return what choices break."""
    return [
        {"message": entry.text, "rule_id": entry.rule.key if entry.rule else None, "family": entry.family}
        for entry in broken
    ]


def choosing_answer(problem: Problem, choosing: Choosing) -> dict[str, Any]:
    """Return what a choice breaks and leaves open, with the number of configurations that hold it."""
    count = configurations_count(problem, choosing.chosen)
    return {
        "chosen": list(choosing.chosen),
        "valid": choosing.is_valid,
        "broken": broken_rows(choosing.broken),
        "can_be_completed": choosing.can_be_completed,
        "conflict": list(choosing.conflict),
        "forced": choosing.forced,
        "configurations": None if count is None else str(count),
        "options": [
            {
                "family": entry.option.family,
                "name": entry.option.name,
                "is_required": entry.option.is_required,
                "may_be_none": entry.may_be_none,
                "default": entry.option.default,
                "choices": [
                    {
                        "choice": state.choice.word,
                        "name": state.choice.name,
                        "is_chosen": state.is_chosen,
                        "is_possible": state.is_possible,
                        "is_forced": state.is_forced,
                        "because": list(state.because),
                    }
                    for state in entry.choices
                ],
            }
            for entry in choosing.options
        ],
    }
