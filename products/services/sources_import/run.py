"""Runs the import: read, plan, and write when nothing is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict
from plm_project.outbox.events import publish_many
from plm_project.tenancy.history import record_in_bulk
from plm_project.tenancy.id_sets import in_ids
from products import permissions
from products.events import SOURCES_CHANGED
from products.importing.specs import ImportFault
from products.models import (
    ApprovedSource,
    Manufacturer,
    ManufacturerPart,
    PriceBreak,
    Product,
    Supplier,
    SupplierOffer,
)
from products.services.approved_sources import sources_facts
from products.services.sources_import.known import known_load
from products.services.sources_import.plan import OFFER_VALUES, Plan, Planner
from products.sourcing.source_file import read_sources

BATCH = 500
REASON = "sources_import"
STAMPS = ("version", "updated_at", "updated_by")
# In this order, for each stands on those before it; with the columns that an import changes.
MODELS: tuple[tuple[type[Any], tuple[str, ...]], ...] = (
    (Manufacturer, ()),
    (Supplier, ()),
    (ManufacturerPart, ()),
    (ApprovedSource, ("status", "status_reason", "is_preferred")),
    (SupplierOffer, OFFER_VALUES),
    (PriceBreak, ("unit_price",)),
)


@dataclass(frozen=True)
class SourcesImport:
    """What was done, or on a dry run would be; with faults nothing was."""

    rows: int
    manufacturers_created: int
    suppliers_created: int
    parts_created: int
    sources_created: int
    sources_updated: int
    offers_created: int
    offers_updated: int
    faults: tuple[ImportFault, ...]


@transaction.atomic
def sources_import(*, actor: Actor, content: bytes, name: str, dry_run: bool = False) -> SourcesImport:
    """Bring sources, offers and prices to what a file says, all or nothing; what it does not name stays.

    Makers, suppliers and manufacturer parts that are not known are created. A row's offer is the known one of the same
    item, supplier, supplier part number, currency and beginning; its prices become the row's. A verdict needs
    plm.sourcing.approve. Every fault names row, column and code. Raises Conflict when a colleague wrote meanwhile.
    """
    actor.require(permissions.SOURCING_UPDATE)
    specs, faults = read_sources(content, name)
    plan = Planner(actor, known_load(specs), name).run(specs)
    faults = sorted([*faults, *plan.faults], key=lambda fault: (fault.row, fault.column))
    if not faults and not dry_run:
        _write(actor, plan)
    sources, offers = plan.count(ApprovedSource), plan.count(SupplierOffer)
    return SourcesImport(
        rows=len(specs),
        manufacturers_created=plan.count(Manufacturer)[0],
        suppliers_created=plan.count(Supplier)[0],
        parts_created=plan.count(ManufacturerPart)[0],
        sources_created=sources[0],
        sources_updated=sources[1],
        offers_created=offers[0],
        offers_updated=offers[1],
        faults=tuple(faults),
    )


def _write(actor: Actor, plan: Plan) -> None:
    """Write everything with a few statements a model, and its history."""
    try:
        with transaction.atomic():
            _take_away(actor, plan.gone)
            for model, columns in MODELS:
                _insert(actor, model, plan.new.get(model, []))
                _change(actor, model, _preferences_first(plan.changed.get(model, {}).values()), columns)
            _tell(actor, plan)
    except IntegrityError as error:
        raise Conflict(_("Somebody changed the sources at the same time. Import the file again.")) from error


def _tell(actor: Actor, plan: Plan) -> None:
    """Publish once for each product whose list became another one. Offers alone change no list."""
    rows = [*plan.new.get(ApprovedSource, []), *plan.changed.get(ApprovedSource, {}).values()]
    ids = {row.product_id for row in rows}
    products = Product.objects.select_for_update().filter(in_ids("pk", sorted(ids))).order_by("pk")
    happenings: list[tuple[Any, dict[str, Any]]] = [(product, sources_facts(product)) for product in products]
    if happenings:
        publish_many(actor, SOURCES_CHANGED, happenings)


def _preferences_first(rows: Any) -> list[Any]:
    """Order rows so that a preference is given up before another source takes it."""
    return sorted(rows, key=lambda row: bool(getattr(row, "is_preferred", False)))


def _insert(actor: Actor, model: type[Any], rows: Sequence[Any]) -> None:
    moment = clock.now()
    for row in rows:
        row.version = 1
        row.created_at = row.updated_at = moment
        row.created_by_id = row.updated_by_id = actor.user_id
    model.objects.bulk_create(rows, batch_size=BATCH)
    record_in_bulk(model, rows, actor, reason=REASON, kind="+")


def _change(actor: Actor, model: type[Any], rows: Sequence[Any], columns: tuple[str, ...]) -> None:
    if not rows:
        return
    moment = clock.now()
    for row in rows:
        row.version += 1
        row.updated_at, row.updated_by_id = moment, actor.user_id
    model.objects.bulk_update(rows, [*columns, *STAMPS], batch_size=BATCH)
    record_in_bulk(model, rows, actor, reason=REASON, kind="~")


def _take_away(actor: Actor, rows: Sequence[PriceBreak]) -> None:
    moment = clock.now()
    for row in rows:
        row.is_deleted, row.deleted_at, row.deleted_by_id = True, moment, actor.user_id
    _change(actor, PriceBreak, rows, ("is_deleted", "deleted_at", "deleted_by"))
