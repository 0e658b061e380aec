"""CycloneDX 1.6 hardware bill of materials in JSON: components inside components, quantities as properties.

What the format has no place for stands in properties that begin with ``plm:``, named by the fields of our import.
Source: cyclonedx.org, specification 1.6 and the property taxonomy ``cdx:device``.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from plm_project.core import clock
from plm_project.core.decimals import plain
from products.exporting.tables import BomExport, Cell
from products.importing.designators import designators_written
from products.importing.formats.cyclonedx import OURS, QUANTITY
from products.selectors.explosion import FlatLine, IndentedLine

SPEC_VERSION = "1.6"


def write_cyclonedx(export: BomExport) -> Iterator[bytes]:
    """Yield the file."""
    document: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC_VERSION,
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": clock.now().isoformat(timespec="seconds"),
            "component": {
                "type": "device",
                "bom-ref": "0",
                "name": export.root_name,
                **({"version": export.revision} if export.revision else {}),
                "properties": _properties({f"{OURS}part_number": export.number}),
            },
        },
        "components": _components(export),
    }
    yield json.dumps(document, ensure_ascii=False, indent=1).encode()


def _components(export: BomExport) -> list[dict[str, Any]]:
    top: list[dict[str, Any]] = []
    below = [top]  # by level: where the components one level deeper go
    lines: Iterable[IndentedLine | FlatLine] = export.lines
    for number, line in enumerate(lines, start=1):
        if isinstance(line, FlatLine):
            top.append(_flat(line, number))
            continue
        component = _indented(export, line, number)
        del below[line.level :]
        below[-1].append(component)
        below.append(component.setdefault("components", []) if not line.is_leaf else [])
    return top


def _indented(export: BomExport, line: IndentedLine, number: int) -> dict[str, Any]:
    facts = export.facts_of(line)
    description = export.descriptions.get(line.product_key, "")
    return {
        "type": "device",
        "bom-ref": str(number),
        "name": line.product_name,
        **({"version": line.revision} if line.revision else {}),
        **({"description": description} if description else {}),
        "properties": _properties(
            {
                QUANTITY: plain(line.quantity),
                f"{OURS}part_number": line.product_number,
                f"{OURS}unit": line.unit_of_measure,
                f"{OURS}find_number": str(line.find_number),
                f"{OURS}item_type": line.product_type,
                f"{OURS}reference": designators_written(line.reference_designators),
                f"{OURS}not_fitted": designators_written(facts.not_fitted),
                f"{OURS}effective_from": facts.effective_from.isoformat() if facts.effective_from else "",
                f"{OURS}effective_to": facts.effective_to.isoformat() if facts.effective_to else "",
                f"{OURS}note": facts.notes,
                f"{OURS}alternates": facts.alternates,
                **{f"{OURS}{column}": _text(value) for column, value in facts.use.items()},
            }
        ),
    }


def _flat(line: FlatLine, number: int) -> dict[str, Any]:
    return {
        "type": "device",
        "bom-ref": str(number),
        "name": line.product_name,
        "properties": _properties(
            {
                QUANTITY: plain(line.total_quantity),
                f"{OURS}part_number": line.product_number,
                f"{OURS}unit": line.unit_of_measure,
            }
        ),
    }


def _text(value: Cell) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)


def _properties(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items() if value]
