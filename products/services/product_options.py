"""What may be chosen for a product, and the rules among the choices.

They belong to the product, not to a revision: they say what is offered from now on, and a baseline keeps what was. No
event: SPEC §6 names none for them.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from products import permissions
from products.conditions import condition_choices, condition_text
from products.models import OptionChoice, OptionFamily, OptionRule, ProductOption
from products.selectors.configurations import problem_of
from products.services.locked import product_locked
from products.services.sourcing_records import named_or_refused, record_change, record_create, record_locked

OPTION_FIELDS = frozenset({"is_required", "allowed", "default_choice_id", "rank"})
RULE_FIELDS = frozenset({"kind", "condition", "then", "note"})


@transaction.atomic
def product_option_add(
    *, actor: Actor, product_id: uuid.UUID, family_id: uuid.UUID, data: Mapping[str, Any] | None = None
) -> ProductOption:
    """Let a family be chosen from for a product. Raises ValidationFailed for an unknown family or choice, Conflict when
    the product has the family already.
    """
    actor.require(permissions.PRODUCTS_UPDATE)
    product = product_locked(product_id)
    family = named_or_refused(OptionFamily.objects.all(), family_id, "family_id")
    given = {"rank": ProductOption.objects.filter(product=product).count() + 1, **(data or {})}
    _require_choices(family.pk, given)
    option = ProductOption(tenant_id=actor.tenant_id, product=product, family=family)
    return record_create(actor, option, given, allowed=OPTION_FIELDS, taken="family_id")


@transaction.atomic
def product_option_update(
    *, actor: Actor, option_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> ProductOption:
    """Change whether an option must be chosen, its allowed choices, default or rank."""
    actor.require(permissions.PRODUCTS_UPDATE)
    option = _locked(ProductOption, option_id)
    option.expect_version(expected_version)
    _require_choices(option.family_id, changes)
    return record_change(actor, option, changes, allowed=OPTION_FIELDS, taken="family_id")


@transaction.atomic
def product_option_remove(
    *, actor: Actor, option_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> ProductOption:
    """Say that the family is chosen from no more. Rules and configurations that name it are found by the check."""
    actor.require(permissions.PRODUCTS_UPDATE)
    option = _locked(ProductOption, option_id)
    option.expect_version(expected_version)
    return option.soft_delete_as(actor, reason=reason or _("removed"))


@transaction.atomic
def option_rule_add(*, actor: Actor, product_id: uuid.UUID, data: Mapping[str, Any]) -> OptionRule:
    """Add a rule. Raises ValidationFailed where a side cannot be read or names a choice the product does not have,
    Conflict when the rule stands already.
    """
    actor.require(permissions.PRODUCTS_UPDATE)
    product = product_locked(product_id)
    rule = OptionRule(tenant_id=actor.tenant_id, product=product)
    return record_create(actor, rule, _rule_read(product, data), allowed=RULE_FIELDS, taken="condition")


@transaction.atomic
def option_rule_update(
    *, actor: Actor, rule_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> OptionRule:
    """Change a rule. Saved configurations that break it stay, and say so."""
    actor.require(permissions.PRODUCTS_UPDATE)
    rule = _locked(OptionRule, rule_id)
    rule.expect_version(expected_version)
    return record_change(actor, rule, _rule_read(rule.product, changes), allowed=RULE_FIELDS, taken="condition")


@transaction.atomic
def option_rule_remove(
    *, actor: Actor, rule_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> OptionRule:
    """Take a rule away."""
    actor.require(permissions.PRODUCTS_UPDATE)
    rule = _locked(OptionRule, rule_id)
    rule.expect_version(expected_version)
    return rule.soft_delete_as(actor, reason=reason or _("removed"))


def _locked(model: Any, record_id: uuid.UUID) -> Any:
    """Return an option or rule with its product, both locked: a configuration is judged by rules that stand still."""
    record = record_locked(model, record_id)
    record.product = product_locked(record.product_id)
    return record


def _require_choices(family_id: uuid.UUID, given: Mapping[str, Any]) -> None:
    """Refuse allowed choices and a default that the family does not have."""
    choices = OptionChoice.objects.filter(family_id=family_id)
    if (default := given.get("default_choice_id")) is not None:
        named_or_refused(choices, default, "default_choice_id")
    allowed = given.get("allowed")
    if isinstance(allowed, list) and allowed:
        known = set(choices.values_list("code", flat=True))
        unknown = [str(code) for code in allowed if code not in known]
        if unknown:
            words = {"codes": ", ".join(unknown)[:200]}
            raise ValidationFailed.field("allowed", _("The family has no choice %(codes)s.") % words)


def _rule_read(product: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input with both conditions as they are stored; refuse choices that the product does not have."""
    read = dict(given)
    problem = problem_of(product)
    for name in ("condition", "then"):
        if not isinstance(read.get(name), str):
            continue
        try:
            read[name] = condition_text(read[name])
        except ValidationError as error:
            raise ValidationFailed(str(error.messages[0]), details={name: error.messages}) from error
        if unknown := problem.unknown(condition_choices(read[name])):
            words = {"number": product.product_number, "choices": ", ".join(unknown)}
            raise ValidationFailed.field(name, _("%(number)s has no choice %(choices)s.") % words)
    return read
