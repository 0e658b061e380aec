"""The hardened client against a real server: where it may go, what it shows, when it gives up."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.core.cache import cache

from integrations.choices import Outcome
from integrations.clients.addresses import is_public, place_of, url_fault
from integrations.clients.breaker import FAILURES, Breaker
from integrations.clients.call import Endpoint, call
from integrations.exceptions import BreakerOpen, CallFailed
from integrations.sealing import SealBroken, seal, unseal
from integrations.simulators.server import Simulator
from plm_project.core import clock
from plm_project.core.ids import uuid7

TOKEN = "tell-nobody-4711"
TWIN = "/api/v1/digital-twins"
OK = frozenset({201})


def endpoint(simulator: Simulator, **more: object) -> Endpoint:
    values = {"neighbour": "n", "base_url": simulator.url, "tenant_id": uuid7(), "token": TOKEN, "allow_private": True}
    return Endpoint(**{**values, **more})  # type: ignore[arg-type]


def post(where: Endpoint) -> object:
    return call(
        where, method="POST", path=TWIN, payload={"twin_source_id": "1"}, success=OK, idempotency_key="k-1"
    ).body


def test_a_call_carries_what_the_contract_asks(simulator: Simulator) -> None:
    where = endpoint(simulator)
    assert set(post(where)) == {"twin_id"}  # type: ignore[call-overload]
    (received,) = simulator.received
    headers = received["headers"]
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Idempotency-Key"] == "k-1"
    assert headers["X-Tenant-ID"] == str(where.tenant_id)
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("mode", "outcome"),
    [("500", "server_error"), ("429", "refused"), ("400", "refused"), ("reset", "network"), ("malformed", "malformed"),
     ("large", "too_large"), ("redirect", "redirect")],
)  # fmt: skip
def test_every_way_to_fail_has_its_name(simulator: Simulator, mode: str, outcome: str) -> None:
    simulator.fail(TWIN, mode)
    with pytest.raises(CallFailed) as caught:
        post(endpoint(simulator))
    assert caught.value.outcome == outcome
    assert caught.value.retryable == (outcome in ("server_error", "network", "timeout"))
    assert len(simulator.received) == 1  # a redirect is not followed


@pytest.mark.parametrize("mode", ["503", "reset"])
def test_what_only_asks_is_tried_again_and_what_acts_is_not(simulator: Simulator, mode: str) -> None:
    simulator.fail("/healthz", mode, 2)
    assert call(endpoint(simulator), method="GET", path="/healthz", success=frozenset({200})).status == 200
    assert len(simulator.received) == 3
    simulator.fail("/healthz", mode, 3)
    with pytest.raises(CallFailed):
        call(endpoint(simulator), method="GET", path="/healthz", success=frozenset({200}))
    assert len(simulator.received) == 6
    simulator.fail(TWIN, mode)
    with pytest.raises(CallFailed):
        post(endpoint(simulator))
    assert len(simulator.received) == 7


def test_a_server_that_is_not_there_and_a_name_that_is_not_known(simulator: Simulator) -> None:
    for url in ("http://127.0.0.1:9", "http://nobody.invalid"):
        with pytest.raises(CallFailed) as caught:
            post(endpoint(simulator, base_url=url))
        assert caught.value.outcome == Outcome.NETWORK


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}", "http://localhost:{port}", "http://[::1]:{port}", "http://[::ffff:127.0.0.1]:{port}",
            "http://0.0.0.0:{port}", "http://2130706433:{port}"],
)  # fmt: skip
def test_our_own_network_is_not_reached_unless_allowed(simulator: Simulator, url: str) -> None:
    port = simulator.url.rpartition(":")[2]
    with pytest.raises(CallFailed) as caught:
        post(endpoint(simulator, base_url=url.format(port=port), allow_private=False))
    assert caught.value.outcome in (Outcome.ADDRESS, Outcome.NETWORK)
    assert simulator.received == []


def test_private_link_local_and_metadata_addresses_are_not_public() -> None:
    for address in (
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "fe80::1",
        "fc00::1",
        "224.0.0.1",
    ):
        assert not is_public(address), address
    assert is_public("93.184.216.34")
    assert is_public("2606:2800:220:1::1")


def test_the_address_is_resolved_once_and_the_call_goes_there(simulator: Simulator) -> None:
    port = int(simulator.url.rpartition(":")[2])
    place = place_of(f"http://localhost:{port}", allow_private=True)
    assert (place.host, place.port) == ("localhost", port)
    assert place.address in ("127.0.0.1", "::1")
    assert place.host_header == f"localhost:{port}"


@pytest.mark.parametrize("url", ["", "ftp://x", "https://", "https://u:p@x", "https://x/?a=b", "https://x:99999", "x"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    assert url_fault(url)
    assert url_fault("https://mes.example.com/plant/1") == ""


def test_the_token_is_nowhere_to_be_seen(simulator: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    where = endpoint(simulator, base_url=f"{simulator.url}/{TOKEN}")
    with caplog.at_level("DEBUG"), pytest.raises(CallFailed) as caught:
        post(where)
    assert TOKEN not in caught.value.text
    assert TOKEN not in repr(endpoint(simulator))
    assert f"Bearer {TOKEN}" not in caplog.text


def test_the_breaker_opens_at_the_fifth_failure_and_gives_one_trial(simulator: Simulator) -> None:
    where = endpoint(simulator)
    breaker = Breaker(where.tenant_id, "n")
    simulator.fail(TWIN, "500", FAILURES)
    for number in range(FAILURES):
        assert breaker.state().state == "closed", number
        with pytest.raises(CallFailed):
            post(where)
    assert breaker.state().state == "open"
    with pytest.raises(BreakerOpen) as caught:
        post(where)
    assert 50 < caught.value.seconds <= 60
    assert len(simulator.received) == FAILURES
    with clock.fixed(clock.now() + dt.timedelta(seconds=61)):
        assert breaker.state().state == "half_open"
        breaker.admit()
        with pytest.raises(BreakerOpen):  # the trial is taken
            breaker.admit()
        breaker.failed()
        assert breaker.state().state == "open"  # for another minute
    with clock.fixed(clock.now() + dt.timedelta(seconds=122)):
        assert breaker.state().state == "half_open"
        post(where)
    assert breaker.state() == Breaker(where.tenant_id, "n").state()
    assert (breaker.state().state, breaker.state().failures) == ("closed", 0)


def test_refusals_open_no_breaker_and_tenants_do_not_share_one(simulator: Simulator) -> None:
    where = endpoint(simulator)
    simulator.fail(TWIN, "400", FAILURES + 1)
    for _time in range(FAILURES + 1):
        with pytest.raises(CallFailed):
            post(where)
    assert Breaker(where.tenant_id, "n").state().state == "closed"
    for _time in range(FAILURES):
        Breaker(where.tenant_id, "n").failed()
    assert Breaker(uuid.uuid4(), "n").state().state == "closed"
    assert Breaker(where.tenant_id, "n").state().state == "open"
    cache.clear()


def test_a_secret_is_sealed_and_keys_can_change(settings: pytest.FixtureRequest) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["old"]  # type: ignore[attr-defined]
    sealed = seal(TOKEN)
    assert TOKEN not in sealed
    settings.FIELD_ENCRYPTION_KEYS = ["new", "old"]  # type: ignore[attr-defined]
    assert unseal(sealed) == TOKEN
    settings.FIELD_ENCRYPTION_KEYS = ["new"]  # type: ignore[attr-defined]
    with pytest.raises(SealBroken):
        unseal(sealed)
    assert unseal(seal("")) == ""
