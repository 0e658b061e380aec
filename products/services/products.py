"""Products: create, change, delete, move through the lifecycle."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, ValidationFailed
from plm_project.core.locks import Lock, take
from plm_project.outbox.events import publish
from plm_project.tenancy.states import step
from products import events, permissions
from products.choices import LifecyclePhase
from products.models import Product, ProductRevision
from products.selectors.policy import first_label
from products.selectors.substitutes import substitute_rows
from products.services.bom_lines import lines_insert
from products.services.inputs import LineInput, apply, clean
from products.services.locked import product_locked

CHANGEABLE = frozenset(
    {
        "product_name",
        "product_description",
        "product_type",
        "status",
        "target_cost",
        "current_cost",
        "mass_kg",
        "unit_of_measure",
        "custom_attributes",
        "tags",
        "replaced_by_id",
    }
)
# Set by the integrations alone (SPEC §3).
INTEGRATED = frozenset({"manufacturing_status", "digital_twin_id"})
COSTS = frozenset({"target_cost", "current_cost"})
# What may be set at creation alone: the number is for ever, the first phase has no transition behind it.
AT_CREATION = CHANGEABLE | {"product_number", "lifecycle_phase"}


@transaction.atomic
def product_create(
    *,
    actor: Actor,
    data: Mapping[str, Any],
    structure: Sequence[LineInput] = (),
    auto_create_digital_twin: bool = True,
) -> Product:
    """Create a product with its first revision (in work) and, where given, that revision's lines: all or nothing.

    ``data`` holds the fields of SPEC §3. Raises ValidationFailed (a line's fault as ``structure[0].quantity``) and
    Conflict when the number is or was ever taken. Publishes product_created, and bom_changed with lines.
    """
    actor.require(permissions.PRODUCTS_CREATE)
    refused = sorted(set(data) - AT_CREATION)
    if refused:
        raise ValidationFailed(
            _("These fields cannot be set."), details={name: [_("Cannot be set.")] for name in refused}
        )
    product = Product(tenant_id=actor.tenant_id, revision=first_label(), **data)
    phase = data.get("lifecycle_phase", LifecyclePhase.CONCEPT)
    if phase not in LifecyclePhase.values:
        raise ValidationFailed.field("lifecycle_phase", _("Unknown phase: %(phase)s") % {"phase": phase})
    if phase != LifecyclePhase.CONCEPT:
        actor.require(permissions.PRODUCTS_RELEASE)
    clean(product)
    _refuse_taken_number(product.product_number)
    try:
        with transaction.atomic():
            product.save_as(actor, reason=_("created"))
    except IntegrityError as error:  # a colleague took the number between the look and the write
        raise _number_taken(product.product_number) from error
    revision = ProductRevision(tenant_id=actor.tenant_id, product=product, label=product.revision, sequence=1)
    revision.save_as(actor, reason=_("first revision"))
    publish(
        actor,
        events.PRODUCT_CREATED,
        entity=product,
        data={**product_facts(product), "auto_create_digital_twin": auto_create_digital_twin},
    )
    if structure:
        lines_insert(actor, revision, structure, prefix="structure")
    return product


@transaction.atomic
def product_update(
    *,
    actor: Actor,
    product_id: uuid.UUID,
    changes: Mapping[str, Any],
    expected_version: int | None = None,
    reason: str = "",
) -> Product:
    """Change a product's own fields. Nothing changed: nothing is written or published.

    Raises ValidationFailed, NotFound, PreconditionFailed when ``expected_version`` is stale, and Conflict when the unit
    is changed while lines are given in it. Publishes product_updated, and cost_updated when an amount changed.
    """
    actor.require(permissions.PRODUCTS_UPDATE)
    if "unit_of_measure" in changes:
        take(Lock.STRUCTURE, actor.tenant_id)  # a line in the old unit must not come in meanwhile
    product = product_locked(product_id)
    product.expect_version(expected_version)
    differences = apply(product, changes, allowed=CHANGEABLE)
    if not differences:
        return product
    clean(product)
    if "unit_of_measure" in differences and (product.used_in.exists() or product.substitute_on.exists()):
        raise Conflict(_("The unit cannot change while the product stands on BOM lines, which are given in it."))
    if "replaced_by_id" in differences and product.replaced_by_id:
        _require_product(product.replaced_by_id, "replaced_by_id")
    product.save_as(actor, reason=reason or _("changed: %(fields)s") % {"fields": ", ".join(sorted(differences))})
    publish(actor, events.PRODUCT_UPDATED, entity=product, data={**product_facts(product), "changes": differences})
    if COSTS & set(differences):
        costs = {name: change for name, change in differences.items() if name in COSTS}
        publish(actor, events.COST_UPDATED, entity=product, data={**product_facts(product), "changes": costs})
    return product


@transaction.atomic
def product_integration_set(
    *, actor: Actor, product_id: uuid.UUID, changes: Mapping[str, str], reason: str
) -> Product:
    """Note what a neighbouring system says of a product: ``manufacturing_status``, ``digital_twin_id``.

    Nothing is published: it is no news to the neighbours, and telling them would make them answer for ever. Holds for a
    deleted product too, which may be so since the call. Nothing changed: nothing is written.
    """
    actor.require(permissions.PRODUCTS_UPDATE)
    product = Product.all_objects.select_for_update().get(pk=product_id)
    if apply(product, changes, allowed=INTEGRATED):
        clean(product)
        product.save_as(actor, reason=reason)
    return product


@transaction.atomic
def product_delete(
    *, actor: Actor, product_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> Product:
    """Take a product out of sight (soft delete). Its number stays taken.

    Raises Conflict when it was ever released (make it obsolete instead) or stands on a line, as its part or a substitute.
    """
    actor.require(permissions.PRODUCTS_DELETE)
    take(Lock.STRUCTURE, actor.tenant_id)  # no line may come to stand on it meanwhile
    product = product_locked(product_id)
    product.expect_version(expected_version)
    if product.is_released():
        raise Conflict(_("A product that was released is made obsolete, not deleted."))
    users = [*product.used_in.select_related("parent_revision__product")[:3]]
    users += [row.line for row in substitute_rows().filter(product=product)[:3]]
    if users:
        names = ", ".join(sorted({line.parent_revision.product.product_number for line in users}))
        raise Conflict(_("It is used in %(products)s. Take it off those lines first.") % {"products": names})
    product.soft_delete_as(actor, reason=reason or _("deleted"))
    publish(
        actor, events.PRODUCT_UPDATED, entity=product, data={**product_facts(product), "changes": {}, "deleted": True}
    )
    return product


@transaction.atomic
def product_lifecycle_change(
    *,
    actor: Actor,
    product_id: uuid.UUID,
    to: str,
    reason: str = "",
    replaced_by_id: uuid.UUID | None = None,
    expected_version: int | None = None,
) -> Product:
    """Move a product to another phase by the machine in ``lifecycle.py``.

    Raises ValidationFailed for an unknown phase or a missing reason, Conflict when there is no way or a guard stops it
    (the message says which), PermissionDenied without the transition's permission. Publishes lifecycle_phase_changed.
    """
    actor.require(permissions.PRODUCTS_READ)
    product = product_locked(product_id)
    product.expect_version(expected_version)
    if to not in LifecyclePhase.values:
        raise ValidationFailed.field("to", _("Unknown phase: %(phase)s") % {"phase": to})
    if replaced_by_id is not None:
        product.replaced_by = _require_product(replaced_by_id, "replaced_by")
        clean(product)
    product.transition_reason = reason
    before = product.lifecycle_phase
    step(product, "lifecycle_phase", to, actor)
    text = reason or _("%(before)s → %(after)s") % {"before": before, "after": to}
    product.save_as(actor, reason=text)
    publish(
        actor,
        events.LIFECYCLE_PHASE_CHANGED,
        entity=product,
        data={**product_facts(product), "from": before, "to": to, "reason": reason},
    )
    return product


def product_facts(product: Product) -> dict[str, Any]:
    """Return what every event about a product carries."""
    return {
        "product_id": product.pk,
        "product_number": product.product_number,
        "product_name": product.product_name,
        "product_description": product.product_description,
        "product_type": product.product_type,
        "lifecycle_phase": product.lifecycle_phase,
        "revision": product.revision,
        "target_cost": product.target_cost,
        "current_cost": product.current_cost,
        "unit_of_measure": product.unit_of_measure,
        "custom_attributes": product.custom_attributes,
        "occurred_at": clock.now(),
    }


def _refuse_taken_number(number: str) -> None:
    if Product.all_objects.filter(product_number=number).exists():
        raise _number_taken(number)


def _number_taken(number: str) -> Conflict:
    message = _("The number %(number)s is taken.") % {"number": number}
    return Conflict(message, details={"product_number": [message]})


def _require_product(product_id: uuid.UUID, field: str) -> Product:
    product = Product.objects.filter(pk=product_id).first()
    if product is None:
        raise NotFound(_("There is no such product."), details={field: [_("There is no such product.")]})
    return product
