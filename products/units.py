"""Units of measure: the code each is stored under, its names in the trade, and what it measures.

``UNITS`` is the whole list. ``unit_code`` finds the code for what people and files write ("EA", "Stk.", "m²",
"Pièce(s)"); two different units never share a spelling. Spellings are compared without case, blanks and full stops.
The metric symbols that differ in case alone (``Mm``, ``MG``) are read as their small everyday meaning.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Dimension(StrEnum):
    """What a unit measures. Quantities convert inside one dimension only."""

    COUNT = "count"
    LENGTH = "length"
    AREA = "area"
    VOLUME = "volume"
    MASS = "mass"
    TIME = "time"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: its stored code, its name on screen, what it measures."""

    code: str
    name: str | Promise
    dimension: Dimension


# code, name, dimension, other spellings (the code itself is always one)
_TABLE: tuple[tuple[str, str | Promise, Dimension, str], ...] = (
    (
        "each",
        _("each"),
        Dimension.COUNT,
        "ea eac each pc pcs pce pces piece pieces piece(s) unit units unit(s) u un no nos st stk stck stueck stück "
        "stuck stücke stuecke einheit einheiten pièce pièces pièce(s) unité unités part parts pza pieza pz pezzo "
        "count ct qty",
    ),
    ("set", _("set"), Dimension.COUNT, "sets kit kits satz sätze saetze jeu jeux lot"),
    ("pair", _("pair"), Dimension.COUNT, "pairs pr prs paar paare paire paires"),
    ("dozen", _("dozen"), Dimension.COUNT, "doz dz dzd dutzend douzaine"),
    ("hundred", _("hundred"), Dimension.COUNT, "hundert cent c100 100st"),
    ("thousand", _("thousand"), Dimension.COUNT, "tausend mille mil 1000st tsd"),
    ("roll", _("roll"), Dimension.COUNT, "rolls rl rolle rollen rouleau rouleaux reel reels"),
    ("sheet", _("sheet"), Dimension.COUNT, "sheets sht blatt bogen tafel feuille feuilles"),
    ("box", _("box"), Dimension.COUNT, "boxes bx karton kartons kiste boîte boîtes boite boites carton cartons ctn"),
    ("pack", _("pack"), Dimension.COUNT, "packs pk pkg package packages packung packungen pkt paket paquet paquets"),
    ("bottle", _("bottle"), Dimension.COUNT, "bottles flasche flaschen bouteille bouteilles"),
    ("can", _("can"), Dimension.COUNT, "cans dose dosen bidon bidons"),
    ("tube", _("tube"), Dimension.COUNT, "tubes tuben"),
    ("m", _("metre"), Dimension.LENGTH, "metre metres meter meters mtr mtrs lfm lfdm laufmeter mètre mètres lm"),
    ("mm", _("millimetre"), Dimension.LENGTH, "millimetre millimetres millimeter millimeters millimètre millimètres"),
    ("cm", _("centimetre"), Dimension.LENGTH, "centimetre centimetres centimeter centimeters zentimeter centimètre"),
    ("dm", _("decimetre"), Dimension.LENGTH, "decimetre decimetres decimeter dezimeter décimètre"),
    ("km", _("kilometre"), Dimension.LENGTH, "kilometre kilometres kilometer kilometers kilomètre kilomètres"),
    ("um", _("micrometre"), Dimension.LENGTH, "µm μm micron microns micrometre micrometer mikrometer"),
    ("in", _("inch"), Dimension.LENGTH, 'inch inches " ″ zoll pouce pouces'),
    ("ft", _("foot"), Dimension.LENGTH, "foot feet ' ′ fuß fuss pied pieds"),
    ("yd", _("yard"), Dimension.LENGTH, "yard yards yds"),
    ("m2", _("square metre"), Dimension.AREA, "m^2 m² sqm qm squaremetre squaremeter squaremetres squaremeters "
     "quadratmeter mètrecarré mètrescarrés"),
    ("cm2", _("square centimetre"), Dimension.AREA, "cm^2 cm² sqcm qcm squarecentimetre squarecentimeter"),
    ("mm2", _("square millimetre"), Dimension.AREA, "mm^2 mm² sqmm qmm squaremillimetre squaremillimeter"),
    ("in2", _("square inch"), Dimension.AREA, "in^2 in² sqin squareinch squareinches"),
    ("ft2", _("square foot"), Dimension.AREA, "ft^2 ft² sqft squarefoot squarefeet"),
    ("m3", _("cubic metre"), Dimension.VOLUME, "m^3 m³ cbm cubicmetre cubicmeter kubikmeter mètrecube"),
    ("cm3", _("cubic centimetre"), Dimension.VOLUME, "cm^3 cm³ ccm cc cubiccentimetre cubiccentimeter"),
    ("mm3", _("cubic millimetre"), Dimension.VOLUME, "mm^3 mm³ cubicmillimetre cubicmillimeter"),
    ("l", _("litre"), Dimension.VOLUME, "ltr litre litres liter liters ℓ"),
    ("ml", _("millilitre"), Dimension.VOLUME, "millilitre millilitres milliliter milliliters"),
    ("cl", _("centilitre"), Dimension.VOLUME, "centilitre centiliter zentiliter"),
    ("gal", _("US gallon"), Dimension.VOLUME, "gallon gallons gals usgal"),
    ("floz", _("US fluid ounce"), Dimension.VOLUME, "fluidounce fluidounces fl_oz"),
    ("kg", _("kilogram"), Dimension.MASS, "kgs kilo kilos kilogram kilograms kilogramm kilogramme kilogrammes"),
    ("g", _("gram"), Dimension.MASS, "gr gram grams gramm gramme grammes"),
    ("mg", _("milligram"), Dimension.MASS, "milligram milligrams milligramm milligramme milligrammes"),
    ("t", _("tonne"), Dimension.MASS, "to ton tonne tonnes tonnen metricton"),
    ("lb", _("pound"), Dimension.MASS, "lbs pound pounds livre livres"),
    ("oz", _("ounce"), Dimension.MASS, "ounce ounces unze unzen once onces"),
    ("h", _("hour"), Dimension.TIME, "hr hrs hour hours std stunde stunden heure heures"),
    ("min", _("minute"), Dimension.TIME, "mins minute minutes minuten"),
    ("s", _("second"), Dimension.TIME, "sec secs second seconds sek sekunde sekunden seconde secondes"),
    ("day", _("day"), Dimension.TIME, "days tag tage jour jours"),
    ("%", _("per cent"), Dimension.SHARE, "percent pct prozent pourcent"),
)  # fmt: skip


def _key(text: str) -> str:
    """How spellings are compared: composed letters, small, without blanks and full stops."""
    return "".join(unicodedata.normalize("NFC", text).casefold().split()).replace(".", "")


def _spellings() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, _name, _dimension, others in _TABLE:
        for spelling in (code, *others.split()):
            key = _key(spelling)
            if found.setdefault(key, code) != code:
                raise ValueError(f"The unit spelling {spelling!r} stands for {found[key]} and for {code}.")
    return found


UNITS: dict[str, Unit] = {code: Unit(code, name, dimension) for code, name, dimension, _others in _TABLE}
_BY_SPELLING = _spellings()


def unit_code(text: str) -> str | None:
    """The stored code for a unit as somebody wrote it, or None when it is not known. ``"EA"`` → ``"each"``."""
    return _BY_SPELLING.get(_key(text))


def unit_choices() -> list[tuple[str, str | Promise]]:
    """(code, name) pairs for forms and model fields, in the order of the table."""
    return [(unit.code, unit.name) for unit in UNITS.values()]
