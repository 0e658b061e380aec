"""Writes a plan: a handful of statements per kind, whatever the number of rows, with history and events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.progress import Progress, unheard
from plm_project.outbox.events import publish_many
from plm_project.tenancy.bulk import insert_in_bulk
from plm_project.tenancy.history import record_in_bulk
from products import events
from products.choices import RevisionState
from products.importing.specs import ProductSpec
from products.models import BomLine, Product, ProductRevision
from products.services.bom_lines import line_facts
from products.services.inputs import LINE_FIELDS
from products.services.products import product_facts
from products.services.structure_import.plan import Plan
from products.services.structure_import.substitutes import substitutes_write

BATCH = 500
CHANGED_FIELDS = (
    "product_name",
    "product_description",
    "product_type",
    "current_cost",
    "target_cost",
    "mass_kg",
    "unit_of_measure",
    "custom_attributes",
    "tags",
    "version",
    "updated_at",
    "updated_by",
)


def plan_write(actor: Actor, plan: Plan, *, reason: str, progress: Progress = unheard) -> None:
    """Write products, revisions and lines, release what the file says is released, then record and publish."""
    products, lines = len(plan.new_products), len(plan.new_lines)
    rows = products + lines
    progress(_("Writing products"), 0, rows)
    new_products = [product for product, _spec in plan.new_products]
    for product, spec in plan.new_products:
        if spec.state != RevisionState.IN_WORK:
            plan.revisions[product.product_number].effective_from = spec.since or clock.today()
    revisions = [plan.revisions[product.product_number] for product in new_products]
    insert_in_bulk(Product, new_products)
    insert_in_bulk(ProductRevision, revisions)
    _change_products(actor, plan.changed_products)
    progress(_("Writing lines"), products, rows)
    insert_in_bulk(BomLine, plan.new_lines)
    _change_lines(actor, plan.changed_lines)
    substitutes_write(actor, plan.substitutes, reason)
    _freeze(actor, plan.new_products, plan.revisions)
    progress(_("Writing the history"), rows, rows)
    for model, written, kind in (
        (Product, new_products, "+"),
        (ProductRevision, revisions, "+"),
        (BomLine, plan.new_lines, "+"),
        (Product, plan.changed_products, "~"),
        (BomLine, plan.changed_lines, "~"),
    ):
        record_in_bulk(model, written, actor, reason=reason, kind=kind)
    progress(_("Telling what changed"), rows, rows)
    _publish(actor, plan)


def _change_products(actor: Actor, products: list[Product]) -> None:
    moment = clock.now()
    for product in products:
        product.version += 1
        product.updated_at, product.updated_by_id = moment, actor.user_id
    if products:
        Product.objects.bulk_update(products, CHANGED_FIELDS, batch_size=BATCH)


def _change_lines(actor: Actor, lines: list[BomLine]) -> None:
    fields = (*(name for name in LINE_FIELDS if name not in ("child_id", "find_number")), "version", "updated_by")
    if lines:
        BomLine.objects.bulk_update(lines, fields, batch_size=BATCH)


def _freeze(
    actor: Actor, new_products: Iterable[tuple[Product, ProductSpec]], revisions: dict[str, ProductRevision]
) -> None:
    """Give new revisions the state their source says. They were written in work, for a released one takes no lines."""
    moment = clock.now()
    groups: dict[RevisionState, list[ProductRevision]] = {}
    for product, spec in new_products:
        if spec.state != RevisionState.IN_WORK:
            groups.setdefault(spec.state, []).append(revisions[product.product_number])
    for state, rows in groups.items():
        values: dict[str, Any] = {"state": state, "released_at": moment, "released_by_id": actor.user_id}
        # What arrives obsolete was effective nowhere that we know of: it ends where it begins.
        ends = {"effective_to": F("effective_from")} if state == RevisionState.OBSOLETE else {}
        for start in range(0, len(rows), BATCH):
            chunk = [row.pk for row in rows[start : start + BATCH]]
            ProductRevision.objects.filter(pk__in=chunk).update(**values, **ends)
        for row in rows:  # the state field refuses assignment; the row has these values already
            row.__dict__.update(values, effective_to=row.effective_from if ends else None)


def _publish(actor: Actor, plan: Plan) -> None:
    created = [
        (product, {**product_facts(product), "auto_create_digital_twin": True}) for product, _spec in plan.new_products
    ]
    changed = [(product, {**product_facts(product), "changes": {}}) for product in plan.changed_products]
    boms: dict[str, dict[str, list[BomLine]]] = {}
    for kind, lines in (("added", plan.new_lines), ("changed", plan.changed_lines)):
        for line in lines:
            boms.setdefault(line.parent_revision.product.product_number, {}).setdefault(kind, []).append(line)
    if created:
        publish_many(actor, events.PRODUCT_CREATED, created)
    if changed:
        publish_many(actor, events.PRODUCT_UPDATED, changed)
    if boms:
        publish_many(
            actor, events.BOM_CHANGED, [_bom_event(plan.products[number], kinds) for number, kinds in boms.items()]
        )


def _bom_event(product: Product, kinds: dict[str, list[BomLine]]) -> tuple[Product, dict[str, object]]:
    revision = next(iter(kinds.values()))[0].parent_revision
    return product, {
        "parent_product_id": product.pk,
        "parent_product_number": product.product_number,
        "revision_id": revision.pk,
        "revision": revision.label,
        "state": revision.state,
        "added": [line_facts(line) for line in kinds.get("added", ())],
        "removed": [],
        "changed": [{"before": None, "after": line_facts(line)} for line in kinds.get("changed", ())],
    }
