"""KiCad's generic netlist in XML (Eeschema → intermediate netlist): one element for each component on the board."""

from __future__ import annotations

from products.importing.columns import field_of_heading
from products.importing.formats.document import Parts, at_line
from products.importing.formats.xml_tree import Node
from products.importing.table import Table

# Fields of ours that a component's own fields may fill; its other fields stay attributes under their own names.
_TAKEN = frozenset({"mpn", "manufacturer", "supplier", "supplier_part_number", "part_number", "name", "description",
                    "dnp", "package", "unit_cost", "mass", "mass_unit", "revision", "note"})  # fmt: skip
_LEFT_OUT = frozenset({"excludefrombom", "excludefromboard"})
_NOT_SET = frozenset({"", "0", "no", "false", "n"})


def read(root: Node) -> list[Table]:
    """Return one row for each component. What the design excludes from the bill of materials is not fitted."""
    parts = Parts("kicad_netlist")
    for component in (root.first("components") or root).all("comp"):
        fields = {
            "reference": component.attributes.get("ref", ""),
            "value": component.text_of("value"),
            "footprint": component.text_of("footprint"),
            "datasheet": component.text_of("datasheet"),
        }
        source = component.first("libsource")
        others = {"library part": source.attributes.get("part", "")} if source else {}
        if source and source.attributes.get("description"):
            fields["description"] = source.attributes["description"]
        excluded = _read_fields(component, fields, others)
        fields["dnp"] = "yes" if excluded or fields.get("dnp", "").casefold() not in _NOT_SET else ""
        parts.add(fields, others, place=at_line(component.line))
    return [parts.table(subject=_subject(root))]


def _read_fields(component: Node, fields: dict[str, str], others: dict[str, str]) -> bool:
    """Fill in what the component's fields and properties say; return whether it is excluded."""
    excluded = False
    for name, text in _named_texts(component):
        # KiCost writes its fields as "kicost:manf#" to keep them apart
        ours = field_of_heading(name.rpartition(":")[2]) if name.count(":") < 2 else None
        if "".join(filter(str.isalpha, name.casefold())) in (*_LEFT_OUT, "dnp"):
            excluded = excluded or text.casefold() not in _NOT_SET
        elif ours in _TAKEN and not fields.get(ours):
            fields[ours] = text
        elif text:
            others[name] = text
    for flag in component.all("property"):
        if flag.attributes.get("name") in {"exclude_from_bom", "dnp"}:
            excluded = True  # a flag without a value is set by being there
    return excluded


def _named_texts(component: Node) -> list[tuple[str, str]]:
    holder = component.first("fields")
    named = [(node.attributes.get("name", ""), node.text.strip()) for node in holder.all("field")] if holder else []
    properties = [
        (node.attributes.get("name", ""), node.attributes["value"].strip())
        for node in component.all("property")
        if "value" in node.attributes and not node.attributes.get("name", "").startswith("ki_")
    ]
    return [pair for pair in named + properties if pair[0] and pair[0] not in {"Sheetname", "Sheetfile"}]


def _subject(root: Node) -> dict[str, str]:
    block = root.first("design", "sheet", "title_block")
    if block is None:
        return {}
    return {"name": block.text_of("title"), "revision": block.text_of("rev")}
