"""IPC-2581: the Bom section of a board's data, with the approved manufacturer parts of its Avl section.

Source: IPC-2581 revision C. The design number that ties the two together is the part's number where it fits.
"""

from __future__ import annotations

from products.importing.formats.document import Parts, at_line
from products.importing.formats.xml_tree import Node
from products.importing.identity import NUMBER_LONGEST
from products.importing.table import Table

_CHARACTERISTICS = {"value": "value", "package": "package", "description": "description", "mpn": "mpn",
                    "manufacturer": "manufacturer", "manufacturerpartnumber": "mpn"}  # fmt: skip
_OF_THE_TOOL = frozenset({"path", "prefix", "symbolname", "symbolpath"})


def read(root: Node) -> list[Table]:
    """Return one row for each BomItem. Designators with ``populate="false"`` are not fitted."""
    parts = Parts("ipc2581")
    approved = _approved(root)
    header = root.first("Bom", "BomHeader")
    for bom in root.all("Bom"):
        for item in bom.all("BomItem"):
            number = item.attributes.get("OEMDesignNumberRef", "").strip()
            fields, others = _facts(item)
            fields["part_number" if len(number) <= NUMBER_LONGEST else "maker_reference"] = number
            makers = approved.get(number, [])
            if makers:  # an entry a line, as in a cell that holds several
                fields["mpn"] = "\n".join(part for _maker, part in makers)
                fields["manufacturer"] = "\n".join(maker for maker, _part in makers)
            parts.add(fields, others, place=at_line(item.line))
    return [parts.table(subject={"revision": header.attributes.get("revision", "")} if header else {})]


def _facts(item: Node) -> tuple[dict[str, str], dict[str, str]]:
    places = item.all("RefDes")
    missing = [node for node in places if node.attributes.get("populate", "true").casefold() == "false"]
    packages = {node.attributes.get("packageRef", "") for node in places}
    fields = {
        "quantity": item.attributes.get("quantity", ""),
        "reference": ",".join(node.attributes.get("name", "") for node in places),
        "footprint": packages.pop() if len(packages) == 1 else "",
        "description": item.attributes.get("description", ""),
        "fitting": f"NF({' '.join(node.attributes.get('name', '') for node in missing)})" if missing else "",
    }
    others: dict[str, str] = {}
    for node in item.everything("Textual"):
        name = node.attributes.get("textualCharacteristicName", "")
        text = node.attributes.get("textualCharacteristicValue", "").strip()
        key = "".join(filter(str.isalnum, name.casefold()))
        if key in _CHARACTERISTICS and not fields.get(_CHARACTERISTICS[key]):
            fields[_CHARACTERISTICS[key]] = text
        elif key not in _OF_THE_TOOL and key not in _CHARACTERISTICS:
            others.setdefault(name, text)
    return fields, others


def _approved(root: Node) -> dict[str, list[tuple[str, str]]]:
    """Return the manufacturer parts (maker, number) of each design number, the chosen one first."""
    names = {
        node.attributes.get("id", ""): node.attributes.get("name") or node.attributes.get("id", "")
        for node in root.everything("Enterprise")
    }
    found: dict[str, list[tuple[str, str]]] = {}
    for item in root.everything("AvlItem"):
        choices = sorted(item.all("AvlVmpn"), key=lambda node: node.attributes.get("chosen") != "true")
        for choice in choices:
            vendor = choice.first("AvlVendor")
            maker = vendor.attributes.get("enterpriseRef", "") if vendor else ""
            for part in choice.all("AvlMpn"):
                entry = (names.get(maker, maker), part.attributes.get("name", ""))
                if entry[1]:
                    found.setdefault(item.attributes.get("OEMDesignNumber", "").strip(), []).append(entry)
    return found
