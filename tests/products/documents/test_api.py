"""The vault through the API: upload, download, check-out, steps; another tenant's files; query budgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from plm_project.accounts.services import token_issue
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import Document
from tests.factories import make_document, make_product
from tests.products.documents.conftest import CONTROL, STL, upload

pytestmark = pytest.mark.django_db
API = "/api/v1/plm"


@pytest.fixture
def api_of(make_member: Callable[..., Any]) -> Callable[..., Client]:
    def client(role: str, tenant: Tenant, email: str = "") -> Client:
        user, _member = make_member(role, tenant=tenant, email=email)
        with tenant_scope(tenant.pk):
            _token, text = token_issue(actor=Actor.system(tenant.pk, "tests"), user=user, name="t")
        return Client(headers={"Authorization": f"Bearer {text}"})

    return client


def test_from_upload_to_release(api_of: Callable[..., Client], tenant: Tenant, other_tenant: Tenant) -> None:
    ann, bob, analyst = (
        api_of("engineer", tenant),
        api_of("engineer", tenant, "bob@acme.example"),
        api_of("change_analyst", tenant),
    )
    with tenant_scope(tenant.pk):
        lamp = make_product("LAMP")
    made = ann.post(
        f"{API}/documents/",
        {
            "title": "Shade",
            "document_type": "model",
            "product_id": str(lamp.pk),
            "file": SimpleUploadedFile("shade.stl", STL),
        },
    )
    assert made.status_code == 201, made.content
    document = made.json()["data"]
    assert (document["document_number"], document["revision"], document["state"]) == ("DOC-000001", "A", "in_work")
    here = f"{API}/documents/{document['document_id']}"
    version = f"{API}/documents/versions/{document['version_id']}"
    product = ann.get(f"{API}/products/{lamp.pk}").json()["data"]
    assert [entry["document_number"] for entry in product["document_references"]] == ["DOC-000001"]

    for name in ("download", "model"):
        answer = ann.get(f"{version}/{name}/")
        assert b"".join(answer.streaming_content) == STL
        assert answer["Content-Disposition"] == 'attachment; filename="shade.stl"'
    assert ann.get(f"{version}/thumbnail/").status_code == 404

    assert ann.post(f"{here}/check-out/").json()["data"]["checked_out_by_name"] == "engineer@acme.example"
    refused = bob.post(f"{here}/check-out/")
    assert (refused.status_code, refused.json()["error_code"]) == (409, "CONFLICT")
    assert "engineer@acme.example" in refused.json()["error"]
    wrong = ann.post(f"{here}/check-in/", {"file": SimpleUploadedFile("shade.stl", b"MZ\x90\x00")})
    assert wrong.status_code == 400 and list(wrong.json()["details"]) == ["file"]
    assert bob.post(f"{here}/check-in/", {"file": SimpleUploadedFile("shade.stl", STL)}).status_code == 409
    second = ann.post(f"{here}/check-in/", {"file": SimpleUploadedFile("shade.stl", STL), "comment": "larger"})
    assert (second.status_code, second.json()["data"]["number"]) == (201, 2)

    (revision,) = ann.get(f"{here}/revisions/").json()["data"]
    steps = f"{API}/documents/revisions/{revision['revision_id']}/transitions/"
    possible = {entry["to"]: entry["possible"] for entry in analyst.get(steps).json()["data"]["transitions"]}
    assert possible == {"in_review": True, "released": True, "obsolete": True}
    assert ann.post(steps, {"to": "released"}, content_type="application/json").status_code == 403
    assert (
        analyst.post(steps, {"to": "released"}, content_type="application/json").json()["data"]["state"] == "released"
    )
    assert ann.post(f"{here}/check-out/").status_code == 409
    assert ann.post(f"{here}/revisions/", {}, content_type="application/json").status_code == 201
    filtered = ann.get(f"{API}/documents/", {"state": "in_work", "document_type": "model"}).json()
    assert filtered["pagination"]["total_count"] == 1
    assert ann.get(f"{API}/documents/", {"state": "released"}).json()["data"] == []

    stranger = api_of("tenant_admin", other_tenant)
    for address in (
        here,
        f"{here}/versions/",
        version,
        f"{version}/download/",
        f"{version}/model/",
        f"{version}/thumbnail/",
    ):
        assert stranger.get(address).status_code == 404, address
    assert stranger.post(f"{here}/check-out/").status_code == 404


def test_a_plain_document_comes_as_json_and_an_unknown_field_is_named(
    api_of: Callable[..., Client], tenant: Tenant
) -> None:
    ann = api_of("engineer", tenant)
    made = ann.post(
        f"{API}/documents/", {"title": "Norm", "document_number": "NORM-1"}, content_type="application/json"
    )
    assert made.status_code == 201 and made.json()["data"]["version_id"] is None
    assert made["Location"] == f"{API}/documents/{made.json()['data']['document_id']}/"
    refused = ann.post(f"{API}/documents/", {"titel": "Norm"}, content_type="application/json")
    assert set(refused.json()["details"]) == {"titel", "title"}
    with tenant_scope(tenant.pk):
        assert Document.objects.count() == 1


def test_queries_do_not_grow_with_the_documents(api_of: Callable[..., Client], tenant: Tenant) -> None:
    ann = api_of("engineer", tenant)
    with tenant_scope(tenant.pk):
        lamp = make_product("LAMP")
        first = make_document("DOC-100", product=lamp, upload=upload(STL, "a.stl"))
    here = f"{API}/documents/{first.pk}"
    # Without what scope and transaction take, of which PostgreSQL needs more than SQLite. The token takes 3.
    budgets = {f"{API}/documents/": 5, f"{here}/versions/": 6, f"{here}/links/": 6, f"{here}/revisions/": 7}  # fmt: skip
    ann.get(here)  # the token notes its first use
    for more in (0, 12):
        with tenant_scope(tenant.pk):
            for number in range(more):
                make_document(f"DOC-{200 + number}", product=lamp, upload=upload(STL, "a.stl"))
        for address, budget in budgets.items():
            with CaptureQueriesContext(connection) as asked:
                assert ann.get(address).status_code == 200
            statements = [entry["sql"] for entry in asked.captured_queries if not entry["sql"].startswith(CONTROL)]
            assert len(statements) == budget, (address, statements)
