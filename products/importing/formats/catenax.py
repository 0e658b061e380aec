"""Catena-X: the aspect models SingleLevelBomAsPlanned, …AsBuilt and …AsSpecified, one level of children each."""

from __future__ import annotations

from products.importing.formats.document import Parts
from products.importing.formats.json_document import Json, listed, text
from products.importing.table import Table

_GLOBAL_ID = ("globalAssetId", "catenaXId", "childCatenaXId")


def recognises(document: Json) -> bool:
    """True for an object with a global id and child items."""
    return isinstance(document, dict) and isinstance(document.get("childItems"), list) and bool(_id(document))


def read(document: Json) -> Table:
    """Return one row for each child item. The ids of the data space are the part numbers."""
    parts = Parts("catenax")
    for child in listed(document["childItems"]):
        quantity = child.get("quantity")
        amount = quantity if isinstance(quantity, dict) else {}
        unit = amount.get("unit", amount.get("measurementUnit"))
        period = child.get("validityPeriod")
        validity = period if isinstance(period, dict) else {}
        fields = {
            "part_number": _id(child),
            "quantity": text(amount.get("value", amount.get("quantityNumber"))),
            "unit": text(unit.get("lexicalValue") if isinstance(unit, dict) else unit).removeprefix("unit:"),
            "effective_from": text(validity.get("validFrom")),
            "effective_to": text(validity.get("validTo")),
        }
        parts.add(fields, {"business partner": text(child.get("businessPartner"))}, place=_id(child))
    return parts.table()


def _id(item: dict[str, Json]) -> str:
    return next((text(item[name]) for name in _GLOBAL_ID if text(item.get(name))), "")
