"""Files that are no tables: documents in XML or JSON, and several files together. Each reader makes a table of one.

``xml_table`` and ``json_table`` find the reader by what the document is, never by the file's name.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from products.importing.formats import catenax, cyclonedx, granta, ipc2581, kicad, nopscadlib, spreadsheetml
from products.importing.formats.json_document import Json, parse_json
from products.importing.formats.xml_tree import Node, parse_xml
from products.importing.problems import SourceProblem
from products.importing.table import Table

# the root element's name → what reads the document
XML_READERS: dict[str, Callable[[Node], list[Table]]] = {
    "Workbook": spreadsheetml.read,
    "export": kicad.read,
    "IPC-2581": ipc2581.read,
    "PartsEco": granta.read,
}
# asked in this order
JSON_READERS: tuple[tuple[Callable[[Json], bool], Callable[[Json], Table]], ...] = (
    (cyclonedx.recognises, cyclonedx.read),
    (catenax.recognises, catenax.read),
    (nopscadlib.recognises, nopscadlib.read),
)


def xml_tables(content: bytes) -> list[Table]:
    """Return the tables in an XML document; raise SourceProblem unsupported_file when it is no bill of materials."""
    root = parse_xml(content)
    reader = XML_READERS.get(root.name)
    if reader is None:
        message = _("This XML file (%(root)s) is no bill of materials that can be read. Known are: %(known)s.")
        known = "SpreadsheetML 2003, KiCad, IPC-2581, Granta"
        raise SourceProblem("unsupported_file", message % {"root": root.name[:40], "known": known})
    return reader(root)


def json_table(content: bytes) -> Table:
    """Return the table in a JSON document; raise SourceProblem unsupported_file when it is no bill of materials."""
    document = parse_json(content)
    for recognises, read in JSON_READERS:
        if recognises(document):
            return read(document)
    if isinstance(document, dict) and "spdxVersion" in document:
        message = _("This SPDX document lists software packages, which is no bill of materials of a product.")
        raise SourceProblem("unsupported_file", message)
    message = _("This JSON file is no bill of materials that can be read. Known are: %(known)s.")
    raise SourceProblem("unsupported_file", message % {"known": "CycloneDX, Catena-X, NopSCADlib"})
