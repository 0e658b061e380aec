"""Plays the story's changes: each step by the person who took it, on its day."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from changes import services
from changes.models import AffectedProduct, Disposition, EngineeringChange
from plm_project.accounts.actors import actor_for_user
from plm_project.accounts.models import User
from plm_project.core import clock
from plm_project.core.actor import Actor, acting_as
from plm_project.demo.story import DemoChange, DemoStep
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import BomLine, Product
from products.units import unit_code

DRAFTED_BEFORE = dt.timedelta(days=3)
DECIDE: dict[str, Callable[..., EngineeringChange]] = {
    "submit": services.change_submit,
    "implement": services.change_implement,
}
SIGN: dict[str, Callable[..., EngineeringChange]] = {
    "approve": services.change_approve,
    "reject": services.change_reject,
}
MOVE: dict[str, Callable[..., EngineeringChange]] = {
    "withdraw": services.change_withdraw,
    "cancel": services.change_cancel,
}


class Player:
    """Knows tenants, people and the password they sign with, and plays one change after another."""

    def __init__(self, tenants: dict[str, Tenant], people: dict[str, User], password: str) -> None:
        self.tenants = tenants
        self.people = people
        self.signature = services.Signature(password)

    def play(self, change: DemoChange) -> None:
        """Draft the change and take its steps."""
        tenant = self.tenants[change.tenant]
        first = change.steps[0].on if change.steps else dt.date(2026, 11, 16)
        with tenant_scope(tenant.pk):
            with clock.fixed(_at(first, hour=9) - DRAFTED_BEFORE):
                actor = actor_for_user(self.people[change.author], tenant.pk)
                with acting_as(actor):
                    draft = _draft(actor, change)
                    planned = [self._plan(actor, draft, entry) for entry in change.dispositions]
            for hour, step in enumerate(change.steps, start=10):
                self._take(step, draft.pk, tenant, hour=min(hour, 16))
            for row, entry in zip(planned, change.dispositions, strict=True):
                self._complete(row, entry.get("done"), tenant)

    def _take(self, step: DemoStep, change_id: uuid.UUID, tenant: Tenant, *, hour: int) -> None:
        actor = actor_for_user(self.people[step.by], tenant.pk)
        with clock.fixed(_at(step.on, hour=hour)), acting_as(actor):
            if step.action in DECIDE:
                DECIDE[step.action](actor=actor, change_id=change_id, comment=step.comment)
            elif step.action in SIGN:
                SIGN[step.action](actor=actor, change_id=change_id, comment=step.comment, signature=self.signature)
            else:
                MOVE[step.action](actor=actor, change_id=change_id, reason=step.comment)

    def _plan(self, actor: Actor, change: EngineeringChange, entry: dict[str, Any]) -> Disposition:
        affected = change.affected.get(product__product_number=entry["affected"])
        part = Product.objects.get(product_number=entry.get("part", entry["affected"]))
        return services.disposition_add(
            actor=actor,
            change_id=change.pk,
            affected_id=affected.pk,
            values={
                "product_id": part.pk,
                "place": entry["place"],
                "action": entry["action"],
                "quantity": _number(entry.get("quantity")),
                "cost": _number(entry.get("cost")),
                "note": entry.get("note", ""),
                "owner_id": self.people[entry["owner"]].pk if "owner" in entry else None,
                "due_on": dt.date.fromisoformat(entry["due_on"]) if "due_on" in entry else None,
            },
        )

    def _complete(self, row: Disposition, done: dict[str, Any] | None, tenant: Tenant) -> None:
        if done is None:
            return
        actor = actor_for_user(self.people[done["by"]], tenant.pk)
        with clock.fixed(_at(dt.date.fromisoformat(done["on"]), hour=15)), acting_as(actor):
            services.disposition_complete(
                actor=actor,
                disposition_id=row.pk,
                quantity_done=_number(done.get("quantity")),
                cost_done=_number(done.get("cost")),
                note=done["note"],
            )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _at(day: dt.date, *, hour: int) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, hour, 20, tzinfo=dt.UTC)


def _draft(actor: Actor, story: DemoChange) -> EngineeringChange:
    numbers = dict(Product.objects.filter(product_number__in=story.affected).values_list("product_number", "pk"))
    fields = {**story.fields, "cost_impact": Decimal(story.fields["cost_impact"])}
    change = services.change_create(actor=actor, data=fields, affected=[numbers[number] for number in story.affected])
    affected = {row.product.product_number: row for row in change.affected.select_related("product", "base_revision")}
    for redline in story.redlines:
        _redline(actor, change, affected[redline["parent"]], redline)
    return change


def _redline(actor: Actor, change: EngineeringChange, affected: AffectedProduct, redline: dict[str, Any]) -> None:
    operation = redline["op"]
    line = None
    if operation != "add":
        line = _line(affected, redline)
    services.redline_add(
        actor=actor,
        change_id=change.pk,
        operation=operation,
        line_id=line.pk if line else None,
        affected_id=affected.pk if line is None else None,
        values=_values(operation, redline),
    )


def _line(affected: AffectedProduct, redline: dict[str, Any]) -> BomLine:
    """Return the line that the redline means: today's line of that find number and child."""
    today = clock.today()
    lines = affected.base_revision.lines.filter(find_number=redline["find_no"], child__product_number=redline["child"])
    for line in lines:
        if (not line.effective_from or line.effective_from <= today) and (
            not line.effective_to or line.effective_to > today
        ):
            return line
    raise LookupError(f"{redline['parent']} has no line {redline['find_no']} {redline['child']} today")


def _values(operation: str, redline: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if operation in ("add", "quantity"):
        values["quantity"] = Decimal(redline["quantity"])
    if operation in ("add", "unit"):
        values["unit_of_measure"] = unit_code(redline["uom"]) or redline["uom"]
    if operation == "add":
        values["find_number"] = redline["find_no"]
        values["child_id"] = Product.objects.get(product_number=redline["child"]).pk
    if operation == "replace":
        values["child_id"] = Product.objects.get(product_number=redline["new_child"]).pk
    if operation == "find_number":
        values["find_number"] = redline["new_find_no"]
    if redline.get("refdes"):
        values["reference_designators"] = redline["refdes"]
    return values
