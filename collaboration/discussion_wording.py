"""What a thread is about, in words, made from what was kept when it was begun. Nothing here asks the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from collaboration.choices import AnchorKind


def anchor_words(kind: str, said: Mapping[str, Any]) -> str:
    """Return for instance "LAMP-SCREW in LAMP, find 20, quantity 4 pack"."""
    if kind == AnchorKind.CHANGE:
        return _("The change as a whole")
    if kind == AnchorKind.PRODUCT:
        return _("%(product)s, revision %(revision)s") % {"product": said["product"], "revision": said["revision"]}
    parts = [_("%(part)s in %(product)s") % {"part": said["part"], "product": said["product"]}, values_words(said)]
    return ", ".join(part for part in parts if part)


def values_words(said: Mapping[str, Any]) -> str:
    """Return what a line says beside its part: find number, quantity, designators, and whether it is to go or to come."""
    parts = []
    if said.get("find_number"):
        parts.append(_("find %s") % said["find_number"])
    if said.get("quantity"):
        parts.append(_("quantity %(n)s %(unit)s") % {"n": said["quantity"], "unit": said.get("unit_of_measure") or ""})
    if marks := said.get("reference_designators"):
        shown = ", ".join(marks[:5])
        parts.append(shown if len(marks) <= 5 else f"{shown} …")
    if said.get("row") == "removed":
        parts.append(_("to be removed"))
    elif said.get("row") == "added":
        parts.append(_("to be added"))
    return ", ".join(part.strip() for part in parts)
