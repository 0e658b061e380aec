"""What each of the other neighbours is told, from what people do to what arrives there."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from changes import events as change_events
from changes.services import change_implement
from collaboration import events as collaboration_events
from collaboration.services import session_create, session_end, session_start
from compliance import events as compliance_events
from integrations import events as own_events
from integrations.contracts.audit import EVERY_EVENT
from integrations.contracts.base import Subject
from integrations.contracts.costs import CostFacts, validate_product
from integrations.contracts.judging import payload_faults
from integrations.contracts.registry import contract, contracts_of
from integrations.models import Delivery
from integrations.neighbours import neighbours
from integrations.services import neighbour_catch_up
from integrations.services.as_built import as_built_tell
from integrations.simulators.answers import ANSWERS
from integrations.simulators.server import Simulator
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict
from plm_project.core.ids import uuid7
from plm_project.outbox.models import OutboxEvent
from products import events as product_events
from products.choices import RevisionState
from products.services import product_update
from products.services.document_revisions import document_revision_move
from products.services.sources_import.run import sources_import
from tests.changes.conftest import Lamp, People, approved, make_draft, make_lamp
from tests.conftest import MakeActor, MakeMember
from tests.factories import (
    make_assembly,
    make_document,
    make_line,
    make_offer,
    make_product,
    make_source,
    release,
    system_actor,
    text_file,
)
from tests.integrations.conftest import configure
from tests.integrations.test_api import Caller, send

pytestmark = pytest.mark.usefixtures("scope")


@pytest.fixture(autouse=True)
def _file_folder(settings: Any, tmp_path: Path) -> None:
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "files": files}


@pytest.fixture
def people(make_actor: MakeActor) -> People:
    return People(
        author=make_actor("engineer"),
        analyst=make_actor("change_analyst"),
        manager=make_actor("plm_manager"),
        technical=make_actor("technical_approver"),
        viewer=make_actor("viewer"),
    )


@pytest.fixture
def lamp() -> Lamp:
    return make_lamp()


def got(simulator: Simulator, key: str) -> list[dict[str, Any]]:
    """Return what arrived of one contract, and check that nothing of it waits for a person."""
    stuck = Delivery.objects.filter(contract_key=key).exclude(state="delivered").values_list("state", "reason")
    assert list(stuck) == []
    return [entry["payload"] for entry in simulator.done(contract(key).path)]


def test_every_contract_is_simulated_and_every_event_audited() -> None:
    for neighbour in neighbours():
        for entry in contracts_of(neighbour.key):
            assert (entry.method, entry.path) in ANSWERS, entry.key
    declared = {
        *product_events.EVENT_TYPES, *change_events.EVENT_TYPES, *collaboration_events.EVENT_TYPES,
        *compliance_events.EVENT_TYPES, *own_events.EVENT_TYPES,
    }  # fmt: skip
    assert set(EVERY_EVENT) == declared and len(EVERY_EVENT) == len(declared)


def test_the_audit_hears_everything_once_and_in_order(system: Actor, simulator: Simulator) -> None:
    configure(system, simulator, "audit_compliance")
    pump = make_product("PUMP", custom_attributes={"api_token": "abc123"})
    product_update(actor=system_actor(), product_id=pump.pk, changes={"current_cost": Decimal("9.50")})
    send(system)
    told = [entry for entry in got(simulator, "plm_audit_stream") if entry["resource_id"] == str(pump.pk)]
    assert [entry["action"] for entry in told] == ["product_created", "product_updated", "cost_updated"]
    assert [entry["sequence"] for entry in told] == [1, 2, 3]
    assert "abc123" not in str(told)  # what looks like a secret stays here
    assert told[2]["details"]["changes"]["current_cost"]["to"] == "9.5"
    assert {entry["tenant_id"] for entry in told} == {str(system.tenant_id)}


def test_a_release_reaches_documents_assets_finance_and_people(
    system: Actor, simulator: Simulator, people: People, lamp: Lamp
) -> None:
    document = make_document("D-1", title="Lamp drawing", product=lamp.product, upload=text_file("how it looks"))
    revision = document.revisions.get()
    document_revision_move(actor=system_actor(), revision_id=revision.pk, to=RevisionState.IN_REVIEW, reason="drawn")
    document_revision_move(actor=system_actor(), revision_id=revision.pk, to=RevisionState.RELEASED, reason="good")
    make_document("D-2", title="Not released", product=lamp.product)
    send(system)
    keys = ("document_management", "enterprise_asset_management", "core_financials", "notification_engine")
    configure(system, simulator, *keys)
    change = approved(people, make_draft(people.author, lamp, cost_impact=Decimal("12.50")))
    change_implement(actor=people.manager, change_id=change.pk)
    send(system)

    (documents,) = got(simulator, "plm_document_release")
    assert documents["change_number"] == change.change_number
    (told,) = documents["documents"]
    assert (told["document_number"], told["revision"], told["title"]) == ("D-1", "A", "Lamp drawing")
    assert [entry["sha256"] for entry in told["files"]] == [hashlib.sha256(b"how it looks").hexdigest()]

    (asset,) = got(simulator, "plm_asset_revision")
    assert (asset["model_number"], asset["revision"], asset["replaces_revision"]) == ("LAMP", "B", "A")
    assert [(part["part_number"], part["quantity"]) for part in asset["parts"]] == [
        ("LAMP-GLASS", "1"), ("LAMP-SCREW", "6"), ("LAMP-CABLE", "1.5"),
    ]  # fmt: skip

    costs = got(simulator, "plm_change_cost")
    assert [(entry["state"], entry["cost_impact"], entry["currency"]) for entry in costs] == [
        ("approved", "12.5", "EUR"), ("implemented", "12.5", "EUR"),
    ]  # fmt: skip
    assert costs[0]["item_ids"] == [str(lamp.product.pk)]
    news = [entry for entry in got(simulator, "plm_notification") if entry["topic"].startswith("plm.change")]
    assert [entry["topic"] for entry in news] == [
        "plm.change_submitted", "plm.change_approved", "plm.change_implemented",
    ]  # fmt: skip
    assert str(people.technical.user_id) in news[0]["recipients"] and news[0]["priority"] == "normal"
    assert news[1]["recipients"] == [str(people.author.user_id)]
    assert f"/changes/{change.pk}/" in news[2]["link"] and change.change_number in news[2]["title"]


def test_finance_hears_what_a_structure_costs(system: Actor, simulator: Simulator) -> None:
    configure(system, simulator, "core_financials")
    bulb = make_product("BULB", current_cost=Decimal("2.10"), product_type="purchased")
    wire = make_product("WIRE", product_type="purchased", current_cost=Decimal(0))
    lamp = make_assembly("LAMP", [(bulb, 3)])  # costs 1 of its own
    send(system)
    last = got(simulator, "plm_product_cost")[-1]
    assert (last["item_number"], last["structure_cost"], last["is_complete"]) == (
        "LAMP",
        "7.3",
        True,
    )
    make_line(lamp, wire, 1)
    send(system)
    last = got(simulator, "plm_product_cost")[-1]
    assert (last["is_complete"], last["unpriced_items"]) == (False, ["WIRE"])
    faults = validate_product(CostFacts("1", "A", "EUR", Decimal(0), Decimal(0), Decimal(0), cycle=("A", "B", "A")))
    assert [fault.code for fault in faults] == ["circular_references_not_allowed"]


def test_sessions_are_told_without_what_was_said(system: Actor, simulator: Simulator, people: People) -> None:
    configure(system, simulator, "real_time_collaboration")
    pump = make_product("PUMP")
    session = session_create(actor=people.author, data={"title": "Look at the pump"}, products=[pump.pk])
    session_start(actor=people.author, session_id=session.pk)
    with clock.fixed(clock.now() + dt.timedelta(minutes=90)):
        session_end(actor=people.author, session_id=session.pk, reason="done")
        send(system)
    begun, ended = got(simulator, "plm_session_notice")
    assert (begun["state"], begun["ended_at"], begun["topics"]) == ("active", None, ["product:PUMP"])
    assert ended["seconds"] == 5400 and ended["members"][0]["user_id"] == str(people.author.user_id)


def test_purchasing_hears_of_every_change_of_an_approved_list(system: Actor, simulator: Simulator) -> None:
    resistor = make_product("R-10K", product_type="purchased")
    make_offer(resistor, "Distri", (1, "0.10"), (1000, "0.02"))
    configure(system, simulator, "procurement_purchasing")
    source = make_source(resistor, "Yageo", "RC0402-10K")  # added, then approved
    send(system)
    first, last = got(simulator, "plm_approved_sources")
    assert first["sources"] == last["sources"]  # told as it stands when it goes out
    (told,) = last["sources"]
    assert (told["manufacturer"], told["manufacturer_part_number"], told["approval"]) == (
        "Yageo",
        "RC0402-10K",
        "approved",
    )
    assert last["offers"][0]["prices"] == [
        {"from_quantity": "1", "unit_price": "0.1"}, {"from_quantity": "1000", "unit_price": "0.02"},
    ]  # fmt: skip
    table = b"product_number,manufacturer,mpn,status\nR-10K,Vishay,CRCW-10K,potential\n"
    made = sources_import(actor=system_actor(), content=table, name="sources.csv")
    assert (made.faults, made.sources_created) == ((), 1)
    sources_import(actor=system_actor(), content=table, name="sources.csv")  # changes nothing, and so is no news
    send(system)
    assert len(got(simulator, "plm_approved_sources")) == 3
    assert {row["manufacturer"] for row in got(simulator, "plm_approved_sources")[-1]["sources"]} == {
        "Yageo",
        "Vishay",
    }
    assert source.product_id == resistor.pk


def test_what_was_missed_is_the_latest_release_though_other_news_followed(
    system: Actor, simulator: Simulator, lamp: Lamp
) -> None:
    product_update(actor=system_actor(), product_id=lamp.product.pk, changes={"product_name": "Bright lamp"})
    configure(system, simulator, "enterprise_asset_management", "audit_compliance")
    released = OutboxEvent.objects.filter(event_data__has_key="released_revision_id").values("entity_id").distinct()
    assert neighbour_catch_up(actor=system, neighbour_key="enterprise_asset_management") == released.count() == 6
    send(system)
    names = {entry["model_name"] for entry in got(simulator, "plm_asset_revision")}
    assert "Bright lamp" in names
    before = Delivery.objects.filter(contract_key="plm_audit_stream").count()
    assert before + neighbour_catch_up(actor=system, neighbour_key="audit_compliance") == OutboxEvent.objects.count()


def test_a_unit_as_built_is_resolved_for_its_serial_number(
    system: Actor, simulator: Simulator, make_member: MakeMember
) -> None:
    early, late = make_product("MOTOR-1"), make_product("MOTOR-2")
    bike = make_product("BIKE")
    make_line(bike, early, 1, serials=[{"end_item": str(bike.pk), "first": 1, "last": 100}])
    make_line(bike, late, 1, serials=[{"end_item": str(bike.pk), "first": 101, "last": None}])
    release(bike)
    with pytest.raises(Conflict):
        as_built_tell(actor=system, product_id=bike.pk, serial=7)
    configure(system, simulator, "enterprise_asset_management")
    manager = Caller(make_member("plm_manager", email="manager@acme.example")[0])
    for serial in (7, 101, 7):
        manager("post", "as-built/", {"product_id": str(bike.pk), "serial": serial}, 202)
    out = StringIO()
    call_command("as_built_tell", "BIKE", "101", "--tenant", "acme", stdout=out)
    assert "waiting" in out.getvalue()
    send(system)
    units = got(simulator, "plm_as_built")
    assert [(unit["serial_number"], [part["part_number"] for part in unit["parts"]]) for unit in units] == [
        (7, ["MOTOR-1"]), (101, ["MOTOR-2"]),
    ]  # fmt: skip
    manager("post", "as-built/", {"product_id": str(bike.pk), "serial": 0}, 400)
    for wrong in (["NOBODY", "1"], ["BIKE", "0"], ["BIKE", "1", "--built-on", "today"]):
        with pytest.raises(CommandError):
            call_command("as_built_tell", *wrong, "--tenant", "acme")


def test_news_in_words() -> None:
    entry = contract("plm_notification")
    data = {
        "product_number": "P-1", "product_name": "Pump", "to": "non_compliant", "regulation": "RoHS", "reason": "lead",
    }  # fmt: skip
    payload = entry.map(entry.gather(Subject(uuid7(), "compliance_status_changed", uuid7(), data)))
    assert (payload["title"], payload["body"]) == ("P-1 Pump: non_compliant under RoHS", "lead")
    moved = entry.map(entry.gather(Subject(uuid7(), "lifecycle_phase_changed", uuid7(), {**data, "to": "design"})))
    assert moved["title"] == "P-1 Pump moves to design"
    begun = entry.map(entry.gather(Subject(uuid7(), "collaboration_started", uuid7(), {"title": "Look"})))
    assert begun["title"] == "Session started: Look"
    for each in (payload, moved, begun):
        assert payload_faults(entry, each) == []
