"""Webhooks: signed, filtered, tried again, switched off after lasting failure, tried by a ping; their secrets told once."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from collaboration.models import Notice
from integrations.models import Attempt, Delivery, Webhook
from integrations.sealing import SealBroken, unseal
from integrations.services import (
    webhook_create,
    webhook_ping,
    webhook_remove,
    webhook_secret_change,
    webhook_update,
)
from integrations.services.webhook_health import FAILURES, LASTING
from integrations.signing import HEADER, WINDOW, signature, signature_fault
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, ValidationFailed
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.services import product_create, product_update
from tests.conftest import MakeActor, MakeMember
from tests.factories import make_product, system_actor
from tests.integrations.conftest import relay
from tests.integrations.test_api import Caller, send

pytestmark = pytest.mark.usefixtures("scope")


class Receiver:
    """Somebody else's server: keeps what comes in and answers with ``status``."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers.items()), body))
                self.send_response(receiver.status)
                self.end_headers()
                self.wfile.write(b"thanks, no JSON here")

            def log_message(self, format: str, *args: Any) -> None:
                """Stay quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hooks/plm"

    def bodies(self) -> list[Any]:
        import json

        return [json.loads(body) for _headers, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    cache.clear()
    found = Receiver()
    threading.Thread(target=found.server.serve_forever, daemon=True).start()
    yield found
    found.server.shutdown()
    found.server.server_close()


def hook(receiver: Receiver, *event_types: str, name: str = "Stock") -> tuple[Webhook, str]:
    return webhook_create(
        actor=system_actor(), name=name, url=receiver.url, event_types=event_types, allow_private=True
    )


def test_a_signature_holds_for_its_body_its_time_and_its_secrets() -> None:
    now, body = 1_764_237_600, b'{"a": 1}'
    header = signature(["new", "old"], body, now)
    assert signature_fault(header, ["old"], body, now + WINDOW) == ""
    assert signature_fault(header, ["new"], body, now - WINDOW) == ""
    assert "too old" in signature_fault(header, ["new"], body, now + WINDOW + 1)
    assert "does not fit" in signature_fault(header, ["other"], body, now)
    assert "does not fit" in signature_fault(header, ["new"], body + b" ", now)
    assert "does not fit" in signature_fault(header.replace(f"t={now}", f"t={now + 1}"), ["new"], body, now)
    assert "does not fit" in signature_fault(header, [""], body, now)
    for nothing in ("", "t=,v1=ab", "v1=ab", f"t={now}", f"t={now},t={now},v1=ab", "t=1e9,v1=ab", "é=1,v1=é"):
        assert "no signature" in signature_fault(nothing, ["new"], body, now), nothing


def test_a_receiver_can_check_what_it_gets(receiver: Receiver, system: Actor) -> None:
    webhook, secret = hook(receiver)
    pump = make_product("PUMP", custom_attributes={"password": "hunter2"})
    send(system)
    ((headers, body),) = receiver.got
    assert signature_fault(headers[HEADER], [secret], body, int(time.time())) == ""
    (told,) = receiver.bodies()
    assert (told["event_type"], told["entity_id"], told["position"]) == ("product_created", str(pump.pk), 1)
    assert headers["X-Event-ID"] == told["event_id"] and "hunter2" not in body.decode()
    assert headers["Idempotency-Key"] == f"{told['event_id']}:plm_webhook"
    assert Delivery.objects.get().state == "delivered"
    assert str(Delivery.objects.get().target) == webhook.name == "Stock"
    assert secret.startswith("whsec_") and secret not in str(Webhook.objects.values())


def test_each_gets_what_it_asked_for_once(receiver: Receiver, system: Actor) -> None:
    costs, _secret = hook(receiver, "cost_updated", name="Costs")
    everything, _secret = hook(receiver, name="Everything")
    pump = make_product("PUMP")
    product_update(actor=system, product_id=pump.pk, changes={"current_cost": 7})
    send(system)
    relay(system)
    send(system)
    told = {
        webhook.name: list(
            Delivery.objects.filter(target=webhook.target).order_by("id").values_list("event_type", flat=True)
        )
        for webhook in (costs, everything)
    }
    assert told == {"Costs": ["cost_updated"], "Everything": ["product_created", "product_updated", "cost_updated"]}
    assert len(receiver.got) == 4


def test_while_a_secret_is_changed_both_sign(receiver: Receiver, system: Actor) -> None:
    webhook, old = hook(receiver)
    _webhook, new = webhook_secret_change(actor=system, webhook_id=webhook.pk)
    assert new != old
    make_product("PUMP")
    send(system)
    headers, body = receiver.got[-1]
    for secret in (old, new):
        assert signature_fault(headers[HEADER], [secret], body, int(time.time())) == ""
    with clock.fixed(clock.now() + dt.timedelta(days=2)):
        make_product("VALVE")
        send(system)
        now = int(clock.now().timestamp())
        headers, body = receiver.got[-1]
        assert signature_fault(headers[HEADER], [new], body, now) == ""
        assert "does not fit" in signature_fault(headers[HEADER], [old], body, now)


def test_one_that_fails_for_long_is_switched_off_and_whoever_can_mend_it_is_told(
    receiver: Receiver, system: Actor, make_actor: MakeActor
) -> None:
    admin, engineer = make_actor("tenant_admin"), make_actor("engineer")
    webhook, _secret = hook(receiver)
    receiver.status = 500
    start = clock.now()
    for number in range(FAILURES):
        make_product(f"P-{number}")
    # Four tries each, minutes apart: all fail within the hour, and that is not for long yet.
    for minutes in (0, 2, 4, 6):
        with clock.fixed(start + dt.timedelta(minutes=minutes)):
            cache.clear()  # the breaker's minute is over
            for _round in range(FAILURES):
                send(system)
                cache.clear()
    webhook.refresh_from_db()
    assert webhook.failed_in_row >= FAILURES and webhook.target.is_enabled and webhook.failing_since is not None
    with clock.fixed(start + LASTING + dt.timedelta(hours=1)):
        cache.clear()
        make_product("LATE")
        send(system)
        relay(system)
    webhook = Webhook.objects.select_related("target").get()
    assert not webhook.target.is_enabled and "It failed" in webhook.off_reason
    notice = Notice.objects.get(kind="webhook_disabled")
    assert notice.recipient_id == admin.user_id != engineer.user_id
    assert notice.facts["name"] == "Stock"
    receiver.status = 200
    before = len(receiver.got)
    send(system)
    assert len(receiver.got) == before  # switched off
    webhook_update(
        actor=system, webhook_id=webhook.pk, name="Stock", url=receiver.url, allow_private=True, is_enabled=True
    )
    with clock.fixed(start + LASTING + dt.timedelta(hours=2)):
        make_product("AGAIN")
        send(system)
    webhook.refresh_from_db()
    assert len(receiver.got) > before and webhook.off_reason == "" and webhook.failing_since is None


def test_a_ping_says_how_it_went(receiver: Receiver, system: Actor) -> None:
    webhook, secret = hook(receiver)
    assert webhook_ping(actor=system, webhook_id=webhook.pk)[0]
    headers, body = receiver.got[-1]
    assert signature_fault(headers[HEADER], [secret], body, int(time.time())) == ""
    assert receiver.bodies()[-1]["event_type"] == "ping"
    receiver.status = 404
    was_taken, words = webhook_ping(actor=system, webhook_id=webhook.pk)
    assert not was_taken and "thanks, no JSON here" in words
    assert (Delivery.objects.count(), Attempt.objects.count()) == (0, 0)


def test_what_is_refused(receiver: Receiver, system: Actor, make_actor: MakeActor, other_tenant: Tenant) -> None:
    for fields, where in (
        ({"name": " "}, "name"),
        ({"url": "ftp://x.example"}, "url"),
        ({"event_types": ["weather"]}, "event_types"),
    ):
        with pytest.raises(ValidationFailed) as refused:
            webhook_create(actor=system, **{"name": "Stock", "url": "https://x.example", **fields})  # type: ignore[arg-type]
        assert list(refused.value.details) == [where]
    with pytest.raises(PermissionDenied):
        webhook_create(actor=make_actor("plm_manager"), name="Stock", url="https://x.example")
    webhook, _secret = hook(receiver)
    with tenant_scope(other_tenant.pk), pytest.raises(NotFound):
        webhook_remove(actor=system_actor(), webhook_id=webhook.pk)
    make_product("PUMP")
    relay(system)
    with pytest.raises(Conflict):
        webhook_remove(actor=system, webhook_id=webhook.pk)
    send(system)
    webhook_remove(actor=system, webhook_id=webhook.pk)
    gone = Webhook.all_objects.get(pk=webhook.pk)
    assert (gone.is_deleted, gone.sealed_secret, Webhook.objects.count()) == (True, "", 0)
    make_product("VALVE")
    send(system)
    assert len(receiver.got) == 1


def test_secrets_are_sealed_anew(receiver: Receiver, system: Actor, settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["old key"]
    webhook, secret = hook(receiver)
    settings.FIELD_ENCRYPTION_KEYS = ["new key", "old key"]
    call_command("integrations_reseal", "--tenant", "acme")
    settings.FIELD_ENCRYPTION_KEYS = ["new key"]
    webhook.refresh_from_db()
    assert unseal(webhook.sealed_secret) == secret
    settings.FIELD_ENCRYPTION_KEYS = ["another key"]
    with pytest.raises(SealBroken):
        unseal(webhook.sealed_secret)


def test_the_api_tells_a_secret_once(receiver: Receiver, make_member: MakeMember) -> None:
    admin = Caller(make_member("tenant_admin", email="admin@acme.example")[0])
    fields = {"name": "Stock", "url": receiver.url, "event_types": ["bom_changed"], "allow_private": True}
    path = "/api/v1/plm/integrations/webhooks/"
    sent = [
        admin.client.post(path, fields, content_type="application/json", headers={"Idempotency-Key": "once"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in sent] == [201, 201] and Webhook.objects.count() == 1
    secret = sent[0].json()["data"]["secret"]
    assert secret.startswith("whsec_") and secret not in sent[1].content.decode()
    (row,) = admin("get", "webhooks/")["data"]
    one = f"webhooks/{row['webhook_id']}/"
    assert row["event_types"] == ["bom_changed"] and "secret" not in row
    assert admin("post", one + "ping/")["data"]["is_there"] is True
    changed = admin("put", one, {**fields, "name": "Shop", "is_enabled": False})["data"]
    assert (changed["name"], changed["is_enabled"]) == ("Shop", False)
    assert "event_types" in admin("put", one, {**fields, "event_types": ["x"]}, 400)["details"]
    again = admin("post", one + "secret/")["data"]
    assert again["secret"] not in ("", secret) and again["both_sign_until"]
    assert admin("get", f"deliveries/?webhook={row['webhook_id']}")["data"] == []
    admin("delete", one, status=204)
    admin("get", one, status=404)


def test_the_pages(receiver: Receiver, make_member: MakeMember, system: Actor) -> None:
    admin = Client()
    admin.force_login(
        make_member("tenant_admin", "plm_manager", email="admin@acme.example")[0],
        backend="django.contrib.auth.backends.ModelBackend",
    )

    def page(path: str, data: Any = None, status: int = 200) -> str:
        answer = admin.get(path) if data is None else admin.post(path, data, follow=True)
        assert answer.status_code == status, path
        return answer.content.decode()

    base = "/integrations/webhooks/"
    assert "Nobody has asked" in page(base)
    assert "Give an address" in page(base + "new/", {"name": "Stock", "url": "ftp://x.example"}, 422)
    fields = {"name": "Stock", "url": receiver.url, "event_types": ["product_created"], "allow_private": "on"}
    made = page(base + "new/", fields)
    webhook = Webhook.objects.get()
    secret = unseal(webhook.sealed_secret)
    assert secret in made
    one = f"{base}{webhook.pk}/"
    assert secret not in page(one) and "in use" in page(base)
    assert "It answers 200" in page(one + "ping/", {})
    assert signature_fault(receiver.got[0][0][HEADER], [secret], receiver.got[0][1], int(time.time())) == ""
    product_create(actor=system, data={"product_number": "PUMP", "product_name": "Pump"})
    send(system)
    assert "PUMP" in page(f"/integrations/deliveries/?webhook={webhook.pk}") and "Stock" in page(
        "/integrations/deliveries/"
    )
    renewed = page(one + "secret/", {})
    webhook.refresh_from_db()
    assert unseal(webhook.sealed_secret) in renewed and "with the old secret, too" in page(one)
    saved = page(one, {**fields, "name": "Shop", "expected_version": webhook.version})
    assert "Saved." in saved and "switched off" in saved  # not ticked
    assert "Somebody changed this" in page(one, {**fields, "expected_version": webhook.version}, 422)
    assert "its secret are gone" in page(one + "remove/", {})
    page(one, status=404)
