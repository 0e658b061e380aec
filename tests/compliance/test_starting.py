"""Tracking starts by itself, in sets, and starts anew with a new revision."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.models import ComplianceRecord
from compliance.services import product_markets_set, records_start, regulation_update
from compliance.tasks import expire
from plm_project.core import clock
from plm_project.outbox.models import OutboxEvent
from plm_project.outbox.relay import relay_tenant
from plm_project.tenancy.models import Tenant
from products.services import product_update, revision_create
from tests.compliance.conftest import assess, make_regulation
from tests.factories import make_product, release, system_actor

pytestmark = pytest.mark.django_db


def codes_of(product: Any) -> set[str]:
    rows = ComplianceRecord.objects.filter(revision__product=product)
    return {f"{row.regulation.code} {row.revision.label} {row.status}" for row in rows.select_related("regulation")}


def test_events_start_what_applies_by_type_and_market(tenant: Tenant, scope: None) -> None:
    make_regulation("RoHS")
    make_regulation("RED", product_types=["finished_good"])
    make_regulation("UKCA", markets=["gb"])
    make_regulation("OLD", effective_to=clock.today())
    make_regulation("COMING", effective_from=clock.today() + dt.timedelta(days=9))
    radio = make_product("RADIO", product_type="finished_good")
    screw = make_product("SCREW", product_type="purchased")
    product_markets_set(actor=system_actor(), product_id=screw.pk, markets=["de"])
    relay_tenant(tenant.pk)
    assert codes_of(radio) == {"RoHS A not_assessed", "RED A not_assessed", "UKCA A not_assessed"}
    assert codes_of(screw) == {"RoHS A not_assessed"}
    # again: nothing is missing; another type, market or scope: what is missing is started
    assert records_start(actor=system_actor()) == 0
    product_update(actor=system_actor(), product_id=screw.pk, changes={"product_type": "finished_good"})
    relay_tenant(tenant.pk)
    assert "RED A not_assessed" in codes_of(screw)
    product_markets_set(actor=system_actor(), product_id=screw.pk, markets=["DE", "GB"])
    assert "UKCA A not_assessed" in codes_of(screw)
    late = make_regulation("LATE", product_types=["kit"])
    regulation_update(actor=system_actor(), regulation_id=late.pk, changes={"product_types": []})
    assert {"LATE A not_assessed"} <= codes_of(screw) & codes_of(radio)
    # the sweep starts what has come into force since
    with clock.fixed(clock.now() + dt.timedelta(days=10)):
        expire()
    assert "COMING A not_assessed" in codes_of(screw)
    assert ComplianceRecord.history.count() == ComplianceRecord.objects.count()


def test_the_questions_asked_do_not_grow_with_the_products(tenant: Tenant, scope: None) -> None:
    make_regulation("RoHS")
    make_regulation("UKCA", markets=["GB"])
    counts = []
    for size in (2, 12):
        products = [make_product() for _number in range(size)]
        with CaptureQueriesContext(connection) as asked:
            assert records_start(actor=system_actor(), product_ids=[row.pk for row in products]) == 2 * size
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 10


def test_a_new_revision_starts_anew_and_the_old_one_keeps_its_own(tenant: Tenant, scope: None) -> None:
    rohs = make_regulation("RoHS")
    product = make_product("CASE")
    assess(product, rohs, "compliant")
    release(product)
    revision_create(actor=system_actor(), product_id=product.pk)
    relay_tenant(tenant.pk)
    assert codes_of(product) == {"RoHS A compliant", "RoHS B not_assessed"}
    told = OutboxEvent.objects.filter(event_type="compliance_status_changed", entity_id=product.pk).latest("position")
    assert (told.event_data["from"], told.event_data["to"], told.event_data["revision"]) == (
        "compliant",
        "not_assessed",
        "B",
    )
