"""The product page: overview, where used, revisions, history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from plm_project.core.actor import Actor
from plm_project.tenancy.states import TransitionOption, transition_options
from products import permissions
from products.choices import LifecyclePhase, LineType, RevisionState
from products.exceptions import StructureCycle
from products.models import BomLine, Product, ProductRevision
from products.selectors.end_items import end_item_numbers
from products.selectors.graph import structure_load
from products.selectors.history import FieldChange, HistoryEntry, ProductHistory
from products.selectors.products import revision_list
from products.selectors.resolution import Resolution
from products.selectors.rollup import Rollup, product_rollup
from products.views.base import ProductPage, actor_of, page_of

MISSING_SHOWN = 12


@dataclass(frozen=True)
class Step:
    """One phase of the lifecycle as the stepper shows it: done, current or ahead."""

    value: str
    label: str
    place: str


class ProductOverviewView(ProductPage, TemplateView):
    """Facts, roll-up, lifecycle."""

    template_name = "products/overview.html"
    tab = "overview"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the roll-up and the lifecycle with what is possible now, and why the rest is not."""
        product, actor = self.product, actor_of(self.request)
        rollup, cycle = rollup_of(product)
        return super().get_context_data(
            rollup=rollup,
            cycle=cycle,
            missing_shown=rollup.missing_cost[:MISSING_SHOWN] if rollup else (),
            missing_more=max(len(rollup.missing_cost) - MISSING_SHOWN, 0) if rollup else 0,
            steps=steps_of(product),
            attributes=sorted(product.custom_attributes.items()),
            revisions=list(revision_list(product)[:5]),
            **lifecycle_of(product, actor),
            **kwargs,
        )


def rollup_of(product: Product) -> tuple[Rollup | None, StructureCycle | None]:
    """Return the roll-up as of today, or the cycle that forbids one: the page shows it and stays usable."""
    try:
        return product_rollup(structure_load(product, Resolution.of(), sums_only=True)), None
    except StructureCycle as cycle:
        return None, cycle


def steps_of(product: Product) -> list[Step]:
    """Return the phases in their order."""
    values = list(LifecyclePhase.values)
    at = values.index(product.lifecycle_phase)
    places = ["done"] * at + ["current"] + ["ahead"] * (len(values) - at - 1)
    return [Step(value, str(LifecyclePhase(value).label), place) for value, place in zip(values, places, strict=True)]


def lifecycle_of(product: Product, actor: Actor) -> dict[str, list[TransitionOption]]:
    """Return the transitions possible now, and those that exist but are stopped, with the reasons."""
    options = transition_options(product, "lifecycle_phase", actor)
    return {
        "possible": [option for option in options if option.possible],
        "stopped": [option for option in options if not option.possible and option.permission],
    }


@dataclass(frozen=True)
class RevisionRow:
    """A revision with the steps the signed-in person can take."""

    revision: ProductRevision
    options: list[TransitionOption]


class ProductRevisionsView(ProductPage, TemplateView):
    """The revisions with their states, dates and steps."""

    template_name = "products/revisions.html"
    tab = "revisions"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the revisions. Superseding is no step of its own: releasing the next one does it."""
        actor = actor_of(self.request)
        revisions = list(revision_list(self.product).select_related("released_by", "created_by"))
        open_one = next((entry for entry in revisions if entry.state in ("in_work", "in_review")), None)
        rows = [RevisionRow(entry, revision_steps(entry, actor)) for entry in revisions]
        may_start = actor.may(permissions.REVISIONS_CREATE) and open_one is None
        return super().get_context_data(
            rows=rows,
            open_one=open_one,
            may_start=may_start,
            may_edit_revisions=actor.may(permissions.REVISIONS_CREATE),
            numbers=end_item_numbers(revision.serials for revision in revisions),
            **kwargs,
        )


def revision_steps(revision: ProductRevision, actor: Actor) -> list[TransitionOption]:
    """Return the steps that are possible now."""
    options = transition_options(revision, "state", actor)
    return [option for option in options if option.possible and option.to != RevisionState.SUPERSEDED]


class ProductHistoryView(ProductPage, TemplateView):
    """Who changed what, when and why."""

    template_name = "products/history.html"
    tab = "history"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a page of entries."""
        record = self.request.GET.get("record", "")
        record = record if record in ("product", "revision", "line") else ""
        page = page_of(ProductHistory(self.product, record=record), self.request)
        entries = [HistoryRow(entry, [change_words(change) for change in entry.changes]) for entry in page]
        kinds = (
            ("", _("Everything")),
            ("product", _("Product")),
            ("revision", _("Revisions")),
            ("line", _("BOM lines")),
        )
        return super().get_context_data(page=page, entries=entries, record=record, kinds=kinds, **kwargs)


@dataclass(frozen=True)
class HistoryRow:
    """An entry with its changes in words."""

    entry: HistoryEntry
    changes: list[tuple[str, str, str]]


def change_words(change: FieldChange) -> tuple[str, str, str]:
    """Return (field, before, after) as people read them."""
    label = FIELD_WORDS.get(change.field)
    words = LINE_TYPES if change.field == "line_type" else {}
    before, after = (words.get(value, value) for value in (change.before, change.after))
    return str(label or change.field.replace("_", " ")), _shown(before), _shown(after)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, list):
        return ", ".join(str(entry) for entry in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {entry}" for name, entry in value.items())
    return str(value)


LINE_TYPES: dict[Any, Any] = dict(LineType.choices)
FIELD_WORDS = {
    field.name: field.verbose_name
    for model in (BomLine, ProductRevision, Product)
    for field in model._meta.concrete_fields
}
