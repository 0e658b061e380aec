"""Plays the demo's change requests (data/requests.json): asked and answered by the people of the story."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from changes.models import ChangeRequest, EngineeringChange
from changes.services import request_accept, request_create, request_decline
from plm_project.accounts.actors import actor_for_user
from plm_project.accounts.models import User
from plm_project.core import clock
from plm_project.core.actor import acting_as
from plm_project.demo.story import DATA
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import Product


def requests_play(tenants: dict[str, Tenant], people: dict[str, User]) -> None:
    """Play every request of the file. The changes are there already."""
    for told in json.loads((DATA / "requests.json").read_text(encoding="utf-8")):
        tenant = tenants[told["tenant"]]
        with tenant_scope(tenant.pk):
            actor = actor_for_user(people[told["by"]], tenant.pk)
            products = Product.objects.filter(product_number__in=told["products"]).order_by("product_number")
            keys = list(products.values_list("pk", flat=True))
            with clock.fixed(dt.datetime.fromisoformat(told["at"])), acting_as(actor):
                asked = request_create(actor=actor, data=told["fields"], products=keys)
            if answer := told.get("answer"):
                _answer(asked, answer, people[answer["by"]], tenant)


def _answer(asked: ChangeRequest, answer: dict[str, Any], person: User, tenant: Tenant) -> None:
    actor = actor_for_user(person, tenant.pk)
    with clock.fixed(dt.datetime.fromisoformat(answer["at"])), acting_as(actor):
        if answer["kind"] == "decline":
            request_decline(actor=actor, request_id=asked.pk, reason=answer["comment"])
        else:
            order = EngineeringChange.objects.get(change_title=answer["change"])
            request_accept(actor=actor, request_id=asked.pk, order_id=order.pk, reason=answer["comment"])
