"""The approved manufacturer list of a product: add, change, judge, remove."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound, ValidationFailed
from plm_project.outbox.events import publish
from plm_project.tenancy.states import step
from products import events, permissions
from products.choices import SourceStatus
from products.models import ApprovedSource, ManufacturerPart, Product
from products.services.inputs import apply
from products.services.locked import product_locked
from products.services.sourcing_records import named_or_refused, record_create, record_store

SOURCE_FIELDS = frozenset({"is_preferred", "valid_from", "valid_to"})


@transaction.atomic
def source_add(
    *, actor: Actor, product_id: uuid.UUID, manufacturer_part_id: uuid.UUID, data: Mapping[str, Any] | None = None
) -> ApprovedSource:
    """Add a manufacturer part to a product's list, as a potential source. Raises Conflict when it stands there already."""
    actor.require(permissions.SOURCING_UPDATE)
    product = product_locked(product_id)
    rows = ManufacturerPart.objects.select_related("manufacturer")
    part = named_or_refused(rows, manufacturer_part_id, "manufacturer_part_id")
    source = ApprovedSource(tenant_id=actor.tenant_id, product=product, manufacturer_part=part)
    allowed = SOURCE_FIELDS - {"is_preferred"}
    record_create(actor, source, data or {}, allowed=allowed, taken="manufacturer_part_id")
    _tell(actor, source)
    return source


@transaction.atomic
def source_update(
    *, actor: Actor, source_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> ApprovedSource:
    """Change validity or preference. Preferring one takes the preference from the product's other sources.

    Raises ValidationFailed when a source that is not approved is to be preferred.
    """
    actor.require(permissions.SOURCING_UPDATE)
    source = source_locked(source_id)
    source.expect_version(expected_version)
    differences = apply(source, changes, allowed=SOURCE_FIELDS)
    if not differences:
        return source
    if "is_preferred" in differences and source.is_preferred:
        if source.status != SourceStatus.APPROVED:
            raise ValidationFailed.field("is_preferred", _("Only an approved source can be preferred."))
        _take_preference(actor, source)
    said = _("changed: %(fields)s") % {"fields": ", ".join(sorted(differences))}
    record_store(actor, source, said, taken="is_preferred")
    _tell(actor, source)
    return source


@transaction.atomic
def source_step(
    *, actor: Actor, source_id: uuid.UUID, to: str, reason: str = "", expected_version: int | None = None
) -> ApprovedSource:
    """Judge a source: approved, disqualified or potential again (``products/sourcing/lifecycle.py``).

    Raises ValidationFailed for an unknown status or a missing reason, Conflict when there is no way, PermissionDenied.
    What is no longer approved is no longer preferred.
    """
    actor.require(permissions.SOURCING_READ)
    source = source_locked(source_id)
    source.expect_version(expected_version)
    if to not in SourceStatus.values:
        raise ValidationFailed.field("to", _("Unknown status: %(status)s") % {"status": to})
    source.transition_reason = reason
    before = source.status
    step(source, "status", to, actor)
    source.status_reason = reason[:500]
    source.is_preferred = source.is_preferred and source.status == SourceStatus.APPROVED
    source.save_as(actor, reason=reason or _("%(before)s → %(after)s") % {"before": before, "after": to})
    _tell(actor, source)
    return source


@transaction.atomic
def source_remove(
    *, actor: Actor, source_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> ApprovedSource:
    """Take a source off the list. What was disqualified stays, for otherwise it could come in again unseen: removing
    it needs the permission to judge."""
    actor.require(permissions.SOURCING_UPDATE)
    source = source_locked(source_id)
    source.expect_version(expected_version)
    if source.status != SourceStatus.POTENTIAL:
        actor.require(permissions.SOURCING_APPROVE)
    source.soft_delete_as(actor, reason=reason or _("removed"))
    _tell(actor, source)
    return source


def source_locked(source_id: uuid.UUID) -> ApprovedSource:
    """Return a source with its product locked first: all edits of one list wait for each other."""
    product_id = ApprovedSource.objects.filter(pk=source_id).values_list("product_id", flat=True).first()
    if product_id is None:
        raise NotFound(_("There is no such source."))
    product = product_locked(product_id)
    rows = ApprovedSource.objects.select_related("manufacturer_part__manufacturer").select_for_update(of=("self",))
    source = rows.filter(pk=source_id).first()
    if source is None:
        raise NotFound(_("There is no such source."))
    source.product = product
    return source  # type: ignore[no-any-return]


def _tell(actor: Actor, source: ApprovedSource) -> None:
    """Publish that the product's list is another one. The product is locked."""
    publish(actor, events.SOURCES_CHANGED, entity=source.product, data=sources_facts(source.product))


def sources_facts(product: Product) -> dict[str, Any]:
    """Return what sources_changed says: whose list it is. Who wants to know what stands there reads it."""
    return {
        "product_id": product.pk,
        "product_number": product.product_number,
        "product_name": product.product_name,
        "occurred_at": clock.now(),
    }


def _take_preference(actor: Actor, source: ApprovedSource) -> None:
    others = ApprovedSource.objects.filter(product_id=source.product_id, is_preferred=True).exclude(pk=source.pk)
    for other in others:
        other.is_preferred = False
        other.save_as(actor, reason=_("another source is preferred"), update_fields=["is_preferred"])
