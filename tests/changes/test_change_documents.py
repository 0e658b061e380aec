"""Documents of a change: linked while it is a draft, shown on both pages, by every door."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from changes.exceptions import NotADraft
from changes.models import ChangeDocument, EngineeringChange
from changes.selectors import change_document_list, change_history, document_changes
from changes.services import change_create, change_document_add, change_document_remove
from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, PreconditionFailed, ValidationFailed
from plm_project.core.ids import uuid7
from products.services.documents import document_delete
from tests.changes.conftest import COMPLETE, Lamp, People, fresh, make_draft, submitted
from tests.factories import make_document, system_actor

pytestmark = pytest.mark.django_db


def draft(people: People, lamp: Lamp) -> EngineeringChange:
    return change_create(actor=people.author, data=COMPLETE, affected=[lamp.product.pk])


def test_linked_once_and_only_in_a_draft(people: People, lamp: Lamp) -> None:
    change, report = draft(people, lamp), make_document("TR-1")
    version = change.version
    link = change_document_add(actor=people.author, change_id=change.pk, document_id=report.pk)
    assert fresh(change).version > version
    for actor, document, refusal in (
        (people.author, report.pk, Conflict),
        (people.author, uuid7(), ValidationFailed),
        (people.viewer, report.pk, PermissionDenied),
    ):
        with pytest.raises(refusal):
            change_document_add(actor=actor, change_id=change.pk, document_id=document)
    with pytest.raises(PreconditionFailed):
        change_document_add(
            actor=people.author, change_id=change.pk, document_id=make_document("TR-2").pk, expected_version=version
        )
    change_document_remove(actor=people.author, link_id=link.pk)
    assert not change_document_list(change).exists()
    with pytest.raises(NotFound):
        change_document_remove(actor=people.author, link_id=link.pk)
    told = [(entry.action, entry.subject) for entry in change_history(fresh(change)) if entry.record == "document"]
    assert told == [("deleted", "TR-1"), ("created", "TR-1")]


def test_what_was_submitted_rests(people: People, lamp: Lamp) -> None:
    change, report = submitted(people, make_draft(people.author, lamp)), make_document("TR-1")
    with pytest.raises(NotADraft):
        change_document_add(actor=people.author, change_id=change.pk, document_id=report.pk)
    link = ChangeDocument(change=change, document=report).save_as(system_actor(), reason="tests")
    with pytest.raises(NotADraft):
        change_document_remove(actor=people.author, link_id=link.pk)


def test_a_deleted_document_is_shown_no_more(people: People, lamp: Lamp) -> None:
    change, report = draft(people, lamp), make_document("TR-1")
    change_document_add(actor=people.author, change_id=change.pk, document_id=report.pk)
    assert [use.number for use in document_changes(report)] == [change.change_number]
    document_delete(actor=system_actor(), document_id=report.pk)
    assert not change_document_list(change).exists()


def test_by_pages_and_api(make_member: Any, people: People, lamp: Lamp) -> None:
    change, report = draft(people, lamp), make_document("TR-1", title="Climb test")
    client, viewer = Client(), Client()
    for browser, role in ((client, "plm_manager"), (viewer, "viewer")):
        browser.force_login(make_member(role)[0], backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("changes:change-detail", args=[change.pk])
    add = reverse("changes:document-add", args=[change.pk])
    assert add in client.get(page).content.decode() and add not in viewer.get(page).content.decode()
    wrong = client.post(add, {"document": "NOTHING"})
    assert wrong.status_code == 422 and "There is no document NOTHING" in wrong.content.decode()
    assert client.post(add, {"document": "TR-1"}).status_code == 302
    assert "Climb test" in viewer.get(page).content.decode()
    assert change.change_number in viewer.get(report.get_absolute_url()).content.decode()
    address = f"/api/v1/plm/changes/{change.pk}/documents/"
    [row] = viewer.get(address).json()["data"]
    assert (row["document_number"], row["title"]) == ("TR-1", "Climb test")
    again = client.post(address, {"document_id": str(report.pk)}, content_type="application/json")
    assert again.status_code == 409
    one = f"{address}{row['link_id']}/"
    assert viewer.get(one).json()["data"]["document_id"] == str(report.pk)
    assert viewer.delete(one).status_code == 403
    assert client.delete(one).status_code == 204
    made = client.post(address, {"document_id": str(report.pk)}, content_type="application/json")
    assert made.status_code == 201 and client.get(made.headers["Location"]).status_code == 200
    link = ChangeDocument.objects.get()
    remove = reverse("changes:document-remove", args=[change.pk, link.pk])
    assert viewer.post(remove).status_code == 403
    assert client.post(remove).status_code == 302 and not ChangeDocument.objects.exists()


def test_in_the_administration(make_member: Any, people: People, lamp: Lamp) -> None:
    from tests.admin.conftest import add_row, address, form_of, saved

    change, report = draft(people, lamp), make_document("TR-1")
    client = Client()
    user = make_member("plm_manager", "tenant_admin")[0]
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = address(EngineeringChange, "change", change.pk)
    data = form_of(client.get(page))
    add_row(data, "documents", document=report.pk)
    saved(client.post(page, data))
    link = ChangeDocument.objects.get()
    data = form_of(client.get(page)) | {"documents-0-DELETE": "on", "documents-0-id": str(link.pk)}
    saved(client.post(page, data))
    assert not ChangeDocument.objects.exists()
