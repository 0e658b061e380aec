"""Structure answers in the words of INTERFACES.md, for commands and API alike."""

from __future__ import annotations

from typing import Any

from products.selectors.baseline_structure import FrozenStructure
from products.selectors.explosion import Explosion, IndentedLine, explosion_flat
from products.selectors.graph import ROOT, Structure
from products.selectors.questions import question_facts
from products.selectors.where_used import WhereUsed


def explosion_answer(structure: Structure, *, depth: int | None = None, flat: bool = False) -> dict[str, Any]:
    """Return the whole explosion."""
    explosion = Explosion(structure, depth=depth)
    lines = flat_lines(structure) if flat else [indented_line(line) for line in explosion]
    return {**explosion_head(explosion), "lines": lines}


def explosion_head(explosion: Explosion) -> dict[str, Any]:
    """Return all but the lines. ``rows`` counts indented lines, ``distinct_products`` and ``depth`` what is below."""
    structure, extent = explosion.structure, explosion.extent()
    return {
        "root": structure.number(ROOT),
        "revision": structure.label(ROOT),
        "as_of": structure.resolution.as_of,
        "mode": structure.resolution.mode.value,
        **question_facts(structure.resolution),
        **({"baseline": structure.baseline.name} if isinstance(structure, FrozenStructure) else {}),
        "rows": extent.rows,
        "distinct_products": extent.distinct_products,
        "depth": extent.depth,
        **_unresolved(structure),
    }


def indented_line(line: IndentedLine) -> dict[str, Any]:
    """Return one indented line."""
    return {
        "level": line.level,
        "path": list(line.path),
        "product_number": line.product_number,
        "product_name": line.product_name,
        "revision": line.revision,
        "quantity": line.quantity,
        "total_quantity": line.total_quantity,
        "unit_of_measure": line.unit_of_measure,
        "find_number": line.find_number,
        "reference_designators": list(line.reference_designators),
        "line_type": line.limits.line_type,
        "is_optional": line.limits.is_optional,
        "condition": line.limits.condition,
        "reason": line.reason.text,
        "rule": line.reason.rule.value,
        "line_reason": line.line_reason.text,
        "line_rule": line.line_reason.rule.value,
    }


def flat_lines(structure: Structure) -> list[dict[str, Any]]:
    """Return the flat lines."""
    return [
        {
            "product_number": line.product_number,
            "product_name": line.product_name,
            "total_quantity": line.total_quantity,
            "unit_of_measure": line.unit_of_measure,
            "is_leaf": line.is_leaf,
        }
        for line in explosion_flat(structure)
    ]


def _unresolved(structure: Structure) -> dict[str, Any]:
    """In released mode, name the products that nothing released and effective was found for."""
    if structure.resolution.mode != "released":
        return {}
    return {
        "unresolved": sorted(structure.number(at) for at in range(len(structure)) if not structure.reason(at).resolved)
    }


def where_used_answer(used: WhereUsed) -> dict[str, Any]:
    """Return where a product is used."""
    return {
        "product": used.product_number,
        "direct": used.direct,
        "ancestors": used.ancestors,
        "roots": used.roots,
        "lines": [
            {
                "level": line.level,
                "product_number": line.product_number,
                "product_name": line.product_name,
                "revision": line.revision,
                "quantity": line.quantity,
                "total_quantity": line.total_quantity,
            }
            for line in used.lines
        ],
    }
