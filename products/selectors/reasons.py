"""Why a line and its child's revision are in a resolved structure: the one rule that chose each, in words.

A line is in by the narrowest of its limits: condition, then serial numbers, then dates, then being optional; without
limits it always is. A revision is in because somebody named it, because it is effective, or because it is the latest.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from products.choices import FROZEN_STATES, LineType, ResolutionMode, RevisionState, Rule
from products.effectivity import SerialRange, serial_ranges
from products.selectors.resolution import Resolution
from products.selectors.stored import as_date


@dataclass(frozen=True, slots=True)
class Reason:
    """The rule that chose something, and the same in words."""

    rule: Rule
    text: str

    @property
    def resolved(self) -> bool:
        """Whether the mode's own rule chose it (else it is a fallback, or nothing was found)."""
        return self.rule not in (Rule.REVISION_FALLBACK, Rule.REVISION_NONE)


@dataclass(frozen=True, slots=True)
class LineLimits:
    """What is out of the ordinary about a line: its type, and what limits when it holds."""

    line_type: str = LineType.STANDARD
    is_optional: bool = False
    condition: str = ""
    effective_from: dt.date | None = None
    effective_to: dt.date | None = None
    serials: tuple[SerialRange, ...] = ()


ORDINARY = LineLimits()


@lru_cache(maxsize=65_536)
def limits_of(packed: str) -> LineLimits:
    """Read the limits as the databases pack them: an empty text for an ordinary line, else a JSON list."""
    if not packed:
        return ORDINARY
    kind, optional, condition, since, until, serials = json.loads(packed)
    ranges = json.loads(serials) if isinstance(serials, str) else serials
    return LineLimits(kind, bool(optional), condition, as_date(since), as_date(until), serial_ranges(ranges))


def line_reason(limits: LineLimits, resolution: Resolution) -> Reason:
    """Say why a line that is in the structure is in it."""
    if resolution.mode == ResolutionMode.AS_STORED:
        return Reason(Rule.LINE_STORED, _("as stored"))
    if limits.condition:
        asked = _("condition %(condition)s is fulfilled") if resolution.choices is not None else _("if %(condition)s")
        return Reason(Rule.LINE_CONDITION, asked % {"condition": limits.condition})
    if limits.serials:
        return Reason(Rule.LINE_SERIAL, _("serial numbers %(serials)s") % {"serials": serials_words(limits.serials)})
    if limits.effective_from or limits.effective_to:
        words = period_words(limits.effective_from, limits.effective_to)
        return Reason(Rule.LINE_DATE, _("effective %(period)s") % {"period": words})
    if limits.is_optional:
        return Reason(Rule.LINE_OPTIONAL, _("optional, and asked for"))
    return Reason(Rule.LINE_ALWAYS, _("always"))


def revision_reason(
    state: str | None, since: dt.date | None, until: dt.date | None, serials: Any, resolution: Resolution
) -> Reason:
    """Say why this revision of a child was taken; ``state`` None: none was."""
    if state is None:
        return Reason(Rule.REVISION_NONE, _("no revision released and effective on this date"))
    if not resolution.by_release:
        return Reason(Rule.REVISION_LATEST, _("latest revision"))
    ranges = serial_ranges(json.loads(serials) if isinstance(serials, str) else serials)
    if state in FROZEN_STATES and date_fits(since, until, resolution) and serials_fit(ranges, resolution):
        words = {"since": since.isoformat() if since else "…", "until": until.isoformat() if until else "…"}
        text = _("released, effective %(since)s to %(until)s") % words
        if not ranges:
            return Reason(Rule.REVISION_EFFECTIVE, text)
        units = _("serial numbers %(serials)s") % {"serials": serials_words(ranges)}
        return Reason(Rule.REVISION_SERIAL, f"{text}, {units}")
    return Reason(
        Rule.REVISION_FALLBACK,
        _("nothing released and effective: latest revision (%(state)s)") % {"state": RevisionState(state).label},
    )


def date_fits(since: dt.date | None, until: dt.date | None, resolution: Resolution) -> bool:
    """Return whether the date asked about lies in the half-open period."""
    return (since is None or since <= resolution.as_of) and (until is None or until > resolution.as_of)


def serials_fit(ranges: tuple[SerialRange, ...], resolution: Resolution) -> bool:
    """Return whether the unit asked about is in one of the ranges, as ``resolution.serial_test`` asks the database."""
    if not ranges:
        return True
    named = [entry for entry in ranges if resolution.end_item in (None, entry.end_item)]
    if resolution.serial is None:
        return any(entry.last is None for entry in named)
    return any(entry.first <= resolution.serial <= (entry.last or resolution.serial) for entry in named)


def period_words(since: dt.date | None, until: dt.date | None) -> str:
    """Return a half-open period in words."""
    if since and until:
        return _("%(since)s to %(until)s") % {"since": since.isoformat(), "until": until.isoformat()}
    if since:
        return _("from %(since)s") % {"since": since.isoformat()}
    return _("until %(until)s") % {"until": until.isoformat()} if until else _("always")


def serials_words(ranges: tuple[SerialRange, ...]) -> str:
    """Return ranges in words."""
    return ", ".join(str(entry) for entry in ranges)
