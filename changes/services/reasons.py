"""Reasons are kept in the history, which has room for so much: nothing is cut off in silence."""

from __future__ import annotations

from django.utils.translation import gettext as _

from plm_project.core.exceptions import ValidationFailed

MAX_REASON = 500


def require_fitting(field: str, text: str, *, limit: int = MAX_REASON) -> None:
    """Raise ValidationFailed for ``field`` when the text is longer than what is kept of it."""
    if len(text) > limit:
        raise ValidationFailed.field(field, _("At most %(limit)d characters are kept.") % {"limit": limit})
