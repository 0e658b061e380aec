"""What a change would do, before anybody decides: a page of its own, and a part that the change page brings later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from changes.services import Consequences, change_consequences
from changes.services.foreseeing import PORTION, Figure, LineCause, MeasureChange, TopConsequence
from changes.views.base import ChangePage
from plm_project.core.exceptions import ValidationFailed
from plm_project.web.templatetags.plm import money, plain
from products.exceptions import StructureCycle

CAUSES_SHOWN = 10
KINDS: dict[str, str | Promise] = {
    "added": gettext_lazy("added"),
    "removed": gettext_lazy("removed"),
    "replaced": gettext_lazy("replaced"),
    "changed": gettext_lazy("changed"),
}


@dataclass(frozen=True)
class ShownFigure:
    """One figure in words. ``tone``: worse, better or even; ``parts`` are the numbers behind it."""

    label: str
    before: str
    after: str
    difference: str
    tone: str
    parts: tuple[str, ...] = ()
    note: str = ""

    @property
    def is_even(self) -> bool:
        """Whether nothing changes."""
        return self.before == self.after


@dataclass(frozen=True)
class ShownTop:
    """One product on top with its figures; the first causes, and how many more there are."""

    top: TopConsequence
    figures: tuple[ShownFigure, ...]
    causes: tuple[tuple[LineCause, str, str, str], ...]
    more: int


class ConsequencesView(ChangePage, TemplateView):
    """Every product on top with what becomes of its cost, mass, lead time, sources and compliance."""

    template_name = "changes/consequences.html"
    partial_template_name = "changes/_consequences.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the figures; a cycle in the stored structure is shown instead of an error page."""
        try:
            found = change_consequences(self.change, self.actor, offset=self._offset())
        except StructureCycle as cycle:
            return super().get_context_data(found=None, fault=str(cycle), tops=[], **kwargs)
        tops = [] if found is None else [_shown(top, found.currency) for top in found.tops]
        return super().get_context_data(
            found=found, fault="", tops=tops, **_portions(found), chart=_chart(found), **kwargs
        )

    def _offset(self) -> int:
        text = self.request.GET.get("offset", "0")
        if not (text.isascii() and text.isdigit() and len(text) < 7):
            raise ValidationFailed.field("offset", _("A whole number from 0 on."))
        return int(text)


def _portions(found: Consequences | None) -> dict[str, int | None]:
    if found is None or not found.tops:
        return {"first": None, "last": None, "previous_offset": None, "next_offset": None}
    last = found.offset + len(found.tops)
    return {
        "first": found.offset + 1,
        "last": last,
        "previous_offset": max(found.offset - PORTION, 0) if found.offset else None,
        "next_offset": last if last < found.total else None,
    }


def _chart(found: Consequences | None) -> dict[str, Any] | None:
    """Return the difference in cost of each product on top, where there is more than one."""
    if found is None or len(found.tops) < 2:
        return None
    return {
        "labels": [top.product_number for top in found.tops],
        "series": [{"name": found.currency, "values": [str(top.cost.difference) for top in found.tops]}],
    }


def _shown(top: TopConsequence, currency: str) -> ShownTop:
    unpriced = _("Without a price: %(parts)s") % {"parts": _list(top.missing_cost)} if top.missing_cost else ""
    news = [
        *(_("new: %(parts)s") % {"parts": _list(numbers)} for numbers in (top.newly_single,) if numbers),
        *(_("no longer: %(parts)s") % {"parts": _list(numbers)} for numbers in (top.no_longer_single,) if numbers),
    ]
    longest = _("longest: %(parts)s") % {"parts": _list(top.lead_time_parts)} if top.lead_time_parts else ""
    if top.lead_time_unknown:
        longest = _("not known of %(parts)s") % {"parts": _list(top.lead_time_unknown)}
    figures = (
        _figure(_("Cost"), top.cost, lambda value: money(value, currency), percent=True, note=unpriced),
        _figure(_("Mass"), top.mass, lambda value: f"{plain(value)} kg", percent=True, judged=False),
        _figure(_("Lead time"), top.lead_time, _days, note=longest),
        _figure(_("Single-source parts"), top.single_sourced, plain, note="; ".join(news)),
        *(_verdict(change) for change in top.verdicts),
    )
    causes = tuple(
        (cause, str(KINDS[cause.kind]), _signed(cause.cost, lambda value: money(value, currency)),
         _signed(cause.mass, lambda value: f"{plain(value)} kg"))
        for cause in top.causes[:CAUSES_SHOWN]
    )  # fmt: skip
    return ShownTop(top, figures, causes, max(len(top.causes) - CAUSES_SHOWN, 0))


def _figure(
    label: str,
    figure: Figure,
    words: Callable[[Any], str],
    *,
    percent: bool = False,
    judged: bool = True,
    note: str = "",
) -> ShownFigure:
    difference, tone = "", "even"
    if figure.difference:
        difference = _signed(figure.difference, words)
        if percent and figure.percent:
            difference += f" ({_signed(figure.percent, lambda value: f'{plain(value)} %')})"
        if judged:
            tone = "worse" if figure.difference > 0 else "better"
    before, after = (_("unknown") if value is None else words(value) for value in (figure.before, figure.after))
    return ShownFigure(label, before, after, difference, tone, note=note)


def _verdict(change: MeasureChange) -> ShownFigure:
    tone = "worse" if change.is_worse else "better" if change.is_better else "even"
    note = _list(change.after.parts) if change.after.code != change.before.code else ""
    return ShownFigure(str(change.measure.title), change.before.label, change.after.label, "", tone, note=note)


def _signed(value: Decimal, words: Callable[[Any], str]) -> str:
    return f"+{words(value)}" if value > 0 else words(value).replace("-", "−") if value < 0 else words(Decimal(0))


def _days(value: Any) -> str:
    return _("%(n)s days") % {"n": plain(value)}


def _list(numbers: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(numbers[:most])
    return (
        shown if len(numbers) <= most else _("%(shown)s and %(n)s more") % {"shown": shown, "n": len(numbers) - most}
    )
