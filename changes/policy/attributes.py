"""What a condition of an approval rule may ask of a change: a closed list, each with the operators it knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from changes.choices import AffectedAction, ChangeType, Priority, Urgency
from products.choices import FROZEN_STATES, LifecyclePhase, ProductType

if TYPE_CHECKING:
    from changes.models import EngineeringChange

CUSTOM = "attribute."  # before the name of a custom attribute of the products
NUMBERS = ("above", "at least", "below", "at most")
WORDS = ("is", "is not", "in", "not in")


@dataclass(frozen=True)
class PolicyFacts:
    """A change as conditions see it. ``values``: for each attribute its values; several where several products are
    affected. Numbers are Decimal, ``cost_impact`` without its sign: a saving is judged as an expense of its size.
    """

    values: dict[str, frozenset[Any]]
    custom: dict[str, frozenset[str]]

    def of(self, name: str) -> frozenset[Any]:
        """Return the values of an attribute; none for a custom attribute that no product has."""
        if name.startswith(CUSTOM):
            return self.custom.get(name.removeprefix(CUSTOM), frozenset())
        return self.values[name]


@dataclass(frozen=True)
class Attribute:
    """``choices`` are the values it may have, by value; None where any text may stand."""

    name: str
    label: Any
    operators: tuple[str, ...]
    choices: dict[str, Any] | None = None

    def shown(self, value: Any) -> str:
        """Return a value as people read it."""
        return str((self.choices or {}).get(value, value))


def _chosen(name: str, label: Any, choices: Iterable[tuple[Any, Any]]) -> Attribute:
    return Attribute(name, label, WORDS, dict(choices))


ATTRIBUTES: dict[str, Attribute] = {
    attribute.name: attribute
    for attribute in (
        _chosen("change_type", _("type"), ChangeType.choices),
        _chosen("priority", _("priority"), Priority.choices),
        _chosen("urgency", _("urgency"), Urgency.choices),
        Attribute("cost_impact", _("cost impact"), NUMBERS),
        Attribute("affected_products", _("affected products"), NUMBERS),
        Attribute("redlines", _("redlines"), NUMBERS),
        _chosen("action", _("what happens"), AffectedAction.choices),
        _chosen("released_before", _("released before"), (("yes", _("yes")), ("no", _("no")))),
        _chosen("product_type", _("product type"), ProductType.choices),
        _chosen("lifecycle_phase", _("lifecycle phase"), LifecyclePhase.choices),
        Attribute("tag", _("tag"), WORDS),
        Attribute("product_number", _("product number"), WORDS),
    )
}


def attribute_named(name: str) -> Attribute | None:
    """Return an attribute by its name, also a custom one (``attribute.material``); None when there is none."""
    if name.startswith(CUSTOM) and name != CUSTOM:
        return Attribute(name, name.removeprefix(CUSTOM), WORDS)
    return ATTRIBUTES.get(name)


def facts_of(change: EngineeringChange) -> PolicyFacts:
    """Return what conditions may ask of a change. Two queries."""
    affected = list(change.affected.select_related("product", "base_revision"))
    products = [entry.product for entry in affected]
    custom: dict[str, set[str]] = {}
    for product in products:
        for name, value in product.custom_attributes.items():
            custom.setdefault(name, set()).update(_texts(value))
    return PolicyFacts(
        values={
            "change_type": frozenset({change.change_type}),
            "priority": frozenset({change.priority}),
            "urgency": frozenset({change.urgency}),
            "cost_impact": frozenset({abs(change.cost_impact)}),
            "affected_products": frozenset({Decimal(len(products))}),
            "redlines": frozenset({Decimal(change.redlines.count())}),
            "action": frozenset(str(entry.action) for entry in affected),
            "released_before": frozenset(
                "yes" if entry.base_revision.state in FROZEN_STATES else "no" for entry in affected
            ),
            "product_type": frozenset(product.product_type for product in products),
            "lifecycle_phase": frozenset(product.lifecycle_phase for product in products),
            "tag": frozenset(tag for product in products for tag in product.tags),
            "product_number": frozenset(product.product_number for product in products),
        },
        custom={name: frozenset(values) for name, values in custom.items()},
    )


def _texts(value: Any) -> list[str]:
    """Return a custom value as the words it can be compared with: of a list each one, yes and no for a switch."""
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [] if value is None or isinstance(value, dict) else [str(value)]
