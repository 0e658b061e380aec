"""Baselines: take one, and withdraw one that was taken by mistake. There is no way to change or delete one.

No event is published: SPEC §6 names none for baselines.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, ValidationFailed
from plm_project.core.locks import Lock, take
from plm_project.tenancy.bulk import insert_in_bulk
from plm_project.tenancy.id_sets import in_ids
from products import permissions
from products.baseline_text import checksum_of, digest_of, head_text, item_text, item_values, line_text, line_values
from products.models import Baseline, BaselineItem, BaselineLine, BomLine, Product, ProductRevision
from products.selectors.explosion import Explosion
from products.selectors.graph import ROOT, Structure, revision_named, structure_load
from products.selectors.graph_columns import NO_REVISION
from products.selectors.reasons import LineLimits, Reason, limits_of
from products.selectors.resolution import Resolution
from products.selectors.substitutes import substitutes_packed
from products.services.inputs import clean
from products.services.locked import product_locked


@transaction.atomic
def baseline_create(
    *,
    actor: Actor,
    product_id: uuid.UUID,
    name: str,
    resolution: Resolution,
    note: str = "",
    revision_label: str = "",
) -> Baseline:
    """Freeze the structure that ``resolution`` finds below a product, of the revision named where one is.

    Lines rest meanwhile, so that what is frozen is the structure of one moment. Raises Conflict when the name was ever
    taken for this product, when the question finds no revision of it, or the structure contains a cycle.
    """
    actor.require(permissions.BASELINES_CREATE)
    take(Lock.STRUCTURE, actor.tenant_id)
    product = product_locked(product_id)
    name = " ".join(name.split())
    if not name:
        raise ValidationFailed.field("name", _("Give the baseline a name."))
    if Baseline.all_objects.filter(product=product, name=name).exists():
        message = _("%(number)s has a baseline %(name)s already.") % {"number": product.product_number, "name": name}
        raise Conflict(message, details={"name": [message]})
    named = revision_named(product, revision_label) if revision_label else None
    structure = structure_load(product, resolution, revision=named)
    baseline = _head(actor, product, name, note, structure)
    items, lines = list(_items(baseline, structure)), list(_lines(baseline, structure))
    texts = (head_text(baseline), *_sealed(items, item_text, item_values), *_sealed(lines, line_text, line_values))
    baseline.checksum = checksum_of(texts)
    clean(baseline, exclude=("product", "revision", "end_item"))
    insert_in_bulk(BaselineItem, items)
    insert_in_bulk(BaselineLine, lines)
    # The head comes last: once it is there, the database takes no more rows (baseline_guards.py).
    return baseline.save_as(actor, reason=_("baseline taken"))


@transaction.atomic
def baseline_withdraw(
    *, actor: Actor, baseline_id: uuid.UUID, reason: str, expected_version: int | None = None
) -> Baseline:
    """Say that a baseline was taken by mistake. It stays readable, and its name taken. Once, and with a reason."""
    actor.require(permissions.BASELINES_WITHDRAW)
    baseline = Baseline.objects.select_for_update().filter(pk=baseline_id, product__is_deleted=False).first()
    if baseline is None:
        raise NotFound(_("There is no such baseline."))
    baseline.expect_version(expected_version)
    if not reason.strip():
        raise ValidationFailed.field("reason", _("Say why it is withdrawn."))
    if baseline.is_withdrawn:
        raise Conflict(_("It is withdrawn already."))
    baseline.withdrawn_at, baseline.withdrawn_by_id = clock.now(), actor.user_id
    baseline.withdrawn_reason = reason.strip()[:500]
    fields = ("withdrawn_at", "withdrawn_by", "withdrawn_reason")
    return baseline.save_as(actor, reason=baseline.withdrawn_reason, update_fields=fields)


def _head(actor: Actor, product: Product, name: str, note: str, structure: Structure) -> Baseline:
    key = structure.products.revision[ROOT] if len(structure) else NO_REVISION
    if key == NO_REVISION:
        raise Conflict(_("Nothing was released and effective then, so there is nothing to freeze."))
    extent, asked = Explosion(structure).extent(), structure.resolution
    return Baseline(
        tenant_id=actor.tenant_id,
        product=product,
        name=name,
        note=note.strip(),
        revision=ProductRevision.objects.get(pk=uuid.UUID(bytes=key)),
        revision_label=structure.label(ROOT),
        mode=asked.mode.value,
        as_of=asked.as_of,
        serial=asked.serial,
        end_item_id=asked.end_item,
        choices=None if asked.choices is None else sorted(asked.choices),
        with_optional=asked.with_optional,
        product_count=extent.distinct_products,
        line_count=len(structure.child),
        depth=extent.depth,
    )


def _items(baseline: Baseline, structure: Structure) -> Iterable[BaselineItem]:
    columns = structure.products
    keys = [uuid.UUID(bytes=key) for key in columns.key]
    rows = Product.all_objects.filter(in_ids("id", keys)).exclude(product_description="").order_by()
    descriptions = dict(rows.values_list("pk", "product_description"))
    for at, key in enumerate(keys):
        reason = structure.reason(at)
        yield BaselineItem(
            tenant_id=baseline.tenant_id,
            baseline=baseline,
            place=at,
            product_id=key,
            revision_id=uuid.UUID(bytes=columns.revision[at]) if columns.revision[at] != NO_REVISION else None,
            revision_label=structure.label(at),
            state=columns.state[at] or "",
            product_number=columns.number[at],
            product_name=columns.name[at],
            description=descriptions.get(key, ""),
            product_type=columns.product_type[at],
            unit_of_measure=columns.unit[at],
            current_cost=structure.cost(at),
            mass_kg=structure.mass(at),
            rule=reason.rule.value,
            reason=reason.text,
        )


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a line keeps beside what the structure shows; most keep nothing."""

    notes: str = ""
    attributes: str = ""
    attrition_percent: Decimal = Decimal(0)
    setup_quantity: Decimal = Decimal(0)
    rounding_multiple: Decimal = Decimal(0)


def _lines(baseline: Baseline, structure: Structure) -> Iterable[BaselineLine]:
    columns = structure.lines
    origins = [uuid.UUID(bytes=key) for key in columns.key]
    kept, nothing = _kept(origins), _Kept()
    reasons: dict[str, Reason] = {}
    limits = {packed: packed_again(limits_of(packed)) for packed in set(columns.limits)}
    marks = {text: json.dumps(json.loads(text), ensure_ascii=False) for text in set(columns.designators)}
    for line, origin in enumerate(origins):
        packed, beyond = columns.limits[line], kept.get(origin, nothing)
        reason = reasons.get(packed) or reasons.setdefault(packed, structure.line_reason(line))
        yield BaselineLine(
            tenant_id=baseline.tenant_id,
            baseline=baseline,
            position=line,
            parent_place=columns.parent[line],
            child_place=structure.child[line],
            origin=origin,
            find_number=columns.find_number[line],
            quantity=structure.quantities[line],
            unit_of_measure=columns.unit[line],
            designators=marks[columns.designators[line]],
            limits=limits[packed],
            attrition_percent=beyond.attrition_percent,
            setup_quantity=beyond.setup_quantity,
            rounding_multiple=beyond.rounding_multiple,
            notes=beyond.notes,
            attributes=beyond.attributes,
            substitutes=substitutes_packed(structure.substitutes(line)),
            rule=reason.rule.value,
            reason=reason.text,
        )


def _kept(origins: list[uuid.UUID]) -> dict[uuid.UUID, _Kept]:
    ordinary = Q(notes="", custom_attributes={}, attrition_percent=0, setup_quantity=0, rounding_multiple=0)
    rows = BomLine.all_objects.filter(in_ids("id", origins)).exclude(ordinary).order_by()
    columns = ("pk", "notes", "custom_attributes", "attrition_percent", "setup_quantity", "rounding_multiple")
    return {
        key: _Kept(notes, json.dumps(kept, ensure_ascii=False, sort_keys=True) if kept else "", *amounts)
        for key, notes, kept, *amounts in rows.values_list(*columns)
    }


def packed_again(limits: LineLimits) -> str:
    """Return what is out of the ordinary about a line as ``reasons.limits_of`` reads it, alike on both databases."""
    if limits == LineLimits():
        return ""
    serials = [entry.stored() for entry in limits.serials] or None
    values = (
        limits.line_type,
        limits.is_optional,
        limits.condition,
        limits.effective_from,
        limits.effective_to,
        serials,
    )
    return json.dumps(
        [value.isoformat() if isinstance(value, dt.date) else value for value in values], ensure_ascii=False
    )


def _sealed(rows: list[Any], write: Any, values: Any) -> Iterable[str]:
    """Give each row the digest of its line of text, and yield the lines."""
    for row in rows:
        text = write(values(row))
        row.digest = digest_of(text)
        yield text
