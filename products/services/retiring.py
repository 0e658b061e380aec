"""Taking products out of use, several at once: as an engineering change that obsoletes or replaces them asks."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.locks import Lock, take
from products import permissions
from products.choices import LIVE_STATES, LifecyclePhase, RevisionState
from products.models import ProductRevision
from products.services.locked import product_locked
from products.services.products import product_lifecycle_change, product_update
from products.services.revision_plan import Problem
from products.services.revisions import revision_obsolete


@dataclass(frozen=True)
class Retirement:
    """One product to go out of use. ``base_id`` is its released revision, or the one in work of a product never
    released; its effectivity ends on the day ``ends`` (None: today). ``key`` names the product in refusals.
    """

    key: str
    product_id: uuid.UUID
    base_id: uuid.UUID
    replaced_by_id: uuid.UUID | None = None
    ends: dt.date | None = None


def retirement_problems(retirements: Sequence[Retirement]) -> list[Problem]:
    """Return what speaks against each: another revision has become the current one, or one is under way. One query.

    Whether it is still used is judged by who knows what else changes at once.
    """
    wanted = {one.product_id for one in retirements}
    live: dict[uuid.UUID, list[ProductRevision]] = {}
    rows = ProductRevision.objects.filter(product_id__in=wanted, state__in=LIVE_STATES, product__is_deleted=False)
    for revision in rows.select_related("product").order_by("sequence"):
        live.setdefault(revision.product_id, []).append(revision)
    return [
        Problem(f"{one.key}.base_revision", words, is_conflict=True)
        for one in retirements
        if (words := _against(one, live.get(one.product_id, [])))
    ]


@transaction.atomic
def products_retire(*, actor: Actor, retirements: Sequence[Retirement], reason: str) -> None:
    """Make products obsolete, each with its replacement where it has one. The caller has refused what speaks against it.

    The revision ends on its day; the phase changes at once. Raises PermissionDenied without plm.products.retire, and
    Conflict where the machines know no way. Publishes lifecycle_phase_changed per product.
    """
    actor.require(permissions.PRODUCTS_RETIRE)
    take(Lock.STRUCTURE, actor.tenant_id)  # nobody builds it in meanwhile
    for one in sorted(retirements, key=lambda one: one.product_id):
        product = product_locked(one.product_id)
        revision_obsolete(actor=actor, revision_id=one.base_id, reason=reason, ends=one.ends)
        if product.lifecycle_phase != LifecyclePhase.OBSOLETE:
            product_lifecycle_change(
                actor=actor,
                product_id=product.pk,
                to=LifecyclePhase.OBSOLETE,
                reason=reason,
                replaced_by_id=one.replaced_by_id,
            )
        elif one.replaced_by_id is not None and product.replaced_by_id != one.replaced_by_id:
            product_update(
                actor=actor, product_id=product.pk, changes={"replaced_by_id": one.replaced_by_id}, reason=reason
            )


def _against(one: Retirement, live: Sequence[ProductRevision]) -> str:
    base = next((revision for revision in live if revision.pk == one.base_id), None)
    if base is None:
        return _("The revision it starts from is no longer in use.")
    words = {"number": base.product.product_number}
    if base.state == RevisionState.IN_REVIEW:
        return _("Revision %(label)s of %(number)s is in review; it rests until it comes back.") % {
            **words,
            "label": base.label,
        }
    others = [revision for revision in live if revision.pk != base.pk]
    if others:
        return _("Revision %(label)s of %(number)s is in work already.") % {**words, "label": others[0].label}
    return ""
