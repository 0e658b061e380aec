"""The dialects: one small class for each way in which files lay a bill of materials out.

A new one is a module here with a subclass of ``Dialect``, named in ``DIALECTS``; see docs/adding-a-bom-dialect.md.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from products.importing.dialects.base import Dialect, Reading
from products.importing.dialects.documents import DOCUMENTS
from products.importing.dialects.flat import Flat
from products.importing.dialects.levels import Levels
from products.importing.dialects.outline import Outline
from products.importing.dialects.parent_child import ParentChild
from products.importing.dialects.staggered import Staggered
from products.importing.header import MappedTable
from products.importing.problems import SourceProblem

__all__ = ["AUTO", "DIALECTS", "Dialect", "Reading", "choose_dialect"]

AUTO = "auto"
LAYOUTS: tuple[type[Dialect], ...] = (Levels, Outline, Staggered, ParentChild, Flat)
DIALECTS: dict[str, type[Dialect]] = {dialect.name: dialect for dialect in (*LAYOUTS, *DOCUMENTS)}


def choose_dialect(name: str, mapped: MappedTable) -> Dialect:
    """The dialect of that name, or with ``auto`` the one that fits best. Raises SourceProblem unknown_dialect."""
    if name == AUTO:
        fits = {dialect: dialect.detects(mapped) for dialect in DIALECTS.values()}
        best = max(fits, key=lambda dialect: fits[dialect])
        if fits[best] > 0:
            return best()
        message = _(
            "The columns do not make a bill of materials: a part (number, name, value or reference) and a quantity "
            "are needed. Name them with --map FIELD=COLUMN."
        )
        raise SourceProblem("unknown_columns", message, row=mapped.header_row or 0)
    if name not in DIALECTS:
        message = _("There is no dialect “%(name)s”. There are: %(names)s.")
        raise SourceProblem("unknown_dialect", message % {"name": name, "names": ", ".join((AUTO, *DIALECTS))})
    if DIALECTS[name] in DOCUMENTS and mapped.table.dialect != name:
        raise SourceProblem("unknown_dialect", _("The file is no document of the kind “%(name)s”.") % {"name": name})
    missing = [field for field in DIALECTS[name].needs if not mapped.has(field)]
    if missing:
        message = _("This dialect needs columns that the file does not have: %(fields)s.")
        raise SourceProblem("unknown_columns", message % {"fields": ", ".join(missing)}, row=mapped.header_row or 0)
    return DIALECTS[name]()
