"""What rebasing left to a person, as the redline picture shows it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from changes.merging import LINE
from changes.models import Redline
from changes.services.checking import conflict_words


@dataclass(frozen=True)
class ShownConflict:
    """What rebasing left to a person on one redline, and what the two ways out are called."""

    redline_id: uuid.UUID
    field: str
    key: str
    text: str
    mine: str
    theirs: str
    line_is_gone: bool


def shown_conflicts(redlines: Iterable[Redline]) -> tuple[ShownConflict, ...]:
    """Return the conflicts of one row."""
    return tuple(
        ShownConflict(
            redline.pk, told["field"], told.get("key", ""), conflict_words(told), *_sides(told), _is_gone(told)
        )
        for redline in redlines
        for told in redline.conflicts
    )


def _is_gone(told: dict[str, Any]) -> bool:
    return bool(told["field"] == LINE and told["theirs"] is None)


def _sides(told: dict[str, Any]) -> tuple[str, str]:
    """Say what keeping and taking come to, as the buttons name them."""
    if told["field"] != LINE:
        mine, theirs = (told["shown"][side] or _("nothing") for side in ("mine", "theirs"))
        return _("Keep %(value)s") % {"value": mine}, _("Take %(value)s") % {"value": theirs}
    if told["theirs"] is None:
        return _("Add the line again"), _("Leave it removed")
    return _("Remove it all the same"), _("Keep the line as released")
