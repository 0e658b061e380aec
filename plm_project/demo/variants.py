"""Builds the demo's configurable bike (data/variants.json): options, rules, conditioned lines, saved configurations.

One line can never be built in, on purpose: the check has something to show.
"""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from plm_project.accounts.actors import actor_for_user
from plm_project.accounts.models import User
from plm_project.core import clock
from plm_project.core.actor import Actor, acting_as
from plm_project.demo.story import DATA
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import OptionFamily, Product, ProductRevision
from products.services import LineInput, line_add, product_create
from products.services.configurations import configuration_create
from products.services.option_families import option_choice_add, option_family_create
from products.services.product_options import option_rule_add, product_option_add


def variants_play(tenants: dict[str, Tenant], people: dict[str, User]) -> None:
    """Build what the file says. The catalogue is there already."""
    for part in json.loads((DATA / "variants.json").read_text(encoding="utf-8")):
        tenant = tenants[part["tenant"]]
        with tenant_scope(tenant.pk), clock.fixed(dt.datetime.fromisoformat(f"{part['on']}T10:00:00+00:00")):
            actor = actor_for_user(people[part["by"]], tenant.pk)
            with acting_as(actor):
                _families(actor, part)
                _structure(actor, part)
                _rules(actor, part)


def _families(actor: Actor, part: dict[str, Any]) -> None:
    for entry in part["families"]:
        family = option_family_create(actor=actor, data={"code": entry["code"], "name": entry["name"]})
        for code, name in entry["choices"]:
            option_choice_add(actor=actor, family_id=family.pk, data={"code": code, "name": name})


def _structure(actor: Actor, part: dict[str, Any]) -> None:
    for number, name, kind in part["parts"]:
        values = {"product_number": number, "product_name": name, "product_type": kind}
        product_create(actor=actor, data=values, auto_create_digital_twin=False)
    numbers = {number for line in part["lines"] for number in line[:2]}
    products = {product.product_number: product for product in Product.objects.filter(product_number__in=numbers)}
    for parent, child, find_number, quantity, condition in part["lines"]:
        revision = ProductRevision.objects.get(product=products[parent])
        line = LineInput(
            child_id=products[child].pk, quantity=Decimal(quantity), find_number=find_number, condition=condition
        )
        line_add(actor=actor, revision_id=revision.pk, line=line)


def _rules(actor: Actor, part: dict[str, Any]) -> None:
    product = Product.objects.get(product_number=part["product"])
    families = {family.code: family for family in OptionFamily.objects.prefetch_related("choices")}
    for entry in part["options"]:
        family = families[entry["family"]]
        default = next((choice for choice in family.choices.all() if choice.code == entry.get("default")), None)
        given = {"is_required": entry["required"], "default_choice_id": default.pk if default else None}
        product_option_add(actor=actor, product_id=product.pk, family_id=family.pk, data=given)
    for condition, kind, then, note in part["rules"]:
        values = {"condition": condition, "kind": kind, "then": then, "note": note}
        option_rule_add(actor=actor, product_id=product.pk, data=values)
    for code, name, choices, note in part["configurations"]:
        values = {"code": code, "name": name, "choices": choices, "note": note}
        configuration_create(actor=actor, product_id=product.pk, data=values)
