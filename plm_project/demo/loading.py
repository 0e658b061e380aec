"""Loads the demo tenants through the services, with the clock set to the days on which the story happens."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from changes.models import ApprovalRule
from changes.services import approval_rule_update
from plm_project.accounts.models import User
from plm_project.accounts.services import membership_grant
from plm_project.core import clock
from plm_project.core.actor import Actor, acting_as
from plm_project.core.exceptions import Conflict, PermissionDenied
from plm_project.demo.compliance import compliance_play
from plm_project.demo.discussions import discussions_play
from plm_project.demo.documents import documents_play
from plm_project.demo.playing import Player
from plm_project.demo.requests import requests_play
from plm_project.demo.rooms import rooms_play
from plm_project.demo.sourcing import sourcing_play
from plm_project.demo.story import DemoPerson, DemoTenant, Story, read_story
from plm_project.demo.variants import variants_play
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.provisioning import tenant_create
from plm_project.tenancy.scope import tenant_scope
from products.models import Product
from products.services import product_update
from products.services.catalog_import import catalog_import

PASSWORD = "try-the-plm"  # noqa: S105 - known to everybody: the demo is refused where DEMO_ALLOWED is not set
BEGIN = dt.datetime(2026, 8, 3, 8, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class DemoResult:
    """What stands there after loading: the tenants, and the sign-ins to show."""

    created: bool
    tenants: list[str]
    sign_ins: list[dict[str, str]]


def demo_load(*, if_missing: bool = False) -> DemoResult:
    """Load everything in one transaction.

    With ``if_missing`` nothing happens when the tenants are there; otherwise that is a Conflict, as is one of its people
    who is here already with another password. Raises
    PermissionDenied on an installation that does not allow the demo: its passwords are known to everybody.
    """
    if not settings.DEMO_ALLOWED:
        raise PermissionDenied("The demo's passwords are public; this installation does not allow it (DEMO_ALLOWED).")
    story = read_story()
    slugs = [tenant.slug for tenant in story.tenants]
    if Tenant.objects.filter(slug__in=slugs).exists():
        if if_missing:
            return DemoResult(False, slugs, _sign_ins(story))
        raise Conflict("The demo is loaded already.")
    with transaction.atomic():
        with clock.fixed(BEGIN):
            users = {person.key: _person(person) for person in story.people}
            tenants = {entry.slug: _tenant(entry, story, users) for entry in story.tenants}
        player = Player(tenants, users, PASSWORD)
        for change in story.changes:
            player.play(change)
        requests_play(tenants, users)
        variants_play(tenants, users)
        sourcing_play(tenants["veloform"], users)
        rooms_play(tenants, users)
        discussions_play(tenants, users)
        compliance_play(tenants, users)
        documents_play(tenants["veloform"], users)
    return DemoResult(True, slugs, _sign_ins(story))


def _person(person: DemoPerson) -> User:
    found: User | None = User.objects.filter(email=person.email).first()
    if found is None:
        return User.objects.create_user(person.email, PASSWORD, full_name=person.full_name)
    if not found.check_password(PASSWORD):  # the story has them sign
        raise Conflict(f"{person.email} is here already and has another password than the demo's.")
    return found


def _tenant(entry: DemoTenant, story: Story, users: dict[str, User]) -> Tenant:
    tenant, _created = tenant_create(slug=entry.slug, name=entry.name, currency=entry.currency)
    actor = Actor.system(tenant.pk, "demo")
    with acting_as(actor), tenant_scope(tenant.pk):
        for person in story.people:
            if entry.slug in person.roles:
                membership_grant(actor=actor, user=users[person.key], roles=person.roles[entry.slug])
        result = catalog_import(
            actor=actor,
            products=(entry.parts.read_bytes(), entry.parts.name),
            lines=(entry.bom.read_bytes(), entry.bom.name),
        )
        if result.faults:
            raise Conflict(f"The demo's catalogue is at fault: {result.faults[0]}")
        _set_threshold(actor, Decimal(entry.financial_threshold))
        _set_replacements(actor)
    return tenant


def _set_threshold(actor: Actor, amount: Decimal) -> None:
    rule = ApprovalRule.objects.get(code="financial")
    approval_rule_update(actor=actor, rule_id=rule.pk, changes={"threshold": amount})


def _set_replacements(actor: Actor) -> None:
    """What is obsolete names its replacement; the catalogue file has the number as an attribute."""
    for product in Product.objects.filter(lifecycle_phase="obsolete"):
        number = product.custom_attributes.get("replaced_by")
        if number:
            attributes: dict[str, Any] = {k: v for k, v in product.custom_attributes.items() if k != "replaced_by"}
            replacement = Product.objects.get(product_number=number)
            product_update(
                actor=actor,
                product_id=product.pk,
                changes={"replaced_by_id": replacement.pk, "custom_attributes": attributes},
                reason="replacement named",
            )


def _sign_ins(story: Story) -> list[dict[str, str]]:
    return [
        {"email": person.email, "password": PASSWORD, "name": person.full_name, "job": person.job_title}
        for person in story.people
        if person.show_at_start
    ]
