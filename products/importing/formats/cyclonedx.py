"""CycloneDX hardware bill of materials in JSON: components inside components.

Quantities stand in the property ``cdx:device:quantity``. Properties that begin with ``plm:`` are those of our own
export (products/exporting/cyclonedx.py): they bring back what the format has no place for.
"""

from __future__ import annotations

from products.importing.columns import FIELDS
from products.importing.formats.document import Parts
from products.importing.formats.json_document import Json, listed, text
from products.importing.rows import SkipReason
from products.importing.table import Table

QUANTITY = "cdx:device:quantity"
OURS = "plm:"
_SOFTWARE = frozenset({"library", "framework", "operating-system", "container", "application"})


def recognises(document: Json) -> bool:
    """True for a CycloneDX document."""
    return isinstance(document, dict) and document.get("bomFormat") == "CycloneDX"


def read(document: Json) -> Table:
    """Return one row for each component, with its level. Software components are no parts."""
    parts = Parts("cyclonedx")
    stack = [(component, 1) for component in reversed(listed(document.get("components")))]
    while stack:
        component, level = stack.pop()
        if component.get("type") in _SOFTWARE:
            parts.note(SkipReason.NOTE.value)
            continue
        _add(parts, component, level)
        stack.extend((below, level + 1) for below in reversed(listed(component.get("components"))))
    subject = _dict(_dict(document.get("metadata")).get("component"))
    return parts.table(
        subject={
            "name": text(subject.get("name")),
            "description": text(subject.get("description")),
            "revision": text(subject.get("version")),
        }
    )


def _add(parts: Parts, component: dict[str, Json], level: int) -> None:
    properties = [(text(entry.get("name")), text(entry.get("value"))) for entry in listed(component.get("properties"))]
    own = {
        field: value for name, value in properties if name.startswith(OURS) and (field := name[len(OURS) :]) in FIELDS
    }
    name = text(component.get("name"))
    fields = {
        "level": str(level),
        "part_number": own.pop("part_number", "") or name,
        "name": name,
        "description": text(component.get("description")),
        "revision": text(component.get("version")),
        "manufacturer": text(_dict(component.get("manufacturer")).get("name")),
        "supplier": text(_dict(component.get("supplier")).get("name")),
        "quantity": next((value for key, value in properties if key == QUANTITY), "1"),
        **own,
    }
    others = {
        key: value for key, value in properties if key and key != QUANTITY and not key.startswith(OURS) and value
    }
    links = [text(entry.get("url")) for entry in listed(component.get("externalReferences"))]
    if links and links[0]:
        fields.setdefault("datasheet", links[0])
    parts.add(fields, others, place=text(component.get("bom-ref")))


def _dict(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
