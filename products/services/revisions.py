"""Revisions: make the next one, review, release, supersede, withdraw from use."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, ValidationFailed
from plm_project.core.locks import Lock, take
from plm_project.outbox.events import publish
from plm_project.tenancy.bulk import insert_in_bulk
from plm_project.tenancy.history import record_in_bulk
from plm_project.tenancy.states import step
from products import events, permissions
from products.choices import FROZEN_STATES, RevisionState
from products.effectivity import serial_ranges, serials_stored
from products.extensions import release_guards
from products.models import BomLine, Product, ProductRevision
from products.revision_labels import label_after
from products.selectors.policy import revision_scheme
from products.services.bom_lines import check_end_items
from products.services.inputs import LINE_FIELDS, apply, clean
from products.services.locked import product_locked, revision_locked
from products.services.products import product_facts
from products.services.substitute_copies import substitutes_copy


@transaction.atomic
def revision_create(
    *, actor: Actor, product_id: uuid.UUID, description: str = "", base_id: uuid.UUID | None = None
) -> ProductRevision:
    """Make the next revision in work, with the lines of ``base_id`` (default: the current revision).

    The label follows the last one given, under the product's lock, so two callers never get the same. Raises Conflict
    when one is in work already: two people would edit past each other. Publishes product_updated with
    ``started_revision_id``.
    """
    actor.require(permissions.REVISIONS_CREATE)
    take(Lock.STRUCTURE, actor.tenant_id)
    product = product_locked(product_id)
    base = _base_of(product, base_id)
    revision = revision_start(actor, product, description)
    if base is not None:
        _copy_lines(actor, base, revision)
    keep_current_label(actor, product)
    publish(
        actor,
        events.PRODUCT_UPDATED,
        entity=product,
        data={**product_facts(product), "changes": {}, "started_revision_id": revision.pk, "started": revision.label},
    )
    return revision


def revision_start(actor: Actor, product: Product, description: str) -> ProductRevision:
    """Make the next revision, without lines, of a product the caller has locked. Raises as ``revision_create``."""
    open_one = product.revisions.filter(state__in=(RevisionState.IN_WORK, RevisionState.IN_REVIEW)).first()
    if open_one is not None:
        raise Conflict(
            _("Revision %(label)s of %(number)s is in work already.")
            % {"label": open_one.label, "number": product.product_number}
        )
    given = dict(ProductRevision.all_objects.filter(product=product).values_list("sequence", "label"))
    last = max(given, default=0)
    revision = ProductRevision(
        tenant_id=actor.tenant_id,
        product=product,
        sequence=last + 1,
        label=label_after(given.values(), given.get(last, ""), revision_scheme()),
        description=description,
    )
    clean(revision, exclude=("product",))
    return revision.save_as(actor, reason=_("revision %(label)s started") % {"label": revision.label})


@transaction.atomic
def revision_update(
    *, actor: Actor, revision_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> ProductRevision:
    """Change the text, the planned beginning or the units of a revision that is not released."""
    actor.require(permissions.REVISIONS_CREATE)
    revision = revision_locked(revision_id)
    revision.expect_version(expected_version)
    if revision.is_frozen:
        raise Conflict(_("A released revision never changes."))
    if apply(revision, changes, allowed=frozenset({"description", "effective_from", "serials"})):
        clean(revision, exclude=("product",))
        revision.serials = serials_stored(serial_ranges(revision.serials))
        check_end_items([revision])
        revision.save_as(actor, reason=_("changed"))
    return revision


@transaction.atomic
def revision_submit(*, actor: Actor, revision_id: uuid.UUID, expected_version: int | None = None) -> ProductRevision:
    """Hand a revision over for review."""
    return _move(actor, revision_id, RevisionState.IN_REVIEW, "", expected_version)


@transaction.atomic
def revision_return(
    *, actor: Actor, revision_id: uuid.UUID, reason: str, expected_version: int | None = None
) -> ProductRevision:
    """Give a revision back for rework."""
    return _move(actor, revision_id, RevisionState.IN_WORK, reason, expected_version)


@transaction.atomic
def revision_release(
    *,
    actor: Actor,
    revision_id: uuid.UUID,
    reason: str,
    effective_from: dt.date | None = None,
    expected_version: int | None = None,
) -> ProductRevision:
    """Release a revision: it is frozen, becomes effective (default: today), and the one released before is superseded.

    The old revision's effectivity ends where the new one's begins, unless the new one is for some serial numbers only:
    then the old one goes on for all others. Raises Conflict when the state does not allow it or
    a release guard speaks against it, ValidationFailed when it would begin before the one it supersedes. Publishes
    product_updated.
    """
    actor.require(permissions.REVISIONS_RELEASE)
    for guard in release_guards():
        if guard.lock is not None:
            guard.lock(actor)
    revision = revision_locked(revision_id)
    revision.expect_version(expected_version)
    begins = effective_from or revision.effective_from or clock.today()
    against = [text for guard in release_guards() for text in guard.check(revision, begins)]
    if against:
        raise Conflict(" ".join(against))
    return revision_make_effective(actor, revision, reason, begins)


def revision_make_effective(actor: Actor, revision: ProductRevision, reason: str, begins: dt.date) -> ProductRevision:
    """Release a revision that the caller has locked, and that nothing speaks against."""
    previous = revision.product.revisions.select_for_update().filter(state=RevisionState.RELEASED).first()
    if previous is not None:
        _supersede(actor, previous, revision, begins)
    step(revision, "state", RevisionState.RELEASED, actor)
    revision.effective_from = begins
    revision.released_at, revision.released_by_id = clock.now(), actor.user_id
    revision.save_as(actor, reason=reason)
    product = revision.product
    keep_current_label(actor, product)
    publish(
        actor,
        events.PRODUCT_UPDATED,
        entity=product,
        data={
            **product_facts(product),
            "changes": {"revision": {"from": previous.label if previous else None, "to": revision.label}},
            "released_revision_id": revision.pk,
            "effective_from": begins,
        },
    )
    return revision


@transaction.atomic
def revision_obsolete(
    *,
    actor: Actor,
    revision_id: uuid.UUID,
    reason: str,
    ends: dt.date | None = None,
    expected_version: int | None = None,
) -> ProductRevision:
    """Withdraw a revision from use. Its effectivity ends on the day ``ends``, default today."""
    revision = revision_locked(revision_id)
    revision.expect_version(expected_version)
    revision.transition_reason = reason
    step(revision, "state", RevisionState.OBSOLETE, actor)
    last = ends or clock.today()
    if revision.effective_to is None or revision.effective_to > last:
        revision.effective_to = max(last, revision.effective_from or last)
    revision.save_as(actor, reason=reason)
    keep_current_label(actor, revision.product)
    return revision


def too_early_words(previous: ProductRevision) -> str:
    """Say that a revision cannot begin before the one it supersedes."""
    assert previous.effective_from is not None
    return _("Revision %(label)s is effective from %(date)s only; the next one cannot begin before it.") % {
        "label": previous.label,
        "date": previous.effective_from.isoformat(),
    }


def _move(
    actor: Actor, revision_id: uuid.UUID, to: RevisionState, reason: str, expected_version: int | None
) -> ProductRevision:
    revision = revision_locked(revision_id)
    revision.expect_version(expected_version)
    revision.transition_reason = reason
    step(revision, "state", to, actor)
    return revision.save_as(actor, reason=reason or str(to.label))


def _supersede(actor: Actor, previous: ProductRevision, successor: ProductRevision, begins: dt.date) -> None:
    if not successor.serials and previous.effective_from and begins < previous.effective_from:
        raise ValidationFailed.field("effective_from", too_early_words(previous))
    step(previous, "state", RevisionState.SUPERSEDED, actor)
    if not successor.serials:
        previous.effective_to = begins
    previous.save_as(actor, reason=_("superseded by %(label)s") % {"label": successor.label})


def _base_of(product: Product, base_id: uuid.UUID | None) -> ProductRevision | None:
    if base_id is not None:
        base = product.revisions.filter(pk=base_id).first()
        if base is None:
            raise NotFound(_("The product has no such revision."))
        return base
    released = product.revisions.filter(state=RevisionState.RELEASED).first()
    return released or product.revisions.order_by("-sequence").first()


def _copy_lines(actor: Actor, base: ProductRevision, revision: ProductRevision) -> None:
    copies = {
        line.pk: BomLine(
            tenant_id=actor.tenant_id,
            parent_revision=revision,
            created_by_id=actor.user_id,
            updated_by_id=actor.user_id,
            version=1,
            predecessor_id=line.pk,
            **{name: getattr(line, name) for name in LINE_FIELDS},
        )
        for line in base.lines.select_related("child")
    }
    reason = _("copied from revision %s") % base.label
    insert_in_bulk(BomLine, list(copies.values()))
    record_in_bulk(BomLine, list(copies.values()), actor, reason=reason, kind="+")
    if copies:
        substitutes_copy(actor, copies, reason)


def keep_current_label(actor: Actor, product: Product) -> None:
    """Keep ``product.revision``: the released revision's label, else that of the latest one still in use."""
    rows = list(product.revisions.order_by("-sequence").values_list("label", "state"))
    released = next((label for label, state in rows if state == RevisionState.RELEASED), None)
    open_ones = (label for label, state in rows if state not in FROZEN_STATES)
    label = released or next(open_ones, None) or (rows[0][0] if rows else product.revision)
    if label != product.revision:
        product.revision = label
        product.save_as(actor, reason=_("current revision: %s") % label, update_fields=["revision"])
