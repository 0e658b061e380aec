"""The state machine over every role, evidence, expiry, and what a refusal leaves behind: nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from compliance.choices import ComplianceStatus
from compliance.exceptions import EvidenceKept, RegulationInUse
from compliance.models import ComplianceRecord, Evidence
from compliance.services import (
    evidence_remove,
    product_markets_set,
    record_move,
    regulation_create,
    regulation_delete,
    regulation_update,
)
from compliance.tasks import expire
from plm_project.accounts.models import User
from plm_project.core import clock
from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, PlmError, ValidationFailed
from plm_project.core.ids import uuid7
from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.changes.conftest import footprint
from tests.compliance.conftest import Lamp, People, assess, attach, make_regulation, pdf, record_of, stored_files
from tests.conftest import MakeMember
from tests.factories import system_actor

pytestmark = pytest.mark.django_db

# from → to: what it needs. "date": only a date does it.
WAYS = {
    ("not_assessed", "in_progress"): "",
    ("in_progress", "compliant"): "ground",
    ("in_progress", "non_compliant"): "reason",
    ("in_progress", "waived"): "reason",
    ("non_compliant", "waived"): "reason",
    **{(state, "in_progress"): "reason" for state in ("compliant", "non_compliant", "waived", "expired")},
}
MAY = {"officer": True, "manager": True, "engineer": False, "viewer": False}


def bring(lamp: Lamp, regulation: Any, status: str) -> ComplianceRecord:
    if status == "not_assessed":
        return record_of(lamp.bulb, regulation)
    if status != "expired":
        return assess(lamp.bulb, regulation, status)
    record = assess(lamp.bulb, regulation, "compliant", valid_until=clock.today())
    with clock.fixed(clock.now() + dt.timedelta(days=1)):
        return record_move(actor=system_actor(), record_id=record.pk, to="expired")


@pytest.mark.parametrize("start", ComplianceStatus.values)
def test_every_way_for_every_role(start: str, people: People, lamp: Lamp) -> None:
    for place, to in enumerate(ComplianceStatus.values):
        record = bring(lamp, make_regulation(f"REG-{place}"), start)
        need = WAYS.get((start, to))
        before = footprint()
        for role, may in MAY.items():
            actor = getattr(people, role)
            if need is None or not may or need in ("reason", "ground"):
                with pytest.raises(PlmError) as refused:
                    record_move(
                        actor=actor, record_id=record.pk, to=to, reason="" if may and need is not None else "because"
                    )
                wanted = Conflict if need is None else ValidationFailed if may else PermissionDenied
                if not (start == "compliant" and to == "expired") and not (start == "waived" and to == "expired"):
                    assert isinstance(refused.value, wanted), (role, start, to, refused.value)
        assert footprint() == before
        if need is not None:
            moved = record_move(actor=people.officer, record_id=record.pk, to=to, reason="because")
            assert (moved.status, moved.assessor_id) == (to, people.officer.user_id)
            told = OutboxEvent.objects.filter(event_type="compliance_status_changed").latest("id")
            assert told.entity_id == lamp.bulb.pk
            data = told.event_data
            assert (data["from"], data["to"], data["reason"]) == (start, to, "because")
            assert (data["regulation"], data["revision"]) == (f"REG-{place}", "A")


def test_compliance_stands_on_valid_evidence_or_a_reason(people: People, lamp: Lamp, rohs: Any) -> None:
    record = assess(lamp.bulb, rohs, "in_progress")
    today = clock.today()
    attach(record, actor=people.officer, valid_until=today - dt.timedelta(days=1))
    with pytest.raises(ValidationFailed, match="valid today"):
        record_move(actor=people.officer, record_id=record.pk, to="compliant")
    evidence = attach(record, actor=people.officer, valid_until=today)
    with pytest.raises(ValidationFailed, match="over already"):
        record_move(
            actor=people.officer, record_id=record.pk, to="compliant", valid_until=today - dt.timedelta(days=1)
        )
    with pytest.raises(ValidationFailed) as refused:
        record_move(actor=people.officer, record_id=record.pk, to="non_compliant", reason="x", valid_until=today)
    assert "valid_until" in refused.value.details
    record_move(actor=people.officer, record_id=record.pk, to="compliant", valid_until=today)
    with pytest.raises(EvidenceKept):
        evidence_remove(actor=people.officer, evidence_id=evidence.pk, reason="wrong file")
    with pytest.raises(ValidationFailed):
        record_move(actor=people.officer, record_id=record.pk, to="nonsense")
    with pytest.raises(NotFound):
        record_move(actor=people.officer, record_id=uuid7(), to="in_progress")


def test_expired_by_date_and_swept_once(people: People, lamp: Lamp, rohs: Any, tenant: Tenant) -> None:
    record = assess(lamp.bulb, rohs, "waived", valid_until=clock.today())
    assert expire() == 0
    with clock.fixed(clock.now() + dt.timedelta(days=1)):
        assert (record.status, record.status_now) == ("waived", "expired")
        assert (expire(), expire()) == (1, 0)
        swept = ComplianceRecord.objects.get(pk=record.pk)
    assert (swept.status, swept.expired_from) == ("expired", "waived")
    assert OutboxEvent.objects.filter(event_data__to="expired").count() == 1
    assert swept.history.latest().history_change_reason == "its last valid day is over"


def test_a_file_is_kept_once_and_a_bad_one_not_at_all(
    people: People, lamp: Lamp, rohs: Any, file_folder: Path, settings: Any
) -> None:
    record = record_of(lamp.bulb, rohs)
    other = record_of(lamp.housing, rohs)
    settings.COMPLIANCE_EVIDENCE_LIMIT = 1000
    before = footprint()
    for upload in (
        pdf("picture.png"),
        pdf("declaration.exe"),
        pdf("empty.pdf", b""),
        pdf("large.pdf", b"%PDF-" + b"x" * 1000),
    ):
        with pytest.raises(ValidationFailed) as refused:
            attach(record, actor=people.officer, upload=upload)
        assert list(refused.value.details) == ["file"]
    with pytest.raises(ValidationFailed):
        attach(record, valid_from=clock.today(), valid_until=clock.today() - dt.timedelta(days=1))
    with pytest.raises(PermissionDenied):
        attach(record, actor=people.engineer)
    assert footprint() == before and stored_files(file_folder) == []
    one, two = attach(record, upload=pdf("../../a.pdf")), attach(other)
    assert (one.sha256, one.file_name, one.kind) == (two.sha256, "a.pdf", "pdf")
    assert len(stored_files(file_folder)) == 1
    with pytest.raises(ValidationFailed):
        evidence_remove(actor=people.officer, evidence_id=one.pk, reason=" ")
    evidence_remove(actor=people.officer, evidence_id=one.pk, reason="wrong file")
    assert list(Evidence.objects.all()) == [two] and len(stored_files(file_folder)) == 1


def test_a_download_asks_tenant_and_sign_in(
    lamp: Lamp, rohs: Any, other_tenant: Tenant, make_member: MakeMember
) -> None:
    evidence = attach(record_of(lamp.bulb, rohs))
    owner, _member = make_member("viewer")
    stranger, _member = make_member("tenant_admin", email="x@globex.example", tenant=other_tenant)
    urls = (
        evidence.get_absolute_url(),
        f"/api/v1/plm/compliance/{evidence.record_id}/evidence/{evidence.pk}/file/",
    )
    for url in urls:
        answers = {}
        for name, user in (("owner", owner), ("stranger", stranger)):
            client = Client()
            client.force_login(User.objects.get(pk=user.pk), backend="django.contrib.auth.backends.ModelBackend")
            answers[name] = client.get(url)
        assert answers["stranger"].status_code == 404
        response = answers["owner"]
        assert response.status_code == 200 and b"".join(response.streaming_content).startswith(b"%PDF")
        assert response["Content-Disposition"].startswith("attachment")


def test_regulations_and_markets_refuse_nonsense(people: People, lamp: Lamp, rohs: Any) -> None:
    with pytest.raises(Conflict):
        regulation_create(actor=people.officer, data={"code": "rohs", "title": "Again", "edition": "2011/65/eu"})
    for data, field in (
        ({"markets": ["EUR"]}, "markets"),
        ({"product_types": ["toy"]}, "product_types"),
        ({"effective_from": clock.today(), "effective_to": clock.today()}, "effective_to"),
        ({"version": 3}, "version"),
    ):
        with pytest.raises(ValidationFailed) as refused:
            regulation_create(actor=people.officer, data={"code": "NEW", "title": "New one", **data})
        assert field in refused.value.details
    with pytest.raises(PermissionDenied):
        regulation_update(actor=people.engineer, regulation_id=rohs.pk, changes={"is_binding": False})
    with pytest.raises(ValidationFailed):
        product_markets_set(actor=people.officer, product_id=lamp.bulb.pk, markets=["Germany"])
    sold = product_markets_set(actor=people.officer, product_id=lamp.bulb.pk, markets=["de", "DE"])
    assert sold is not None and sold.markets == ["DE"]
    assert product_markets_set(actor=people.officer, product_id=lamp.bulb.pk, markets=[]) is None
    assess(lamp.bulb, rohs, "in_progress")
    with pytest.raises(RegulationInUse):
        regulation_delete(actor=people.officer, regulation_id=rohs.pk)
    regulation_delete(actor=people.officer, regulation_id=make_regulation("GONE").pk)


def test_another_tenants_record_does_not_exist(people: People, lamp: Lamp, rohs: Any, other_tenant: Tenant) -> None:
    record = record_of(lamp.bulb, rohs)
    with tenant_scope(other_tenant.pk), pytest.raises(NotFound):
        record_move(actor=system_actor(), record_id=record.pk, to="in_progress")
