"""Every address of the change pages: who is asked to sign in, and another tenant's ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from changes import urls
from changes.models import ChangeDocument, EngineeringChange
from changes.services import change_create, change_document_add, disposition_add, redline_add, request_create
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.changes.conftest import COMPLETE, Lamp, People, make_lamp
from tests.changes.pages.conftest import SignIn
from tests.conftest import MakeActor
from tests.factories import make_document

# Pages about no one change.
LISTS = (
    "change-list", "change-create", "change-board", "my-approvals", "delegations", "package-proof", "disposition-list",
    "disposition-export", "request-list", "request-create",
)  # fmt: skip


def addresses(
    change: EngineeringChange, line: Any, redline: Any, link: Any, disposition: Any, asked: Any
) -> dict[str, str]:
    """Every route with the ids of one change."""
    affected = change.affected.get()
    known: dict[str, list[Any]] = {
        "change-list": [], "change-create": [], "my-approvals": [], "delegations": [], "change-board": [], "package-proof": [],
        "product-changes": [affected.product_id],
        "change-step": [change.pk, "submit"], "affected-remove": [change.pk, affected.pk],
        "affected-edit": [change.pk, affected.pk], "uses-redline": [change.pk, affected.pk],
        "addition": [change.pk, affected.pk], "line-edit": [change.pk, line.pk], "line-strike": [change.pk, line.pk],
        "line-restore": [change.pk, line.pk], "addition-edit": [change.pk, redline.pk],
        "addition-remove": [change.pk, redline.pk], "document-remove": [change.pk, link.pk],
        "conflict-settle": [change.pk, redline.pk], "disposition-list": [], "disposition-export": [],
        "request-list": [], "request-create": [], "request-step": [asked.pk, "decline"],
        "request-detail": [asked.pk], "request-edit": [asked.pk],
        "disposition-add": [change.pk, affected.pk], "no-disposition": [change.pk, affected.pk],
        **{f"disposition-{name}": [change.pk, disposition.pk] for name in ("edit", "remove", "complete", "reopen")},
    }  # fmt: skip
    names = [str(pattern.name) for pattern in urls.urlpatterns]
    return {name: reverse(f"changes:{name}", args=known.get(name, [change.pk])) for name in names}


def full(actor: Actor, lamp: Lamp) -> dict[str, str]:
    change = change_create(actor=actor, data=COMPLETE, affected=[lamp.product.pk])
    redline = redline_add(
        actor=actor,
        change_id=change.pk,
        operation="add",
        affected_id=change.affected.get().pk,
        values={"child_id": lamp.glass.pk, "quantity": 1},
    )
    link = change_document_add(actor=actor, change_id=change.pk, document_id=make_document().pk)
    disposition = disposition_add(
        actor=actor,
        change_id=change.pk,
        affected_id=change.affected.get().pk,
        values={"place": "stock", "action": "scrap"},
    )
    asked = request_create(actor=actor, data={"title": "Flickers", "description": "When it is cold."})
    return addresses(change, lamp.screw, redline, link, disposition, asked)


def test_strangers_are_asked_to_sign_in(people: People, lamp: Lamp) -> None:
    for address in full(people.author, lamp).values():
        for answer in (Client().get(address), Client().post(address)):
            assert answer.status_code == 302 and answer.url.startswith("/accounts/login/"), address


def test_another_tenants_ids_are_not_found(
    people: People, lamp: Lamp, other_tenant: Tenant, make_actor: MakeActor, sign_in: SignIn,
    unchanged: Callable[[], None],
) -> None:  # fmt: skip
    theirs = full(people.author, lamp)
    with tenant_scope(other_tenant.pk):
        boss = make_actor("tenant_admin", tenant=other_tenant)
    client = sign_in(boss)
    unchanged()
    for name, address in theirs.items():
        if name in LISTS:
            continue
        if name not in (
            "line-strike",
            "line-restore",
            "addition-remove",
            "document-remove",
            "disposition-remove",
            "change-rebase",
            "conflict-settle",
            "delegation-end",
            "children-add",
        ):
            assert client.get(address).status_code == 404, name
        if name not in ("product-changes", "change-detail", "change-consequences", "request-detail"):
            assert client.post(address, {"comment": "x", "product": "LAMP"}).status_code == 404, name
    assert b"Brighter lamp" not in client.get(theirs["change-list"]).content


def test_my_own_change_does_not_open_another_ones_parts(people: People, lamp: Lamp, author: Client) -> None:
    mine = full(people.author, lamp)
    other = full(people.author, make_lamp("OTHER"))
    change_id = mine["change-detail"].split("/")[2]
    for name in ("line-edit", "addition-edit", "addition", "affected-remove", "affected-edit"):
        foreign = other[name].split("/")
        foreign[2] = change_id
        assert author.get("/".join(foreign)).status_code == 404, name
    foreign = other["document-remove"].split("/")
    foreign[2] = change_id
    assert author.post("/".join(foreign)).status_code == 404
    assert ChangeDocument.objects.count() == 2


@pytest.mark.parametrize("name", ["change-detail", "change-list", "my-approvals", "change-step"])
def test_reading_needs_no_more_than_reading(people: People, lamp: Lamp, viewer: Client, name: str) -> None:
    assert viewer.get(full(people.author, lamp)[name]).status_code == 200
