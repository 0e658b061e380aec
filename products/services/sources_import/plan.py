"""What a file of sources would change, row by row, with everything that is wrong. Writes nothing."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.exceptions import PlmError
from plm_project.tenancy.states import step
from products.choices import SourceStatus
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
from products.services.sources_import.known import Known, OfferKey
from products.sourcing.source_file import OfferSpec, SourceSpec

CODE_LENGTH = 20
OFFER_VALUES = ("minimum_quantity", "order_multiple", "lead_time_days", "valid_to")


@dataclass
class Plan:
    """New rows, changed rows and price breaks to take away, by model."""

    new: dict[type[Any], list[Any]] = field(default_factory=dict)
    changed: dict[type[Any], dict[uuid.UUID, Any]] = field(default_factory=dict)
    gone: list[PriceBreak] = field(default_factory=list)
    faults: list[ImportFault] = field(default_factory=list)
    fresh: set[uuid.UUID] = field(default_factory=set)

    def add(self, row: Any) -> None:
        """Note a new row."""
        self.new.setdefault(type(row), []).append(row)
        self.fresh.add(row.pk)

    def touch(self, row: Any) -> None:
        """Note a changed row; a new one is written as it stands anyway."""
        if row.pk not in self.fresh:
            self.changed.setdefault(type(row), {})[row.pk] = row

    def count(self, model: type[Any]) -> tuple[int, int]:
        """Return how many rows of a model are new and changed."""
        return len(self.new.get(model, ())), len(self.changed.get(model, ()))


class Planner:
    """Goes through the rows in order. A row with a fault leaves the rest to be looked at."""

    def __init__(self, actor: Actor, known: Known, name: str) -> None:
        self.actor, self.known, self.name = actor, known, name
        self.plan = Plan()
        self.codes: dict[type[Any], set[str]] = {}
        self.verdicts: dict[uuid.UUID, SourceStatus] = {}
        self.liked: dict[uuid.UUID, uuid.UUID] = {}
        self.seen: dict[OfferKey, OfferSpec] = {}

    def run(self, specs: Sequence[SourceSpec]) -> Plan:
        """Return what there is to do."""
        for spec in specs:
            product = self.known.products.get(spec.product_number)
            if product is None:
                self._fault(spec, "product_number", "unknown_part", _("There is no such product."))
                continue
            part = self._part(spec) if spec.mpn else None
            if part is not None:
                self._source(spec, product, part)
            if spec.offer is not None:
                self._offer(spec, spec.offer, product, part)
        return self.plan

    # --- companies and parts -----------------------------------------------------------------------------------------
    def _part(self, spec: SourceSpec) -> ManufacturerPart:
        maker = self._partner(Manufacturer, self.known.manufacturers, spec.manufacturer)
        key = (maker.pk, spec.mpn.casefold())
        if key not in self.known.parts:
            part = ManufacturerPart(tenant_id=self.actor.tenant_id, manufacturer=maker, mpn=spec.mpn)
            self.known.parts[key] = part
            self.plan.add(part)
        return self.known.parts[key]

    def _partner(self, model: Any, known: dict[str, Any], name: str) -> Any:
        if name.casefold() not in known:
            code = self._free_code(model, known, name)
            row = model(tenant_id=self.actor.tenant_id, name=name, code=code)
            known[name.casefold()] = row
            self.plan.add(row)
        return known[name.casefold()]

    def _free_code(self, model: Any, known: dict[str, Any], name: str) -> str:
        """Make a code of the name's letters and digits; a number behind it where it is in use."""
        taken = self.codes.setdefault(model, {row.code.casefold() for row in known.values()})
        base = re.sub(r"[^A-Z0-9]+", "-", name.upper()).strip("-")[:CODE_LENGTH] or "CODE"
        base = base if len(base) > 1 else f"{base}-1"
        code, number = base, 1
        while code.casefold() in taken:
            number += 1
            code = f"{base[: CODE_LENGTH - 1 - len(str(number))]}-{number}"
        taken.add(code.casefold())
        return code

    # --- the list ----------------------------------------------------------------------------------------------------
    def _source(self, spec: SourceSpec, product: Product, part: ManufacturerPart) -> None:
        key = (product.pk, part.pk)
        source = self.known.sources.get(key)
        if source is None:
            source = ApprovedSource(tenant_id=self.actor.tenant_id, product=product, manufacturer_part=part)
            self.known.sources[key] = source
            self.plan.add(source)
        if spec.status is not None:
            self._judge(spec, source, spec.status)
        if spec.preferred is not None:
            self._prefer(spec, source, preferred=spec.preferred)

    def _judge(self, spec: SourceSpec, source: ApprovedSource, status: SourceStatus) -> None:
        if self.verdicts.setdefault(source.pk, status) != status:
            self._fault(spec, "status", "conflict", _("Another row gives this source another status."))
            return
        if source.status == status:
            return
        source.transition_reason = spec.reason
        try:
            step(source, "status", status, self.actor)
        except PlmError as error:
            self._fault(spec, "status", error.error_code.lower(), error.message)
            return
        source.status_reason = spec.reason
        source.is_preferred = source.is_preferred and status == SourceStatus.APPROVED
        self.plan.touch(source)

    def _prefer(self, spec: SourceSpec, source: ApprovedSource, *, preferred: bool) -> None:
        if not preferred:
            if source.is_preferred and self.liked.get(source.product_id) != source.pk:
                source.is_preferred = False
                self.plan.touch(source)
            return
        if source.status != SourceStatus.APPROVED:
            self._fault(spec, "preferred", "not_approved", _("Only an approved source can be preferred."))
            return
        if self.liked.setdefault(source.product_id, source.pk) != source.pk:
            self._fault(spec, "preferred", "duplicate", _("Another row prefers another source of this product."))
            return
        for other in self.known.sources.values():
            if other.product_id == source.product_id and other.is_preferred and other.pk != source.pk:
                other.is_preferred = False
                self.plan.touch(other)
        if not source.is_preferred:
            source.is_preferred = True
            self.plan.touch(source)

    # --- offers ------------------------------------------------------------------------------------------------------
    def _offer(self, spec: SourceSpec, given: OfferSpec, product: Product, part: ManufacturerPart | None) -> None:
        supplier = self._partner(Supplier, self.known.suppliers, given.supplier)
        item = part.pk if part is not None else product.pk
        key = (item, supplier.pk, given.supplier_part_number, given.currency, given.valid_from)
        if key in self.seen:
            if self.seen[key] != given:
                self._fault(spec, "supplier", "duplicate", _("Another row gives other values for this offer."))
            return
        self.seen[key] = given
        offer = self.known.offers.get(key)
        values = {name: getattr(given, name) for name in OFFER_VALUES}
        if offer is None:
            subject = {"manufacturer_part": part} if part is not None else {"product": product}
            offer = SupplierOffer(
                tenant_id=self.actor.tenant_id, supplier=supplier, currency=given.currency,
                supplier_part_number=given.supplier_part_number, valid_from=given.valid_from, **subject, **values,
            )  # fmt: skip
            self.plan.add(offer)
        elif any(getattr(offer, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(offer, name, value)
            self.plan.touch(offer)
        self._prices(offer, given)

    def _prices(self, offer: SupplierOffer, given: OfferSpec) -> None:
        before: dict[Decimal, PriceBreak] = {row.from_quantity: row for row in self.known.breaks.get(offer.pk, ())}
        for wanted in given.breaks:
            row = before.pop(wanted.from_quantity, None)
            if row is None:
                self.plan.add(
                    PriceBreak(
                        tenant_id=self.actor.tenant_id, offer=offer,
                        from_quantity=wanted.from_quantity, unit_price=wanted.unit_price,
                    )
                )  # fmt: skip
            elif row.unit_price != wanted.unit_price:
                row.unit_price = wanted.unit_price
                self.plan.touch(row)
                self.plan.touch(offer)
        if before:
            self.plan.gone += before.values()
            self.plan.touch(offer)

    def _fault(self, spec: SourceSpec, column: str, code: str, message: str) -> None:
        self.plan.faults.append(ImportFault(self.name, spec.row, column, code, message))
