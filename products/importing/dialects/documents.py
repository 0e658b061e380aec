"""Documents that say themselves what is what (products/importing/formats): how their parts hang together."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from products.importing.dialects.base import Dialect
from products.importing.dialects.flat import Flat
from products.importing.dialects.levels import Levels
from products.importing.dialects.parent_child import ParentChild
from products.importing.draft import Draft
from products.importing.header import MappedTable
from products.importing.listings import Listing
from products.importing.rows import SkippedRow, SkipReason


class Document:
    """Mixin: fits exactly the documents its reader made the table of."""

    name: ClassVar[str]

    @classmethod
    def detects(cls, mapped: MappedTable) -> float:
        return 2.0 if mapped.table.dialect == cls.name else 0.0


class KicadNetlist(Document, Flat):
    """Every component is an element of its own; those of one part make one line."""

    name = "kicad_netlist"
    title = _("KiCad netlist (XML)")

    def combine(self, listing: Listing) -> dict[int, SkippedRow]:
        """The components counted in with the first one of their part."""
        combined: dict[int, SkippedRow] = {}
        first: dict[str, Draft] = {}
        references: dict[str, list[str]] = {}
        for draft in listing.lines:
            if draft.errors or draft.not_fitted:
                continue
            other = first.setdefault(draft.number, draft)
            references.setdefault(draft.number, []).extend(draft.references)
            if other is not draft and other.quantity is not None:
                other.quantity += draft.quantity or Decimal(0)
                combined[draft.row] = SkippedRow(draft.row, SkipReason.COMBINED.value, repeats=other.row)
        for number, draft in first.items():
            draft.references = tuple(dict.fromkeys(references[number]))
        return combined


class Ipc2581(Document, Flat):
    """One board, one level."""

    name = "ipc2581"
    title = _("IPC-2581 (XML)")


class CycloneDx(Document, Levels):
    """Components inside components."""

    name = "cyclonedx"
    title = _("CycloneDX (JSON)")


class Granta(Document, Levels):
    """Parts inside parts."""

    name = "granta"
    title = _("Granta bill of materials (XML)")


class CatenaX(Document, Flat):
    """The children of one product."""

    name = "catenax"
    title = _("Catena-X single level BOM (JSON)")


class Nopscadlib(Document, ParentChild):
    """Assemblies that name their children."""

    name = "nopscadlib"
    title = _("NopSCADlib (JSON)")


class NopscadlibMatrix(Document, Flat):
    """A matrix of parts and assemblies; the totals count."""

    name = "nopscadlib_matrix"
    title = _("NopSCADlib (text)")


class LinkedFiles(Document, ParentChild):
    """One list for each assembly, in a ZIP or a folder."""

    name = "linked_files"
    title = _("Linked files (ZIP)")


DOCUMENTS: tuple[type[Dialect], ...] = (
    KicadNetlist,
    Ipc2581,
    CycloneDx,
    Granta,
    CatenaX,
    Nopscadlib,
    NopscadlibMatrix,
    LinkedFiles,
)
