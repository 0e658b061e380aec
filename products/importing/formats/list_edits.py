"""The edits beside a list of parts (GitPLM's ``NAME.yml``): lines to take out and lines to put in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from django.utils.translation import gettext as _

from products.importing.columns import heading_key
from products.importing.designators import split_designators
from products.importing.problems import SourceProblem

MAX_BYTES = 256 * 1024
# GitPLM's words → our fields; the component's name is a column of the list's own
_FIELDS = {"ipn": "part_number", "ref": "reference", "qty": "quantity", "cmpName": "name", "description": "description",
           "mpn": "mpn", "manufacturer": "manufacturer", "value": "value", "footprint": "footprint"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListEdits:
    """What one file of edits says. ``path`` is its name in the archive."""

    path: str
    removed: tuple[Mapping[str, str], ...]
    added: tuple[Mapping[str, str], ...]

    def keep(self, fields: dict[str, str], others: Mapping[str, str]) -> bool:
        """Return whether a line stays. A removal by designator takes that one out of ``fields`` and the quantity."""
        named = {heading_key(name): text for name, text in others.items()}
        for removal in self.removed:
            if "name" in removal and removal["name"] in (named.get("cmpname"), fields.get("name")):
                return False
            if removal.get("part_number") and removal["part_number"] == fields.get("part_number"):
                return False
            if "reference" in removal and not _keep_designators(fields, set(split_designators(removal["reference"]))):
                return False
        return True


def _keep_designators(fields: dict[str, str], gone: set[str]) -> bool:
    before = split_designators(fields.get("reference", ""))
    after = [name for name in before if name not in gone]
    if len(after) == len(before):
        return True
    fields["reference"] = ", ".join(after)
    quantity = fields.get("quantity", "")
    if quantity.isdecimal():
        fields["quantity"] = str(int(quantity) - (len(before) - len(after)))
    return bool(after)


def read_edits(content: bytes, path: str) -> ListEdits:
    """Read a file of edits. Raises SourceProblem unsupported_file when it is no YAML of that kind."""
    try:
        if len(content) > MAX_BYTES:
            raise yaml.YAMLError(_("it is too large"))
        # Aliases could repeat one text without end, and such a file needs none.
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(content)):
            raise yaml.YAMLError(_("it has aliases"))
        document = yaml.safe_load(content)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        message = _("%(path)s cannot be read: %(error)s.") % {"path": path, "error": str(error).splitlines()[0][:100]}
        raise SourceProblem("unsupported_file", message) from None
    found = document if isinstance(document, dict) else {}
    return ListEdits(
        path=path,
        removed=tuple(_entry(entry) for entry in _entries(found, "remove")),
        added=tuple({"quantity": "1", **_entry(entry)} for entry in _entries(found, "add")),
    )


def _entries(document: dict[Any, Any], key: str) -> list[dict[Any, Any]]:
    entries = document.get(key)
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _entry(entry: dict[Any, Any]) -> dict[str, str]:
    return {_FIELDS[key]: str(value) for key, value in entry.items() if key in _FIELDS and value is not None}
