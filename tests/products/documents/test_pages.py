"""The vault's pages: register, check out and in, release, link, convert again; walls; query budgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from plm_project.core import clock
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import Document, DocumentLink, DocumentRevision, DocumentVersion, ModelPreparation
from tests.factories import make_document, make_line, make_product
from tests.products.documents.conftest import CONTROL, PNG, STEP_END, STL, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser_of(make_member: Callable[..., Any]) -> Callable[..., Client]:
    def client(*roles: str, **kwargs: Any) -> Client:
        user, _member = make_member(*roles, **kwargs)
        made = Client()
        made.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return made

    return client


def at(name: str, *args: Any) -> str:
    return reverse(f"products:{name}", args=args)


def test_a_document_lives_through_its_pages(browser_of: Callable[..., Client], tenant: Tenant) -> None:
    ann, bob, analyst = (
        browser_of("engineer"),
        browser_of("engineer", email="bob@acme.example"),
        browser_of("change_analyst"),
    )
    with tenant_scope(tenant.pk):
        lamp = make_product("LAMP", product_name="Desk lamp")
    wrong = ann.post(at("document-create"), {"title": "Shade", "document_type": "drawing",
                                             "file": SimpleUploadedFile("a.pdf", b"MZ\x90")})  # fmt: skip
    assert wrong.status_code == 422 and b"The content is not what the name a.pdf says." in wrong.content
    made = ann.post(
        at("document-create"),
        {"title": "Shade", "document_type": "drawing", "product": "LAMP", "file": SimpleUploadedFile("a.png", PNG)},
    )
    with tenant_scope(tenant.pk):
        document = Document.objects.get()
        version, revision = DocumentVersion.objects.get(), DocumentRevision.objects.get()
    here = document.get_absolute_url()
    assert made["Location"] == here
    page = ann.get(here).content.decode()
    assert at("document-file", version.pk) in page and "Check out" in page and "LAMP" in page

    ann.post(at("document-check-out", document.pk))
    assert "Checked out by engineer@acme.example since" in bob.get(here).content.decode()
    refused = bob.post(at("document-check-out", document.pk), follow=True, headers={"Referer": here})
    assert "has been checked out by engineer@acme.example" in refused.content.decode()
    assert browser_of("viewer").post(at("document-check-out", document.pk)).status_code == 403
    assert ann.get(at("document-check-in", document.pk)).status_code == 200
    ann.post(
        at("document-check-in", document.pk), {"file": SimpleUploadedFile("a.png", PNG + b"2"), "comment": "larger"}
    )
    assert "A.2" in ann.get(here).content.decode()
    ann.post(at("document-check-out", document.pk))
    ann.post(at("document-undo", document.pk))
    bob.post(at("document-check-out", document.pk))
    manager = browser_of("plm_manager")
    assert ann.get(at("document-break", document.pk)).status_code == 403
    manager.post(at("document-break", document.pk), {"reason": "ill"})
    with tenant_scope(tenant.pk):
        assert Document.objects.get().checked_out_by_id is None

    ann.post(
        at("document-edit", document.pk), {"title": "Lamp shade", "document_type": "drawing", "expected_version": ""}
    )
    step = at("document-step", revision.pk, "released")
    assert "This is not possible now" in ann.get(step).content.decode()
    analyst.post(step, {"reason": "checked"})
    assert "Revision A: Released." in analyst.get(here).content.decode()
    assert ann.post(at("document-revise", document.pk), {"description": "new bulb"}).status_code == 302
    with tenant_scope(tenant.pk):
        other = make_product("OTHER")
    ann.post(at("document-link", document.pk), {"product": "OTHER", "revision": "A"})
    missing = ann.post(at("document-link", document.pk), {"product": "OTHER", "revision": "Q"})
    assert missing.status_code == 422
    ann.post(at("product-document-link", lamp.pk), {"document": document.document_number})
    with tenant_scope(tenant.pk):
        links = list(DocumentLink.objects.all())
    assert {link.product_id for link in links} == {lamp.pk, other.pk} and len(links) == 2
    ann.post(at("document-unlink", links[0].pk))
    assert manager.post(at("document-delete", document.pk), {"reason": "x"}).status_code == 422
    tab = ann.get(at("product-documents", other.pk)).content.decode()
    assert "Lamp shade" in tab


def test_a_model_says_how_far_it_is_and_may_be_tried_again(browser_of: Callable[..., Client], tenant: Tenant) -> None:
    ann = browser_of("engineer")
    with tenant_scope(tenant.pk):
        lamp, bulb = make_product("LAMP"), make_product("BULB-1", product_name="Bulb")
        make_line(lamp, bulb, 2)
        document = make_document("MOD-1", upload=upload(b"ISO-10303-21;\n" + STEP_END, "lamp.step"), product=lamp)
        version = DocumentVersion.objects.get()
    model, state = at("product-model", lamp.pk), at("document-state", version.pk)
    assert "waits for its conversion" in ann.get(model).content.decode()
    assert ann.get(state).status_code == 200
    assert ann.get(at("document-model", version.pk)).status_code == 404
    with tenant_scope(tenant.pk):
        ModelPreparation.objects.update(state="running", started_at=clock.now())
    assert "is being converted" in ann.get(document.get_absolute_url()).content.decode()
    assert ann.post(at("document-retry", version.pk), headers={"Referer": model}).status_code == 302
    with tenant_scope(tenant.pk):
        assert ModelPreparation.objects.get().state == "running"
        ModelPreparation.objects.update(state="failed", reason="It holds no shape.")
    assert "It holds no shape." in ann.get(model).content.decode()
    over = ann.get(state)
    assert (over.status_code, over["HX-Refresh"]) == (204, "true")
    ann.post(at("document-retry", version.pk))
    with tenant_scope(tenant.pk):
        assert ModelPreparation.objects.get().state == "pending"
    parts = ann.get(at("product-parts", lamp.pk)).json()["parts"]
    assert [(part["product_number"], part.get("quantity")) for part in parts] == [("BULB-1", "2"), ("LAMP", None)]


def test_another_tenants_files_are_not_there(
    browser_of: Callable[..., Client], tenant: Tenant, other_tenant: Tenant
) -> None:
    with tenant_scope(tenant.pk):
        make_document("MOD-1", upload=upload(STL, "lamp.stl"))
        version = DocumentVersion.objects.get()
    stranger, reader = browser_of("tenant_admin", tenant=other_tenant), browser_of("viewer")
    for name in ("document-version", "document-file", "document-model", "document-state", "document-thumbnail"):
        assert stranger.get(at(name, version.pk)).status_code == 404, name
        assert Client().get(at(name, version.pk)).status_code == 302, name
    answer = reader.get(at("document-file", version.pk))
    assert b"".join(answer.streaming_content) == STL and "sandbox" in answer["Content-Security-Policy"]


def test_pages_ask_the_same_questions_however_many_documents(
    browser_of: Callable[..., Client], tenant: Tenant
) -> None:
    ann = browser_of("engineer")
    assert "There are no documents yet" in ann.get(at("document-list")).content.decode()
    with tenant_scope(tenant.pk):
        lamp = make_product("LAMP")
        first = make_document("MOD-100", upload=upload(STL, "a.stl"), product=lamp)
    addresses = (at("document-list"), at("product-documents", lamp.pk), first.get_absolute_url())

    def counts() -> list[int]:
        found = []
        for address in addresses:
            with CaptureQueriesContext(connection) as asked:
                assert ann.get(address).status_code == 200
            found.append(sum(not entry["sql"].startswith(CONTROL) for entry in asked.captured_queries))
        return found

    before = counts()
    with tenant_scope(tenant.pk):
        for number in range(101, 113):
            make_document(f"MOD-{number}", upload=upload(STL, "a.stl"), product=lamp)
    assert counts() == before and max(before) <= 14
    assert "No document matches" in ann.get(at("document-list"), {"q": "nothing"}).content.decode()
    assert "One document" in ann.get(at("document-list"), {"q": "MOD-105", "state": "in_work"}).content.decode()
