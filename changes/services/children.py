"""Every child of what is released is released already, or by the same change: the rule as a gate, and the parts it misses."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes.gates import GateFinding, PlannedRelease, ReleaseGate
from changes.models import AffectedProduct, ChangePolicy
from changes.services.affected import attach, note_edit
from changes.services.gating import change_release, lone_release
from changes.services.locked import draft_locked
from plm_project.core.actor import Actor
from plm_project.tenancy.id_sets import in_ids
from products.choices import LifecyclePhase, LineType, RevisionState
from products.extensions import ReleaseGuard
from products.models import BomLine, Product, ProductRevision

NAMED = 10
"""So many missing parts a refusal names; a change with the product lists them all."""


def children_wanted() -> bool:
    """Whether the running tenant asks for released children."""
    return ChangePolicy.objects.filter(children_released=True).exists()


def children_missing(release: PlannedRelease) -> list[Product]:
    """Return the parts that must be released with a release and are not in it, also those below them, by number.

    Three queries a level of what was never released; none of what is below a product that has a released revision.
    """
    here = {product.product_id for product in release.products}
    found: set[uuid.UUID] = set()
    level = {line.child_id for product in release.products for line in product.lines} - here
    while level := _unreleased(level - found):
        found |= level
        level = (
            set(
                BomLine.objects.filter(
                    in_ids("parent_revision__product_id", level),
                    parent_revision__state__in=(RevisionState.IN_WORK, RevisionState.IN_REVIEW),
                )
                .exclude(line_type=LineType.REFERENCE)
                .values_list("child_id", flat=True)
            )
            - here
        )
    return list(Product.objects.filter(in_ids("pk", found)).order_by("product_number"))


@transaction.atomic
def children_add(*, actor: Actor, change_id: uuid.UUID, expected_version: int | None = None) -> list[AffectedProduct]:
    """Add to a draft all parts that ``children_missing`` names, so that they are released with it. Raises as
    ``affected_add``; nothing is added when one cannot be.
    """
    change = draft_locked(actor, change_id)
    change.expect_version(expected_version)
    added = [attach(actor, change, product.pk, None) for product in children_missing(change_release(change))]
    if added:
        numbers = ", ".join(entry.product.product_number for entry in added)
        note_edit(actor, change, (_("products added: %s") % numbers)[:500])
    return added


def _unreleased(product_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of these live products have no released revision."""
    wanted = set(product_ids)
    if not wanted:
        return set()
    released = ProductRevision.objects.filter(in_ids("product_id", wanted), state=RevisionState.RELEASED)
    known = set(Product.objects.filter(in_ids("pk", wanted)).values_list("pk", flat=True))
    return known - set(released.values_list("product_id", flat=True))


def lone_release_missing(revision: ProductRevision, day: dt.date) -> list[str]:
    """Return what the rule says against releasing a revision on its own, without a change: a sentence on the parts that are
    still to be released, one on each that is obsolete and replaced.
    """
    if not children_wanted():
        return []
    [product] = lone_release(revision, day).products
    missing = _unreleased(line.child_id for line in product.lines)
    parts = Product.objects.filter(in_ids("pk", missing)).select_related("replaced_by").order_by("product_number")
    words = {part.product_number: _replaced_words(part) for part in parts}
    replaced = [said for said in words.values() if said]
    numbers = [number for number, said in words.items() if not said]
    if not numbers:
        return replaced[:NAMED]
    named, more = ", ".join(numbers[:NAMED]), len(numbers) - NAMED
    if more > 0:
        named = _("%(parts)s and %(more)s more") % {"parts": named, "more": more}
    yet = _("Not released yet: %(parts)s. Release these parts first, or all by one change.") % {"parts": named}
    return [yet, *replaced[:NAMED]]


def _findings(release: PlannedRelease) -> Sequence[GateFinding]:
    here = {product.product_id for product in release.products}
    missing = _unreleased({line.child_id for product in release.products for line in product.lines} - here)
    parts = Product.objects.filter(in_ids("pk", missing)).select_related("replaced_by").in_bulk()
    return [
        GateFinding(
            product.product_id,
            product.product_number,
            _missing_words(parts[child_id]),
            reverse("products:product-detail", args=[child_id]),
        )
        for product in release.products
        for child_id in dict.fromkeys(line.child_id for line in product.lines)
        if child_id in missing
    ]


def _replaced_words(part: Product) -> str:
    """Say what replaces a part that is obsolete; an empty string for any other."""
    if part.lifecycle_phase != LifecyclePhase.OBSOLETE or part.replaced_by is None:
        return ""
    words = {"part": part.product_number, "replacement": part.replaced_by.product_number}
    return _("%(part)s is obsolete; %(replacement)s replaces it.") % words


def _missing_words(part: Product) -> str:
    if replaced := _replaced_words(part):
        return replaced
    return _("%(part)s is not released, and not in this change.") % {"part": part.product_number}


# Nothing has to be locked for what this reads: a revision that is withdrawn meanwhile may be withdrawn right afterwards too.
CHILDREN_GATE = ReleaseGate("children", gettext_lazy("Parts released"), _findings, is_asked=children_wanted)
CHILDREN_GUARD = ReleaseGuard("children", lone_release_missing)
