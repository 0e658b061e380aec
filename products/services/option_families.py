"""Option families and their choices: create, change, remove. Codes never change: conditions name them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, ValidationFailed
from products import permissions
from products.models import OptionChoice, OptionFamily, ProductOption
from products.models.options import MOST_CHOICES
from products.services.sourcing_records import record_change, record_create, record_locked

FAMILY_FIELDS = frozenset({"code", "name"})
CHOICE_FIELDS = frozenset({"code", "name", "rank"})


@transaction.atomic
def option_family_create(*, actor: Actor, data: Mapping[str, Any]) -> OptionFamily:
    """Create a family without choices. Raises ValidationFailed, and Conflict when its code is in use."""
    actor.require(permissions.PRODUCTS_UPDATE)
    return record_create(actor, OptionFamily(tenant_id=actor.tenant_id), data, allowed=FAMILY_FIELDS, taken="code")


@transaction.atomic
def option_family_update(
    *, actor: Actor, family_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> OptionFamily:
    """Change a family's name."""
    actor.require(permissions.PRODUCTS_UPDATE)
    family = record_locked(OptionFamily, family_id)
    family.expect_version(expected_version)
    return record_change(actor, family, changes, allowed=FAMILY_FIELDS - {"code"}, taken="name")


@transaction.atomic
def option_family_remove(
    *, actor: Actor, family_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> OptionFamily:
    """Take a family out of sight, with its choices. Raises Conflict while a product has it as an option."""
    actor.require(permissions.PRODUCTS_UPDATE)
    family = record_locked(OptionFamily, family_id)
    family.expect_version(expected_version)
    if ProductOption.objects.filter(family=family, product__is_deleted=False).exists():
        raise Conflict(_("It is an option of a product. Remove it there first."))
    return family.soft_delete_as(actor, reason=reason or _("removed"))


@transaction.atomic
def option_choice_add(*, actor: Actor, family_id: uuid.UUID, data: Mapping[str, Any]) -> OptionChoice:
    """Add a choice to a family; it stands last where no rank is given. Products that allow all choices have it at once.

    Raises Conflict when the family has the code already.
    """
    actor.require(permissions.PRODUCTS_UPDATE)
    family = record_locked(OptionFamily, family_id)
    ranks = list(OptionChoice.objects.filter(family=family).values_list("rank", flat=True))
    if len(ranks) >= MOST_CHOICES:
        raise ValidationFailed.field("code", _("A family has at most %(most)s choices.") % {"most": MOST_CHOICES})
    given = {"rank": max(ranks, default=0) + 1, **data}
    choice = OptionChoice(tenant_id=actor.tenant_id, family=family)
    return record_create(actor, choice, given, allowed=CHOICE_FIELDS, taken="code")


@transaction.atomic
def option_choice_update(
    *, actor: Actor, choice_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> OptionChoice:
    """Change a choice's name or rank."""
    actor.require(permissions.PRODUCTS_UPDATE)
    choice = record_locked(OptionChoice, choice_id)
    choice.expect_version(expected_version)
    return record_change(actor, choice, changes, allowed=CHOICE_FIELDS - {"code"}, taken="code")


@transaction.atomic
def option_choice_remove(
    *, actor: Actor, choice_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> OptionChoice:
    """Take a choice out of sight. Raises Conflict while it is the default of a product, or named by one as allowed.

    Rules, conditions and configurations may still name it: the check of each product says where.
    """
    actor.require(permissions.PRODUCTS_UPDATE)
    choice = record_locked(OptionChoice, choice_id)
    choice.expect_version(expected_version)
    options = ProductOption.objects.filter(family_id=choice.family_id, product__is_deleted=False)
    for option in options.select_related("product"):
        if option.default_choice_id == choice.pk or choice.code in option.allowed:
            words = {"number": option.product.product_number}
            raise Conflict(_("%(number)s names it as allowed or as its default. Change that first.") % words)
    return choice.soft_delete_as(actor, reason=reason or _("removed"))
