"""Manufacturers, suppliers and manufacturer parts: create, change, delete."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict
from products import permissions
from products.models import Manufacturer, ManufacturerPart, Supplier
from products.services.sourcing_records import named_or_refused, record_change, record_create, record_locked

PARTNER_FIELDS = frozenset({"code", "name", "website", "contact", "is_active"})
PART_FIELDS = frozenset({"manufacturer_id", "mpn", "description", "lifecycle", "link"})


@transaction.atomic
def manufacturer_create(*, actor: Actor, data: Mapping[str, Any]) -> Manufacturer:
    """Create a manufacturer. Raises ValidationFailed, and Conflict when its code or name is in use."""
    actor.require(permissions.SOURCING_UPDATE)
    record = Manufacturer(tenant_id=actor.tenant_id)
    return record_create(actor, record, data, allowed=PARTNER_FIELDS, taken="name")


@transaction.atomic
def manufacturer_update(
    *, actor: Actor, manufacturer_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> Manufacturer:
    """Change a manufacturer. An inactive one's parts are no sources any more. Raises Conflict when a name is in use."""
    actor.require(permissions.SOURCING_UPDATE)
    record = record_locked(Manufacturer, manufacturer_id)
    record.expect_version(expected_version)
    return record_change(actor, record, changes, allowed=PARTNER_FIELDS, taken="name")


@transaction.atomic
def manufacturer_delete(
    *, actor: Actor, manufacturer_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> Manufacturer:
    """Take a manufacturer out of sight. Raises Conflict while it has parts: set it inactive instead."""
    actor.require(permissions.SOURCING_UPDATE)
    record = record_locked(Manufacturer, manufacturer_id)
    record.expect_version(expected_version)
    if record.parts.exists():
        raise Conflict(_("It has parts on record. Set it inactive instead."))
    return record.soft_delete_as(actor, reason=reason or _("deleted"))


@transaction.atomic
def supplier_create(*, actor: Actor, data: Mapping[str, Any]) -> Supplier:
    """Create a supplier. Raises ValidationFailed, and Conflict when its code or name is in use."""
    actor.require(permissions.SOURCING_UPDATE)
    record = Supplier(tenant_id=actor.tenant_id)
    return record_create(actor, record, data, allowed=PARTNER_FIELDS, taken="name")


@transaction.atomic
def supplier_update(
    *, actor: Actor, supplier_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> Supplier:
    """Change a supplier. An inactive one's offers do not count. Raises Conflict when a name is in use."""
    actor.require(permissions.SOURCING_UPDATE)
    record = record_locked(Supplier, supplier_id)
    record.expect_version(expected_version)
    return record_change(actor, record, changes, allowed=PARTNER_FIELDS, taken="name")


@transaction.atomic
def supplier_delete(
    *, actor: Actor, supplier_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> Supplier:
    """Take a supplier out of sight. Raises Conflict while it has offers: set it inactive instead."""
    actor.require(permissions.SOURCING_UPDATE)
    record = record_locked(Supplier, supplier_id)
    record.expect_version(expected_version)
    if record.offers.exists():
        raise Conflict(_("It has offers on record. Set it inactive instead."))
    return record.soft_delete_as(actor, reason=reason or _("deleted"))


@transaction.atomic
def manufacturer_part_create(*, actor: Actor, data: Mapping[str, Any]) -> ManufacturerPart:
    """Create a manufacturer part. Raises ValidationFailed, and Conflict when the manufacturer has the number already."""
    actor.require(permissions.SOURCING_UPDATE)
    record = ManufacturerPart(tenant_id=actor.tenant_id)
    _require_manufacturer(data)
    return record_create(actor, record, data, allowed=PART_FIELDS, taken="mpn")


@transaction.atomic
def manufacturer_part_update(
    *, actor: Actor, part_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> ManufacturerPart:
    """Change a manufacturer part. Raises Conflict when the manufacturer has the number already."""
    actor.require(permissions.SOURCING_UPDATE)
    record = record_locked(ManufacturerPart, part_id)
    record.expect_version(expected_version)
    _require_manufacturer(changes)
    return record_change(actor, record, changes, allowed=PART_FIELDS, taken="mpn")


@transaction.atomic
def manufacturer_part_delete(
    *, actor: Actor, part_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> ManufacturerPart:
    """Take a manufacturer part out of sight. Raises Conflict while it is a source or is offered."""
    actor.require(permissions.SOURCING_UPDATE)
    record = record_locked(ManufacturerPart, part_id)
    record.expect_version(expected_version)
    if record.sources.exists() or record.offers.exists():
        raise Conflict(_("It is a source of a product, or is offered. Remove it there first, or call it obsolete."))
    return record.soft_delete_as(actor, reason=reason or _("deleted"))


def manufacturer_part_named(actor: Actor, manufacturer: Manufacturer, mpn: str) -> ManufacturerPart:
    """Return the manufacturer's part of this number; one that is not on record yet is created."""
    found = manufacturer.parts.filter(mpn__iexact=mpn).first()
    if found is not None:
        return found  # type: ignore[no-any-return]
    return manufacturer_part_create(actor=actor, data={"manufacturer_id": manufacturer.pk, "mpn": mpn})


def _require_manufacturer(data: Mapping[str, Any]) -> None:
    if "manufacturer_id" in data:
        named_or_refused(Manufacturer.objects.all(), data["manufacturer_id"], "manufacturer_id")
