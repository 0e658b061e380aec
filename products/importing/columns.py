"""Our fields and the headings that files use for them, and which column of a table holds which field.

Most headings say what they are. A few do not ("Reference", "Index", "Item", "Part Number"); for those the cells below
and the neighbouring columns decide. ``--map FIELD=COLUMN`` overrides all of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from products.importing.designators import look_like_designators
from products.importing.line_use import USE_COLUMNS
from products.importing.numbers import is_empty
from products.importing.problems import SourceProblem

# field → headings, in English, German and French; compared without case, blanks and punctuation
SYNONYMS: dict[str, tuple[str, ...]] = {
    "level": ("level", "bom level", "lvl", "indent", "indenture", "indenture level", "structure level", "depth",
              "ebene", "stufe", "strukturstufe", "baustufe", "niveau"),
    "outline": ("outline", "outline number", "structure number", "hierarchy number", "wbs", "gliederung",
                "gliederungsnummer", "strukturnummer"),
    "parent": ("parent", "parent number", "parent part", "parent part number", "parent item", "parent id", "assembly",
               "assembly number", "used in", "next assembly", "baugruppe", "übergeordnet", "oberteil", "vater",
               "parent product", "ensemble", "ensemble parent", "composé"),
    "part_number": ("part number", "part no", "part num", "part #", "pn", "p/n", "part", "part id", "id", "child",
                    "child number", "child part", "child part number", "child id", "component", "component number",
                    "component id", "component part number", "item code", "item id", "article", "article number",
                    "article no", "product number", "product id", "internal part number", "ipn", "sku",
                    "material number", "artikelnummer", "artikelnr", "artikel-nr", "artikel nr", "artikel",
                    "teilenummer", "teilenr", "teile-nr", "teil", "sachnummer", "materialnummer", "bauteil",
                    "komponente", "zeichnungsnummer", "numéro de pièce", "numéro d'article", "no pièce",
                    "code article", "composant", "référence article", "drawing number", "mrp"),
    "name": ("name", "part name", "item name", "product name", "component name", "title", "benennung", "bezeichnung",
             "teilename", "artikelbezeichnung", "désignation", "nom", "libellé", "child name"),
    "description": ("description", "part description", "item description", "component description", "desc",
                    "beschreibung", "artikelbeschreibung", "descriptif", "long description",
                    "product description"),
    "quantity": ("quantity", "qty", "qnty", "quantity per", "qty per", "qty per assembly", "quantity per assembly",
                 "amount", "count", "qpa", "qté", "qte", "quantité", "nombre", "menge", "anzahl", "stückzahl",
                 "stück", "qty.", "quantities", "bom qty", "bom quantity"),
    "unit": ("unit", "units", "uom", "u/m", "um", "unit of measure", "measure unit", "mesure unit", "qty unit",
             "quantity unit", "einheit", "mengeneinheit", "me", "unité", "unité de mesure"),
    "find_number": ("find number", "find no", "find #", "find num", "find", "position number", "positionsnummer",
                    "balloon", "repère", "line number", "line no"),
    "reference": ("designator", "designators", "reference designator", "reference designators", "ref des", "refdes",
                  "ref designator", "designation reference", "schematic reference", "bauteilkennzeichen",
                  "referenzbezeichner", "parts reference", "part reference", "repères"),
    "manufacturer": ("manufacturer", "manufacturer name", "mfr", "mfr name", "mfg", "mfg name", "manu", "manuf", "manf",
                     "maker", "vendor name", "hersteller", "herstellername", "fabricant", "fabriquant",
                     "manufacturer 1"),
    "mpn": ("mpn", "manufacturer part number", "manufacturer part no", "manufacturer part", "manufacturer pn",
            "manufacturer number", "mfr part number", "mfr part no", "mfr part #", "mfr pn", "mfr no",
            "mfg part number", "mfg part no", "mfg pn", "manuf part number", "manuf reference", "manf number",
            "mfg number", "mfr number",
            "manufacturer reference", "manufacturer part number 1", "maker part number", "herstellernummer",
            "hersteller-teilenummer", "herstellerteilenummer", "hersteller nr", "référence fabricant",
            "ref fabricant"),
    "maker_reference": ("maker reference", "maker references"),
    "supplier": ("supplier", "supplier name", "supplier 1", "seller", "seller name", "vendor", "distributor",
                 "lieferant", "händler", "fournisseur"),
    "supplier_part_number": ("supplier part number", "supplier part no", "supplier part number 1", "supplier part",
                             "supplier pn", "supplier reference", "supplier number", "seller part number", "spn",
                             "vendor part number", "vendor pn", "distributor part number", "order number",
                             "order code", "bestellnummer", "bestell-nr", "lieferantennummer",
                             "référence fournisseur", "référence commande"),
    "value": ("value", "part value", "wert", "valeur", "comp value"),
    "footprint": ("footprint", "pcb footprint", "land pattern", "empreinte", "pattern"),
    "package": ("package", "case", "case/package", "package/case", "gehäuse", "bauform", "boîtier", "housing"),
    "specification": ("specification", "specifications", "spec", "specs", "spezifikation", "spécification"),
    "revision": ("revision", "rev", "rev.", "part revision", "version", "änderungsstand", "index de révision",
                 "révision", "änderungsindex"),
    "unit_cost": ("unit cost", "unit price", "price", "cost", "price each", "cost each", "price per unit",
                  "stückpreis", "einzelpreis", "preis", "prix unitaire", "prix", "coût unitaire", "kosten", "coût"),
    "mass": ("mass", "weight", "unit mass", "unit weight", "measured mass", "mass per uom", "gewicht", "masse",
             "stückgewicht", "poids", "mass kg", "weight kg"),
    "mass_unit": ("mass unit", "weight unit", "measured mass unit", "gewichtseinheit", "masseneinheit",
                  "unité de masse"),
    "item_type": ("item type", "product type", "type", "part type", "component type", "kind", "typ", "teileart", "artikelart"),
    "part_class": ("part class", "class", "category", "commodity", "klasse", "kategorie", "catégorie"),
    "dnp": ("dnp", "dnf", "dni", "do not populate", "do not place", "do not fit", "do not install", "do not load",
            "dnl", "not fitted", "no mount", "nicht bestückt", "nicht bestücken", "nb", "non monté"),
    "fitted": ("fitted", "populate", "populated", "mounted", "installed", "bestückt", "bestücken", "monté"),
    "fitting": ("assembly info", "assembly note", "assembly remark", "fitting", "mounting", "population",
                "bestückung", "bestückungshinweis", "montage"),
    "datasheet": ("datasheet", "data sheet", "datasheet link", "datenblatt", "fiche technique"),
    "effective_from": ("effective from", "effective date", "valid from", "start date", "date in", "effectivity start",
                       "gültig ab", "gültig von", "valable du", "valide du"),
    "effective_to": ("effective to", "obsolete date", "valid to", "valid until", "end date", "date out",
                     "effectivity end", "gültig bis", "valable jusqu'au", "valide jusqu'au"),
    "alternates": ("alternates", "approved alternates"),
    "not_fitted": ("designators not fitted",),
    # Of our own export: other files say these with other meanings, so there are no other spellings.
    **{column: (column.replace("_", " "),) for column in USE_COLUMNS.values()},
    "note": ("note", "notes", "remark", "remarks", "comment", "comments", "bemerkung", "bemerkungen", "anmerkung",
             "kommentar", "hinweis", "remarque", "remarques", "commentaire"),
}  # fmt: skip

# Other names that --map takes for a field.
FIELD_ALIASES = {
    "child": "part_number",
    "number": "part_number",
    "do_not_load": "dnp",
    "seller": "supplier",
    "remark": "note",
    "uom": "unit",
    "qty": "quantity",
    "refdes": "reference",
    "find_no": "find_number",
    "item": "find_number",
}
FIELDS = tuple(SYNONYMS)
# What our own export computes: read back it would be nothing the file says of a part.
COMPUTED = frozenset({"totalquantity", "reason"})

# Headings that mean one thing in one file and another in the next; _settle() decides.
_REFERENCES = {"reference", "references", "ref", "refs", "referenz", "référence", "références", "part references"}
_POSITIONS = {"index", "pos", "position", "item", "items", "item no", "item number", "item #", "s.no", "sr no", "no",
              "nr", "#", "n°", "lfd nr", "seq", "sequence", "line", "poste"}  # fmt: skip
_DISTRIBUTORS = re.compile(r"mouser|digikey|farnell|newark|lcsc|reichelt|conrad|distrelec|arrowpn|rscomponents|tmepn")


def heading_key(heading: str) -> str:
    """How headings are compared: small letters and digits alone, with accents. ``"Part_No"`` → ``"partno"``."""
    folded = unicodedata.normalize("NFC", heading).casefold().strip()
    if len(folded) > 1 and folded.endswith("#"):  # "Part #" is the part's number, not the part
        folded = f"{folded[:-1]} number"
    key = "".join(character for character in folded if character.isalnum())
    return key or folded


def _keys(headings: Iterable[str]) -> frozenset[str]:
    return frozenset(heading_key(heading) for heading in headings)


_FIELD_BY_KEY = {heading_key(heading): field for field, headings in SYNONYMS.items() for heading in headings}
_NUMBERED_FIELDS = frozenset({"manufacturer", "mpn", "supplier", "supplier_part_number"})
# Headings of makers and their numbers, as compared: with a 2 behind them they hold alternates.
MAKER_FIELDS = {
    **{key: field for key, field in _FIELD_BY_KEY.items() if field in {"manufacturer", "mpn"}},
    **dict.fromkeys(("partnumber", "partno", "pn", "part"), "mpn"),
}
_REFERENCE_KEYS, _POSITION_KEYS = _keys(_REFERENCES), _keys(_POSITIONS)
_AMBIGUOUS_PART_NUMBER = _keys(("part number", "part no", "part #", "pn", "p/n"))


def field_of_heading(heading: str) -> str | None:
    """The field a heading names beyond doubt; a bracketed remark at its end ("Mass (per UoM)") does not matter."""
    for text in (heading, re.split(r"[(\[]", heading, maxsplit=1)[0]):
        key = heading_key(text)
        if key in _FIELD_BY_KEY:
            return _FIELD_BY_KEY[key]
    first = _FIELD_BY_KEY.get(heading_key(re.sub(r"[ _-]*1\s*$", "", heading)))
    if first in _NUMBERED_FIELDS:  # "MPN 1", with "MPN 2" beside it
        return first
    return "supplier_part_number" if _DISTRIBUTORS.search(heading_key(heading)) else None


def is_known_heading(cell: str) -> bool:
    """True for a cell that reads like a heading of a parts list."""
    key = heading_key(cell)
    return bool(key) and (key in _REFERENCE_KEYS or key in _POSITION_KEYS or field_of_heading(cell) is not None)


def known_headings(cells: Iterable[str]) -> int:
    """How many different known headings a row holds: what makes it look like the heading row."""
    return len({heading_key(cell) for cell in cells if is_known_heading(cell)})


def map_columns(
    headings: Sequence[str], column: Callable[[int], list[str]], chosen: Mapping[str, int]
) -> dict[str, int]:
    """Field → index of its column. ``column(i)`` gives the cells below heading ``i``; ``chosen`` is settled already.

    Of several columns for one field the first is taken.
    """
    mapped = dict(chosen)
    doubtful: list[int] = []
    for index, heading in enumerate(headings):
        if index in chosen.values() or not heading.strip():
            continue
        key = heading_key(heading)
        if key in _REFERENCE_KEYS or key in _POSITION_KEYS:
            doubtful.append(index)
        elif field := field_of_heading(heading):
            mapped.setdefault(field, index)
    for index in sorted(doubtful, key=lambda at: not look_like_designators(column(at))):
        if field := _settle(heading_key(headings[index]), column(index), mapped):
            mapped[field] = index
    _tell_maker_numbers(mapped, headings, chosen)
    if "name" not in mapped and "description" in mapped and "description" not in chosen:
        mapped["name"] = mapped.pop("description")
    return {field: mapped[field] for field in FIELDS if field in mapped and mapped[field] >= 0}


def _settle(key: str, cells: list[str], mapped: Mapping[str, int]) -> str | None:
    """The field of a column whose heading can mean several things, by what stands in it and what is taken already."""
    filled = [cell.strip() for cell in cells if not is_empty(cell)]
    if look_like_designators(filled) or (not filled and key in _REFERENCE_KEYS):
        return "reference" if "reference" not in mapped else None
    if key in _POSITION_KEYS:
        if "outline" not in mapped and look_like_outline(filled):
            return "outline"
        if filled and all(cell.isdecimal() for cell in filled):
            return "find_number" if "find_number" not in mapped else None
        takes_numbers = key.startswith("item") and "part_number" not in mapped and "mpn" not in mapped
        return "part_number" if takes_numbers and filled else None
    if "reference" in mapped:
        return "maker_reference" if "maker_reference" not in mapped else None
    return "part_number" if "part_number" not in mapped else None


_OUTLINE = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4})*")


def look_like_outline(cells: Iterable[str]) -> bool:
    """True when the cells are outline numbers of at least two levels: 1, 1.1, 1.2, 2 …"""
    filled = [cell.strip().rstrip(".") for cell in cells if not is_empty(cell)]
    levels = {cell.count(".") for cell in filled if not cell.endswith(".0")}
    return len(levels) > 1 and all(_OUTLINE.fullmatch(cell) for cell in filled)


def _tell_maker_numbers(mapped: dict[str, int], headings: Sequence[str], chosen: Mapping[str, int]) -> None:
    """A "Part Number" right beside the manufacturer is the manufacturer's, unless that has a column of its own."""
    if "part_number" in chosen or "mpn" in mapped or {"parent", "level"} & mapped.keys():
        return
    index, maker = mapped.get("part_number"), mapped.get("manufacturer")
    if index is None or maker is None or abs(index - maker) != 1:
        return
    if heading_key(headings[index]) in _AMBIGUOUS_PART_NUMBER:
        mapped["mpn"] = mapped.pop("part_number")


def chosen_columns(corrections: Mapping[str, str], headings: Sequence[str], width: int) -> dict[str, int]:
    """The --map corrections as field → column index; an empty column takes the field out (-1).

    A column is named by its heading, by its letter (A, B, … AA) or by its number (the first is 1), in that order.
    Raises SourceProblem unknown_columns that says what there is.
    """
    return {_field_named(field): _column_named(text, headings, width) for field, text in corrections.items()}


def _field_named(name: str) -> str:
    field = name.strip().casefold().replace("-", "_").replace(" ", "_")
    field = FIELD_ALIASES.get(field, field)
    if field not in SYNONYMS:
        message = _("There is no field “%(field)s”. The fields are: %(fields)s.")
        raise SourceProblem("unknown_columns", message % {"field": name, "fields": ", ".join(FIELDS)}, column=name)
    return field


def _column_named(text: str, headings: Sequence[str], width: int) -> int:
    wanted = text.strip()
    if not wanted:
        return -1
    for same in (
        lambda heading: heading.strip() == wanted,
        lambda heading: heading_key(heading) == heading_key(wanted),
    ):
        for index, heading in enumerate(headings):
            if heading.strip() and same(heading):
                return index
    at = column_index(wanted)
    if at is not None and at < width:
        return at
    names = ", ".join(heading for heading in headings if heading.strip()) or _("no headings")
    message = _("There is no column “%(column)s”. The file has: %(names)s.") % {"column": text, "names": names}
    raise SourceProblem("unknown_columns", message, column=text)


def column_index(name: str) -> int | None:
    """The index of a column named by letters (``"A"`` → 0) or by its number (``"1"`` → 0); None when it is neither."""
    if re.fullmatch(r"[0-9]{1,4}", name):
        return int(name) - 1 if int(name) > 0 else None
    if not re.fullmatch(r"[A-Za-z]{1,3}", name):
        return None
    index = 0
    for letter in name.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def column_letter(index: int) -> str:
    """The spreadsheet letters of a column: 0 → ``"A"``, 26 → ``"AA"``."""
    letters, rest = "", index + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
