"""Granta's XML bill of materials (BillOfMaterialsEco): parts inside parts. Materials stay with the part they make up."""

from __future__ import annotations

from products.importing.formats.document import Parts, at_line
from products.importing.formats.xml_tree import Node
from products.importing.table import Table


def read(root: Node) -> list[Table]:
    """Return one row for each part, with its level. Its materials, substances and specifications become attributes."""
    parts = Parts("granta")
    stack = [(node, 1) for node in reversed(_components(root))]
    while stack:
        part, level = stack.pop()
        quantity, mass = part.first("Quantity"), part.first("MassPerUom")
        fields = {
            "level": str(level),
            "part_number": part.text_of("PartNumber"),
            "name": part.text_of("Name"),
            "quantity": quantity.text.strip() if quantity else "",
            "unit": quantity.attributes.get("Unit", "") if quantity else "",
            "mass": mass.text.strip() if mass else "",
            "mass_unit": mass.attributes.get("Unit", "") if mass else "",
        }
        parts.add(fields, _made_of(part), place=at_line(part.line))
        stack.extend((node, level + 1) for node in reversed(_components(part)))
    return [parts.table()]


def _components(node: Node) -> list[Node]:
    holder = node.first("Components")
    return holder.all("Part") if holder else []


def _made_of(part: Node) -> dict[str, str]:
    found = {}
    for kind, entry in (("Materials", "Material"), ("Substances", "Substance"), ("Specifications", "Specification")):
        holder = part.first(kind)
        words = [_words(node) for node in holder.all(entry)] if holder else []
        found[kind.lower()] = "; ".join(word for word in words if word)
    return {kind: text for kind, text in found.items() if text}


def _words(node: Node) -> str:
    name = node.text_of("Name") or node.text_of("Identity")
    share = node.text_of("Percentage")
    return f"{name} {share} %" if name and share else name
