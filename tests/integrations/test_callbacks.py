"""What neighbours tell us: signed, carried out once, refused with a reason, and never anybody else's word."""

from __future__ import annotations

import datetime as dt
import json
import threading
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client
from jsonschema import Draft202012Validator

from integrations.callbacks.registry import callback_kinds
from integrations.models import CallbackReceipt, Target
from integrations.neighbours import neighbours
from integrations.services import callback_secret_change, target_remove, target_save
from integrations.services.callbacks import LARGEST
from integrations.signing import HEADER, WINDOW, signature
from integrations.views.callbacks import MOST_STRANGERS
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.provisioning import tenant_create
from plm_project.tenancy.scope import tenant_scope
from products.models import Product, SupplierOffer
from tests.conftest import MakeMember
from tests.factories import make_product, make_supplier, system_actor
from tests.integrations.conftest import MANUFACTURING, TWINS
from tests.integrations.test_api import Caller

PURCHASING = "procurement_purchasing"
ADDRESS = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _no_limits_reached() -> Iterator[None]:
    cache.clear()
    yield


def configured(key: str) -> str:
    """Configure a neighbour and return the secret it signs with."""
    target_save(actor=system_actor(), neighbour_key=key, base_url=ADDRESS, allow_private=True)
    return callback_secret_change(actor=system_actor(), neighbour_key=key)


def tell(key: str, secret: str, message: Any, *, age: int = 0, tenant: str = "acme", header: str | None = None) -> Any:
    """Send a callback as a neighbour would."""
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    signed = signature([secret], body, int(clock.now().timestamp()) - age) if header is None else header
    path = f"/integrations/callbacks/{tenant}/{key}/"
    return Client(enforce_csrf_checks=True).post(path, body, content_type="application/json", headers={HEADER: signed})


def accepted(product: Product, callback_id: str = "c-1") -> dict[str, Any]:
    return {"callback_id": callback_id, "kind": "bom_accepted", "product_id": str(product.pk), "bom_id": "BOM-7"}


def test_the_kinds_are_sound() -> None:
    known = {neighbour.key for neighbour in neighbours()}
    assert len({(entry.neighbour, entry.kind) for entry in callback_kinds()}) == len(callback_kinds()) == 4
    for entry in callback_kinds():
        assert entry.neighbour in known
        Draft202012Validator.check_schema(entry.schema)


@pytest.mark.usefixtures("scope")
def test_manufacturing_says_what_it_made_of_a_bill_of_material() -> None:
    secret, pump = configured(MANUFACTURING), make_product("PUMP")
    answer = tell(MANUFACTURING, secret, accepted(pump))
    assert (answer.status_code, answer.json()["manufacturing_status"]) == (200, "accepted")
    pump.refresh_from_db()
    version = pump.version
    assert pump.manufacturing_status == "accepted"
    again = tell(MANUFACTURING, secret, accepted(pump))
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (answer.json(), "true")
    other = tell(MANUFACTURING, secret, {**accepted(pump), "bom_id": "BOM-8"})
    assert other.status_code == 422 and "Another message" in other.json()["details"]["callback_id"][0]
    told = {"callback_id": "c-2", "kind": "bom_rejected", "product_id": str(pump.pk), "reason": "no such screw"}
    assert tell(MANUFACTURING, secret, told).status_code == 200
    pump.refresh_from_db()
    assert (pump.manufacturing_status, pump.version, CallbackReceipt.objects.count()) == ("rejected", version + 1, 2)
    assert "no such screw" in pump.history.first().history_change_reason


@pytest.mark.usefixtures("scope")
def test_the_state_of_a_twin() -> None:
    secret, pump = configured(TWINS), make_product("PUMP")
    told = {
        "callback_id": "1",
        "kind": "twin_state",
        "twin_source_id": str(pump.pk),
        "twin_id": "T-9",
        "state": "running",
    }
    assert tell(TWINS, secret, told).status_code == 200
    pump.refresh_from_db()
    assert pump.digital_twin_id == "T-9"
    assert tell(TWINS, secret, {**told, "callback_id": "2", "state": "retired"}).status_code == 200
    pump.refresh_from_db()
    assert pump.digital_twin_id == ""


@pytest.mark.usefixtures("scope")
def test_an_answer_to_a_price_question_is_an_offer() -> None:
    secret, resistor = configured(PURCHASING), make_product("R-10K")
    told = {
        "callback_id": "1", "kind": "price_answer", "item_id": str(resistor.pk), "supplier": "Distri",
        "supplier_part_number": "D-77", "currency": "EUR", "minimum_quantity": "100", "lead_time_days": 21,
        "prices": [{"from_quantity": "100", "unit_price": "0.023"}],
    }  # fmt: skip
    unknown = tell(PURCHASING, secret, told)
    assert unknown.status_code == 422 and "Distri" in unknown.json()["details"]["supplier"][0]
    make_supplier("Distri")
    first = tell(PURCHASING, secret, told)  # under the same id: nothing was kept of the refused one
    assert first.status_code == 200
    offer = SupplierOffer.objects.get()
    assert (offer.product_id, offer.lead_time_days, offer.minimum_quantity) == (resistor.pk, 21, 100)
    prices = [{"from_quantity": "100", "unit_price": "0.021"}, {"from_quantity": "5000", "unit_price": "0.012"}]
    second = tell(PURCHASING, secret, {**told, "callback_id": "2", "prices": prices})
    assert second.json()["offer_id"] == first.json()["offer_id"]
    assert list(offer.breaks.order_by("from_quantity").values_list("unit_price", flat=True)) == [
        Decimal("0.021"), Decimal("0.012"),
    ]  # fmt: skip
    bad = tell(
        PURCHASING, secret, {**told, "callback_id": "3", "prices": [{"from_quantity": "1", "unit_price": "-x"}]}
    )
    assert bad.status_code == 400 and "prices[0].unit_price" in bad.json()["details"]["price_answer"][0]
    nobody = tell(PURCHASING, secret, {**told, "callback_id": "4", "item_id": str(uuid.uuid4())})
    assert nobody.status_code == 422


def test_what_is_not_certainly_the_neighbours_changes_nothing_and_learns_nothing(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    with tenant_scope(tenant.pk):
        secret, pump = configured(MANUFACTURING), make_product("PUMP")
        twins = configured(TWINS)
    with tenant_scope(other_tenant.pk):
        theirs = configured(MANUFACTURING)
    message = accepted(pump)
    refused = [
        tell(MANUFACTURING, "guess", message),
        tell(MANUFACTURING, "", message),
        tell(MANUFACTURING, twins, message),
        tell(MANUFACTURING, theirs, message),
        tell(MANUFACTURING, secret, message, age=WINDOW + 1),
        tell(MANUFACTURING, secret, message, age=-WINDOW - 1),
        tell(MANUFACTURING, secret, message, tenant="nobody"),
        tell(MANUFACTURING, secret, message, tenant=other_tenant.slug),
        tell("core_financials", secret, message),
        tell("weather", secret, message),
        tell(MANUFACTURING, secret, message, header=""),
        tell("webhook", secret, message),
    ]
    assert {(answer.status_code, answer.content) for answer in refused} == {
        (401, b'{"error": "The signature does not hold."}')
    }
    with tenant_scope(other_tenant.pk):
        # Rightly signed by the other tenant's neighbour, but about our product.
        assert tell(MANUFACTURING, theirs, message, tenant=other_tenant.slug).status_code == 422
    for wrong, status in ((b"no json", 400), (b"[]", 400), (b"[" * 100_000, 400), ({"kind": "weather"}, 400)):
        assert tell(MANUFACTURING, secret, wrong).status_code == status
    assert tell(MANUFACTURING, secret, {**message, "kind": "twin_state"}).status_code == 400
    assert tell(MANUFACTURING, secret, {**message, "extra": 1}).status_code == 400
    assert tell(MANUFACTURING, secret, b"x" * (LARGEST + 1)).status_code == 413
    with tenant_scope(tenant.pk):
        pump.refresh_from_db()
        assert (pump.manufacturing_status, CallbackReceipt.objects.count()) == ("", 0)
        Target.objects.filter(neighbour_key=MANUFACTURING).update(is_enabled=False)
    assert tell(MANUFACTURING, secret, message).status_code == 401
    assert Client().get(f"/integrations/callbacks/acme/{MANUFACTURING}/").status_code == 405


@pytest.mark.usefixtures("scope")
def test_a_flood_is_stopped(system: Actor) -> None:
    secret, pump = configured(MANUFACTURING), make_product("PUMP")
    with clock.fixed(clock.now()):
        for number in range(MOST_STRANGERS):
            assert tell(MANUFACTURING, secret, accepted(pump, str(number))).status_code == 200  # these are no flood
            assert tell(MANUFACTURING, "guess", {}).status_code == 401
        assert tell(MANUFACTURING, "guess", {}).status_code == 429
    with clock.fixed(clock.now() + dt.timedelta(minutes=1)):
        assert tell(MANUFACTURING, secret, accepted(pump, "later")).status_code == 200


@pytest.mark.usefixtures("scope")
def test_a_new_secret_lets_the_old_one_hold_a_while_and_a_removed_neighbour_says_nothing() -> None:
    old, pump = configured(MANUFACTURING), make_product("PUMP")
    new = callback_secret_change(actor=system_actor(), neighbour_key=MANUFACTURING)
    assert [tell(MANUFACTURING, secret, accepted(pump, secret[-9:])).status_code for secret in (old, new)] == [
        200,
        200,
    ]
    Target.objects.update(callback_before_until=clock.now())
    assert [tell(MANUFACTURING, secret, accepted(pump, secret[-8:])).status_code for secret in (old, new)] == [
        401,
        200,
    ]
    target_remove(actor=system_actor(), neighbour_key=MANUFACTURING)
    assert tell(MANUFACTURING, new, accepted(pump, "last")).status_code == 401
    assert Target.all_objects.get().sealed_callback_secret == ""


@pytest.mark.usefixtures("scope")
def test_the_secret_is_told_once_in_page_and_api(make_member: MakeMember) -> None:
    user, _member = make_member("tenant_admin", email="admin@acme.example")
    admin = Caller(user)
    admin("post", f"neighbours/{MANUFACTURING}/callback-secret/", status=404)
    target_save(actor=system_actor(), neighbour_key=MANUFACTURING, base_url=ADDRESS, allow_private=True)
    told = admin("post", f"neighbours/{MANUFACTURING}/callback-secret/")["data"]
    assert told["url"].endswith(f"/integrations/callbacks/acme/{MANUFACTURING}/")
    pump = make_product("PUMP")
    assert tell(MANUFACTURING, told["secret"], accepted(pump, "from-api")).status_code == 200
    path = f"/integrations/neighbours/{MANUFACTURING}/"
    page = admin.client.get(path).content.decode()
    assert "from-api" in page and told["secret"] not in page and told["url"] in page
    shown = admin.client.post(path + "secret/")
    assert shown.status_code == 200 and "cbsec_" in shown.content.decode() and "no-store" in shown["Cache-Control"]


@pytest.mark.postgres
@pytest.mark.slow
def test_the_same_callback_twice_at_once_is_carried_out_once(transactional_db: None) -> None:
    tenant, _made = tenant_create(slug="acme", name="Acme Works", currency="EUR")
    with tenant_scope(tenant.pk):
        secret, resistor = configured(PURCHASING), make_product("R-10K")
        make_supplier("Distri")
    told = {
        "callback_id": "1", "kind": "price_answer", "item_id": str(resistor.pk), "supplier": "Distri",
        "supplier_part_number": "", "currency": "EUR", "minimum_quantity": "0", "lead_time_days": None,
        "prices": [{"from_quantity": "1", "unit_price": "0.5"}],
    }  # fmt: skip
    gate, answers = threading.Barrier(6), []

    def run() -> None:
        gate.wait()
        answers.append(tell(PURCHASING, secret, told))
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json() == answers[0].json() for answer in answers)
    with tenant_scope(tenant.pk):
        assert (SupplierOffer.objects.count(), CallbackReceipt.objects.count()) == (1, 1)
