"""What a thread is to be about: found in the change, and put in words that stay."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _

from changes.models import AffectedProduct, EngineeringChange, Redline
from collaboration.choices import AnchorKind
from collaboration.selectors.anchors import said_of_addition, said_of_line, said_of_product
from plm_project.core.exceptions import ValidationFailed
from products.models import BomLine


def anchor_find(
    change: EngineeringChange,
    affected_id: uuid.UUID | None,
    line_id: uuid.UUID | None,
    redline_id: uuid.UUID | None,
) -> dict[str, Any]:
    """Return the columns of a thread that say what it is about, with what stands there now.

    Raises ValidationFailed naming what is not of this change; a redline of a line stands for that line.
    """
    if line_id and redline_id:
        raise ValidationFailed.field("redline_id", _("Name a line or a redline, not both."))
    if redline_id:
        return _on_redline(change, affected_id, redline_id)
    if line_id:
        return _on_line(change, affected_id, line_id)
    if affected_id:
        affected = _affected(change).filter(pk=affected_id).first()
        if affected is None:
            raise ValidationFailed.field("affected_id", _("Name an affected product of this change."))
        return {"anchor": AnchorKind.PRODUCT, "affected": affected, "said": said_of_product(affected)}
    said = {"change_number": change.change_number, "change_title": change.change_title}
    return {"anchor": AnchorKind.CHANGE, "said": said}


def _on_line(change: EngineeringChange, affected_id: uuid.UUID | None, line_id: uuid.UUID) -> dict[str, Any]:
    """The line is one of a base revision, or one that a redline of this change still stands on."""
    line = BomLine.all_objects.select_related("child").filter(pk=line_id).first()
    redlines = list(change.redlines.filter(line_id=line_id).select_related("child"))
    affected = None
    if redlines:
        affected = _affected(change).filter(pk=redlines[0].affected_id).first()
    elif line is not None and not line.is_deleted:
        affected = _affected(change).filter(base_revision_id=line.parent_revision_id).first()
    if line is None or affected is None or affected_id not in (None, affected.pk):
        raise ValidationFailed.field(
            "line_id", _("Name a line of the revision that an affected product of this change is based on.")
        )
    said = said_of_line(affected, line, redlines)
    return {"anchor": AnchorKind.LINE, "affected": affected, "line": line, "said": said}


def _on_redline(change: EngineeringChange, affected_id: uuid.UUID | None, redline_id: uuid.UUID) -> dict[str, Any]:
    redline: Redline | None = change.redlines.filter(pk=redline_id).select_related("child").first()
    if redline is None or affected_id not in (None, redline.affected_id):
        raise ValidationFailed.field("redline_id", _("Name a redline of this change."))
    if redline.line_id is not None:
        return _on_line(change, redline.affected_id, redline.line_id)
    affected = _affected(change).get(pk=redline.affected_id)
    said = said_of_addition(affected, redline)
    return {"anchor": AnchorKind.REDLINE, "affected": affected, "redline": redline, "said": said}


def _affected(change: EngineeringChange) -> Any:
    return AffectedProduct.objects.filter(change=change).select_related("product", "base_revision")
