"""Signed-in people at the admin's door, and a record of every kind in each of two tenants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.core.files.base import ContentFile
from django.db import models
from django.test import Client
from django.urls import reverse

from changes.models import ApprovalRule, ChangePolicy, Delegation
from changes.services import change_create, change_submit, redline_add, request_create
from collaboration.models import Notice, NoticePreference
from collaboration.services import session_create, session_start, thread_start, update_store
from compliance.models import ComplianceRecord
from compliance.services import evidence_add, product_markets_set, regulation_create
from integrations import models as integrations
from integrations.services import target_save, webhook_create
from plm_project.accounts.actors import actor_for_membership
from plm_project.accounts.models import User
from plm_project.accounts.services import token_issue
from plm_project.core.actor import Actor
from plm_project.core.ids import uuid7
from plm_project.outbox.models import Delivery, OutboxEvent
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import Product, ProductPolicy
from products.services.rollup_job import rollup_all_start
from products.services.supplier_offers import exchange_rate_create
from tests.conftest import MakeMember, member_make
from tests.factories import (
    make_alternate,
    make_baseline,
    make_configuration,
    make_document,
    make_line,
    make_offer,
    make_option,
    make_product,
    make_rule,
    make_source,
    release,
    system_actor,
)
from tests.tenancy.records import notice_values

MARK = "zeta"  # stands in every name of the other tenant, and nowhere else
SignIn = Callable[..., Client]


@pytest.fixture
def sign_in(make_member: MakeMember, tenant: Tenant) -> SignIn:
    """Sign somebody in: ``sign_in("plm_manager", email=…, tenant=…)`` returns their browser."""

    def make(*roles: str, **kwargs: Any) -> Client:
        user, _member = make_member(*roles, **kwargs)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def manager(sign_in: SignIn) -> Client:
    return sign_in("plm_manager", email="manager@acme.example")


@pytest.fixture
def administrator(sign_in: SignIn) -> Client:
    """Somebody who may do everything: manager and tenant administrator."""
    return sign_in("plm_manager", "tenant_admin", email="admin@acme.example")


@dataclass
class World:
    """One tenant with one record of each kind."""

    tenant: Tenant
    actor: Actor
    user: User
    records: dict[type[models.Model], models.Model] = field(default_factory=dict)

    def of(self, model: Any) -> Any:
        return self.records[model]


def make_world(tenant: Tenant, mark: str) -> World:
    user, member = member_make(
        tenant,
        "plm_manager", "tenant_admin", "technical_approver", email=f"{mark}@{mark}.example",
        full_name=f"{mark} person",
    )  # fmt: skip
    actor = actor_for_membership(user, member)
    world = World(tenant, actor, user)
    with tenant_scope(tenant.pk):
        child = make_product(f"{mark}-CHILD", product_name=f"{mark} child")
        parent = make_product(f"{mark}-PARENT", product_name=f"{mark} parent")
        line = make_line(parent, child, 2)
        release(parent)
        member_make(tenant, "technical_approver", email=f"tech@{mark}.example")
        revision = line.parent_revision
        change = change_create(
            actor=actor,
            data={"change_title": f"{mark} change", "reason_for_change": "because"},
            affected=[parent.pk],
        )
        redline_add(actor=actor, change_id=change.pk, operation="quantity", line_id=line.pk, values={"quantity": 3})
        submitted = change_create(
            actor=actor, data={"change_title": f"{mark} open", "reason_for_change": "because"}, affected=[parent.pk]
        )
        redline_add(actor=actor, change_id=submitted.pk, operation="remove", line_id=line.pk)
        change_submit(actor=actor, change_id=submitted.pk)
        token, _text = token_issue(actor=actor, user=user, name=f"{mark} token")
        event = OutboxEvent.objects.order_by("id").first()
        assert event is not None
        delivery = Delivery(event=event, subscriber=f"{mark}.subscriber", attempts=2, last_error="no line")
        delivery.save()
        document = make_document(f"{mark}-DOC", title=f"{mark} drawing", product=parent)
        notice = Notice.objects.create(**notice_values(user, f"{mark}-told"))
        wish = NoticePreference(person=user, kind="mentioned").save_as(actor, reason="tests")
        session = session_create(actor=actor, data={"title": f"{mark} session"}, products=[parent.pk])
        session_start(actor=actor, session_id=session.pk)
        records = [
            document,
            document.revisions.get(),
            notice,
            wish,
            thread_start(actor=actor, change_id=change.pk, text=f"{mark} question", line_id=line.pk),
            session,
            update_store(actor=actor, session_id=session.pk, update={"kind": "chat", "text": f"{mark} words"}),
            user,
            member,
            token,
            parent,
            revision,
            line,
            change,
            request_create(
                actor=actor, data={"title": f"{mark} request", "description": "because"}, products=[parent.pk]
            ),
            event,
            delivery,
            ApprovalRule.objects.order_by("created_at").first(),
            _delegation(actor, user),
            ChangePolicy.objects.first(),
            ProductPolicy.objects.first(),
            rollup_all_start(actor=actor),
            *compliance_rows(actor, parent, mark),
            *_sourcing(child, mark),
            *_options(parent, mark),
            make_baseline(parent, f"{mark} baseline"),
            *_neighbour(parent, actor),
        ]
        world.records = {type(record): type(record)._base_manager.get(pk=record.pk) for record in records}
        missing = set(admin.site._registry) - set(world.records)
        assert not missing, f"give the admin tests a record of {missing}"
    return world


def compliance_rows(actor: Actor, product: Any, mark: str) -> list[Any]:
    """A regulation, the product's record under it with evidence, and the markets of the product."""
    regulation = regulation_create(actor=actor, data={"code": f"{mark} law", "title": f"{mark} regulation"})
    markets = product_markets_set(actor=actor, product_id=product.pk, markets=["DE"])
    record = ComplianceRecord.objects.get(revision__product=product)
    evidence = evidence_add(
        actor=actor,
        record_id=record.pk,
        upload=ContentFile(b"%PDF-1.7"),
        file_name=f"{mark}.pdf",
        title=f"{mark} declaration",
    )
    return [regulation, markets, record, evidence]


def _delegation(actor: Actor, deputy: User) -> Delegation:
    days = {"first_day": dt.date(2026, 7, 6), "last_day": dt.date(2099, 7, 6)}
    person = User.objects.get(pk=actor.user_id) if actor.user_id and actor.user_id != deputy.pk else _another(deputy)
    return Delegation(tenant_id=actor.tenant_id, person=person, deputy=deputy, **days).save_as(actor, reason="tests")


def _another(user: User) -> User:
    return User.objects.create_user(f"away.{user.email}")


def _neighbour(product: Product, actor: Actor) -> list[Any]:
    """A neighbour that is on, and a delivery to it which somebody has to look at."""
    target = target_save(
        actor=actor, neighbour_key="manufacturing", base_url="http://127.0.0.1:9", token="k" * 20, allow_private=True
    )
    delivery = integrations.Delivery(
        target=target, contract_key="plm_manufacturing_bom_sync", event_id=uuid7(), event_type="bom_changed",
        entity_id=product.pk, entity_label=product.product_number, state="review", reason="It said no.",
        payload={"product_id": str(product.pk), "lines": []},
    )  # fmt: skip
    webhook, _secret = webhook_create(
        actor=actor, name=f"{product.product_number} hook", url="http://127.0.0.1:9", allow_private=True
    )
    suggestion = integrations.Suggestion(
        product=product, question="cost", state="answered", text="Buy more.", model_name="m",
        evidence=[{"source": "s", "quote": "q"}],
    )  # fmt: skip
    learning = integrations.FederatedRound(
        round_key=f"{product.product_number} round", sample_count=20, parameters=[1]
    )
    learning.save_as(actor, reason="tests")
    return [
        learning,
        suggestion.save_as(actor, reason="tests"),
        webhook,
        target,
        delivery.save_as(actor, reason="tests"),
    ]


def _options(product: Product, mark: str) -> list[Any]:
    """A family with its choices, an option and a rule of the product, and a configuration."""
    option = make_option(product, f"{mark}-colour", ("red", "blue"))
    words = [f"{mark}-colour:{code}" for code in ("red", "blue")]
    rule = make_rule(product, words[0], "excludes", words[1])
    return [
        option.family,
        option.family.choices.first(),
        option,
        rule,
        make_configuration(product, f"{mark}-red", words[:1]),
    ]


def _sourcing(product: Product, mark: str) -> list[Any]:
    """A source of the product with its maker, an offer of it with its supplier, and a rate."""
    source = make_source(product, f"{mark} maker", f"{mark}-MPN")
    offer = make_offer(source.manufacturer_part, f"{mark} shop", (1, 2), supplier_part_number=f"{mark}-1")
    values = {"currency": "JPY", "rate": Decimal("0.006"), "valid_from": dt.date(2026, 1, 1)}
    rate = exchange_rate_create(actor=system_actor(), data=values)
    other = make_product(f"{mark}-OTHER")
    alternate = make_alternate(product, other)
    return [
        alternate,
        source,
        source.manufacturer_part,
        source.manufacturer_part.manufacturer,
        offer,
        offer.supplier,
        rate,
    ]


@pytest.fixture
def ours(tenant: Tenant) -> World:
    return make_world(tenant, "ours")


@pytest.fixture
def theirs(other_tenant: Tenant) -> World:
    return make_world(other_tenant, MARK)


def address(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def form_of(response: Any) -> dict[str, Any]:
    """Return what a browser would send of an admin form as it was shown: fields and inline rows."""
    data: dict[str, Any] = {}
    context = response.context
    _collect(context["adminform"].form, data)
    for inline in context["inline_admin_formsets"]:
        _collect(inline.formset.management_form, data)
        for form in inline.formset.forms:
            _collect(form, data)
    return data


def _collect(form: Any, data: dict[str, Any]) -> None:
    for bound in form:
        if bound.field.disabled:
            continue
        value = bound.value()
        if value is None or value is False:
            continue
        if isinstance(value, (list, tuple)):
            data[bound.html_name] = [str(entry) for entry in value]
        else:
            data[bound.html_name] = "on" if value is True else str(value)


def errors_of(response: Any) -> str:
    """Return all messages of a refused form as one text."""
    context = response.context
    found = [str(context["adminform"].form.errors)]
    for inline in context["inline_admin_formsets"]:
        found.append(str(inline.formset.non_form_errors()))
        found += [str(errors) for errors in inline.formset.errors]
    return " ".join(found)


def add_row(data: dict[str, Any], prefix: str, **values: Any) -> str:
    """Add an inline row to what is sent, as the "Add another" link does; return its name."""
    index = int(data[f"{prefix}-TOTAL_FORMS"])
    data[f"{prefix}-TOTAL_FORMS"] = str(index + 1)
    for name, value in values.items():
        data[f"{prefix}-{index}-{name}"] = str(value)
    return f"{prefix}-{index}"


def saved(response: Any) -> None:
    """Check that a form was taken."""
    assert response.status_code == 302, errors_of(response) if response.context else response.content[:500]


@pytest.fixture
def scoped(tenant: Tenant) -> Callable[[], Any]:
    """Open the first tenant's scope to look at what a request left behind."""
    return lambda: tenant_scope(tenant.pk)
