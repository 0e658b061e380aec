"""Pages and API: the same services, thin; few questions however many products."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance.models import ComplianceRecord, Evidence, Regulation
from compliance.services import product_markets_set
from plm_project.accounts.models import User
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.outbox.relay import relay_tenant
from plm_project.tenancy.models import Tenant
from tests.compliance.conftest import Lamp, People, assess, attach, make_regulation, pdf, record_of
from tests.factories import make_product, system_actor

pytestmark = pytest.mark.django_db
API = "/api/v1/plm/"


def client_of(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def officer(people: People) -> Client:
    return client_of(people.officer)


def shown(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, (path, response.status_code)
    return response.content.decode() if not response.streaming else b"".join(response.streaming_content).decode()


def test_the_api_from_a_regulation_to_a_finding(officer: Client, people: People, lamp: Lamp) -> None:
    def send(method: str, path: str, data: Any = None, status: int = 200) -> Any:
        answer = getattr(officer, method)(API + path, data, content_type="application/json")
        assert answer.status_code == status, answer.content
        return answer.json()["data"]

    made = send("post", "regulations/", {"code": "RoHS", "title": "Hazardous", "markets": ["eu"]}, 201)
    assert made["markets"] == ["EU"]
    send("patch", f"regulations/{made['regulation_id']}/", {"is_binding": True})
    assert len(send("get", f"regulations/{made['regulation_id']}/history/")) == 2
    (row,) = send("get", "compliance/", {"regulation": "rohs", "product": str(lamp.bulb.pk)})
    record = f"compliance/{row['record_id']}/"
    assert row["status"] == "not_assessed"
    possible = {entry["to"]: entry["possible"] for entry in send("get", f"{record}transitions/")}
    assert possible["in_progress"] and not possible["compliant"]
    send("post", f"{record}transitions/", {"to": "in_progress"})
    upload = officer.post(f"{API}{record}evidence/", {"file": pdf(), "title": "Declaration", "issuer": "Maker"})
    assert upload.status_code == 201, upload.content
    bad = officer.post(f"{API}{record}evidence/", {"file": pdf("x.png"), "title": "Declaration"})
    assert bad.status_code == 400 and list(bad.json()["details"]) == ["file"]
    until = (clock.today() + dt.timedelta(days=9)).isoformat()
    done = send("post", f"{record}transitions/", {"to": "compliant", "valid_until": until})
    assert (done["status"], done["valid_until"], done["regulation"]["is_binding"]) == ("compliant", until, True)
    soon = (clock.today() + dt.timedelta(days=10)).isoformat()
    assert [entry["record_id"] for entry in send("get", "compliance/", {"expiring_before": soon})] == [
        row["record_id"]
    ]
    assert send("get", "compliance/", {"status": "non_compliant"}) == []
    assert len(send("get", "compliance/", {"assessor": str(people.officer.user_id), "current": "true"})) == 1
    (evidence,) = send("get", f"{record}evidence/")
    officer.delete(f"{API}{record}evidence/{evidence['evidence_id']}/?reason=wrong")
    assert Evidence.objects.count() == 1  # it carries the decision: refused
    whole = send("get", f"products/{lamp.product.pk}/compliance/")
    (under,) = whole["structure"]
    assert (under["status"], under["cause_count"]) == ("not_assessed", 2)
    matrix = send("get", "compliance/matrix/", {"status": "compliant"})
    assert [line["product_number"] for line in matrix] == ["LAMP-BULB"]
    (reference,) = send("get", f"products/{lamp.bulb.pk}/")["compliance_records"]
    assert (reference["regulation"], reference["status"], reference["revision"]) == ("RoHS", "compliant", "A")
    send("put", f"products/{lamp.bulb.pk}/compliance/", {"markets": ["US"]})
    assert send("get", "compliance/matrix/", {"q": "BULB"})[0]["cells"][0]["status"] == "not_applicable"
    assert len(send("get", f"{record}history/")) == 4


def test_the_questions_of_lists_do_not_grow(officer: Client, lamp: Lamp, rohs: Any, tenant: Tenant) -> None:
    make_regulation("UKCA", markets=["GB"])
    paths = ("/compliance/", f"{API}compliance/matrix/", f"{API}compliance/", f"{API}products/",
             f"/compliance/of/{lamp.product.pk}/")  # fmt: skip

    def asked() -> list[int]:
        counts = []
        for path in paths:
            officer.get(path)
            with CaptureQueriesContext(connection) as found:
                assert officer.get(path).status_code == 200
            counts.append(len(found))
        return counts

    before = asked()
    for _number in range(12):
        make_product()
    relay_tenant(tenant.pk)
    assert asked() == before
    assert max(before) <= 24


def test_the_pages_tell_and_do(officer: Client, people: People, lamp: Lamp) -> None:
    assert "No regulation is in force yet" in shown(officer, "/compliance/")
    form = {"code": "RoHS", "title": "Hazardous substances", "edition": "2011/65/EU", "markets": "eu, us",
            "is_binding": "on", "product_types": ["purchased", "manufactured"]}  # fmt: skip
    assert officer.post("/compliance/regulations/new/", {**form, "markets": "Europe"}).status_code == 422
    assert officer.post("/compliance/regulations/new/", form).status_code == 302
    rohs = Regulation.objects.get()
    assert rohs.markets == ["EU", "US"]
    record = record_of(lamp.bulb, rohs)
    page = f"/compliance/records/{record.pk}/"
    assert officer.post(f"{page}steps/in_progress/", {}).status_code == 302
    assert officer.post(f"{page}steps/compliant/", {}).status_code == 422  # neither evidence nor reason
    good = {"file": pdf(), "title": "Declaration", "valid_until": clock.today().isoformat()}
    assert officer.post(f"{page}evidence/new/", {**good, "file": pdf("x.png")}).status_code == 422
    assert officer.post(f"{page}evidence/new/", good).status_code == 302
    assert officer.post(f"{page}steps/compliant/", {"valid_until": ""}).status_code == 302
    text = shown(officer, page)
    assert "declaration.pdf" in text and "Assess again" in text and "SHA-256" in text
    assert officer.post(f"{page}steps/in_progress/", {"reason": ""}).status_code == 422
    assert officer.get(f"{page}steps/nowhere/").status_code == 404
    evidence = Evidence.objects.get()
    remove = f"/compliance/evidence/{evidence.pk}/remove/"
    assert officer.post(remove, {"reason": "wrong"}).status_code == 422
    assert "Declaration" in shown(officer, "/compliance/evidence/")
    assert "Nothing runs out" in shown(officer, "/compliance/evidence/?q=nobody")
    assert "Declaration" in shown(officer, "/compliance/evidence/export/")
    csv = shown(officer, "/compliance/export/?status=compliant")
    assert "LAMP-BULB,Product" in csv and csv.count("\r\n") == 2 and "Compliant" in csv
    assert "LAMP-HOUSING" not in shown(officer, "/compliance/?status=compliant&binding=on&market=de")
    assert "No product matches" in shown(officer, "/compliance/?q=nobody")
    tab = shown(officer, f"/compliance/of/{lamp.product.pk}/?as_of=2030-01-01")
    assert "Way to the part behind it" in tab and "everywhere" in tab
    markets = f"/compliance/of/{lamp.product.pk}/markets/"
    assert officer.post(markets, {"markets": "Germany"}).status_code == 422
    assert officer.post(markets, {"markets": "de at"}).status_code == 302
    assert "DE, AT" in shown(officer, f"/compliance/of/{lamp.product.pk}/")
    edit = f"/compliance/regulations/{rohs.pk}/"
    assert officer.post(f"{edit}edit/", {**form, "title": "Other title"}).status_code == 302
    assert "Other title" in shown(officer, edit)
    assert officer.post(f"{edit}delete/", {"reason": "x"}).status_code == 422
    assert "Regulations" in shown(officer, "/compliance/regulations/?q=rohs")
    viewer = client_of(people.viewer)
    for path in (f"{page}evidence/new/", "/compliance/regulations/new/", markets):
        assert viewer.get(path).status_code == 403
    assert "Attach evidence" not in shown(viewer, page)
    assert viewer.post(f"{page}steps/in_progress/", {"reason": "x"}).status_code in (403, 422)
    assert ComplianceRecord.objects.get(pk=record.pk).status == "compliant"


def test_the_gate_on_the_change_page_and_in_the_api(people: People, lamp: Lamp, rohs: Any) -> None:
    from changes.services import change_create

    assess(lamp.bulb, rohs, "non_compliant", reason="lead")
    change = change_create(
        actor=people.engineer,
        data={"change_title": "Release the lamp", "reason_for_change": "New"},
        affected=[lamp.product.pk],
    )
    engineer = client_of(people.engineer)
    assert "LAMP → LAMP-HOUSING → LAMP-BULB" in shown(engineer, change.get_absolute_url())
    assert "Release gates" in shown(engineer, f"{change.get_absolute_url()}steps/submit/")
    gates = engineer.get(f"{API}changes/{change.pk}/gates/").json()["data"]
    (gate,) = [one for one in gates if one["key"] == "compliance"]
    assert not gate["passed"]
    (finding,) = gate["findings"]
    assert finding["path"] == ["LAMP", "LAMP-HOUSING", "LAMP-BULB"]
    assert "LAMP-BULB" in shown(engineer, finding["url"])


def test_markets_narrow_the_matrix(officer: Client, lamp: Lamp, rohs: Any) -> None:
    product_markets_set(actor=system_actor(), product_id=lamp.bulb.pk, markets=["DE"])
    attach(record_of(lamp.bulb, rohs))
    for market, wanted in (("DE", True), ("EU", True), ("US", False)):
        assert ("LAMP-BULB" in shown(officer, f"/compliance/?market={market}")) == wanted, market
