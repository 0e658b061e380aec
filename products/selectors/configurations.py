"""Option families, what a product's options and rules are, and its saved configurations."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from plm_project.core.exceptions import NotFound, ValidationFailed
from products.choices import OptionRuleKind
from products.configuring.problem import Broken, Choice, ChoiceRule, Option, Problem
from products.models import Configuration, OptionChoice, OptionFamily, OptionRule, Product, ProductOption


def family_list() -> QuerySet[OptionFamily]:
    """Return the tenant's option families with their choices, by name."""
    return OptionFamily.objects.prefetch_related(Prefetch("choices", OptionChoice.objects.all()))


def family_get(family_id: uuid.UUID) -> OptionFamily:
    """Return one family with its choices; raise NotFound."""
    found = family_list().filter(pk=family_id).first()
    if found is None:
        raise NotFound(_("There is no such option family."))
    return found


def choice_rows() -> QuerySet[OptionChoice]:
    """Return the tenant's choices with their families, by rank."""
    return OptionChoice.objects.filter(family__is_deleted=False).select_related("family")


def choice_get(choice_id: uuid.UUID) -> OptionChoice:
    """Return one choice with its family; raise NotFound."""
    found = choice_rows().filter(pk=choice_id).first()
    if found is None:
        raise NotFound(_("There is no such choice."))
    return found


def option_rows() -> QuerySet[ProductOption]:
    """Return options of live products with their family, its choices and the default, by rank."""
    rows = ProductOption.objects.filter(product__is_deleted=False).select_related(
        "product", "family", "default_choice__family"
    )
    return rows.prefetch_related(Prefetch("family__choices", OptionChoice.objects.all()))


def option_get(option_id: uuid.UUID) -> ProductOption:
    """Return one option of a product; raise NotFound."""
    found = option_rows().filter(pk=option_id).first()
    if found is None:
        raise NotFound(_("There is no such option."))
    return found


def rule_rows() -> QuerySet[OptionRule]:
    """Return rules of live products, oldest first."""
    return OptionRule.objects.filter(product__is_deleted=False).select_related("product")


def rule_get(rule_id: uuid.UUID) -> OptionRule:
    """Return one rule; raise NotFound."""
    found = rule_rows().filter(pk=rule_id).first()
    if found is None:
        raise NotFound(_("There is no such rule."))
    return found


def configuration_rows() -> QuerySet[Configuration]:
    """Return configurations of live products, by code."""
    return Configuration.objects.filter(product__is_deleted=False).select_related("product")


def configuration_get(configuration_id: uuid.UUID) -> Configuration:
    """Return one configuration with its product; raise NotFound."""
    found = configuration_rows().filter(pk=configuration_id).first()
    if found is None:
        raise NotFound(_("There is no such configuration."))
    return found


def choices_had(option: ProductOption) -> list[OptionChoice]:
    """Return the choices of the family that the product has, by rank."""
    return [choice for choice in option.family.choices.all() if not option.allowed or choice.code in option.allowed]


def problem_of(product: Product) -> Problem:
    """Return what may be chosen for a product, and the rules. Three queries, whatever their number."""
    options = tuple(_option(row) for row in option_rows().filter(product=product))
    rules = tuple(
        ChoiceRule(OptionRuleKind(row.kind), row.condition, row.then, row.note, row.pk)
        for row in OptionRule.objects.filter(product=product)
    )
    return Problem(options, rules)


def _option(row: ProductOption) -> Option:
    family = row.family.code
    choices = tuple(Choice(f"{family}:{choice.code}", choice.name) for choice in choices_had(row))
    default = f"{family}:{row.default_choice.code}" if row.default_choice else ""
    return Option(family, row.family.name, choices, row.is_required, default, row.pk)


def configuration_named(product: Product, text: str, *, field: str = "configuration") -> Configuration:
    """Return a product's configuration by its code, or by its id as addresses have it; ValidationFailed names ``field``."""
    rows = Configuration.objects.filter(product=product)
    found = rows.filter(code=text.strip().lower()).first()
    if found is None and (key := _uuid(text)) is not None:
        found = rows.filter(pk=key).first()
    if found is None:
        words = {"number": product.product_number, "name": text[:100]}
        raise ValidationFailed.field(field, _("%(number)s has no configuration %(name)s.") % words)
    return found


def configuration_valid(product: Product, text: str, *, field: str = "configuration") -> Configuration:
    """Return a saved configuration to ask by. Raises ValidationFailed at ``field`` where it is not there, and where the
    product's rules, as they are now, refuse it: what cannot be built is not answered.
    """
    configuration = configuration_named(product, text, field=field)
    broken = problem_of(product).broken(configuration.choices)
    if broken:
        words = {"name": configuration.name, "rules": broken_words(broken)}
        raise ValidationFailed.field(field, _("%(name)s is no valid configuration: %(rules)s") % words)
    return configuration


def broken_words(broken: Iterable[Broken]) -> str:
    """Return what choices break as one text."""
    return "; ".join(entry.text for entry in broken) + "."


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
