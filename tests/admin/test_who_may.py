"""Who gets in, what each role finds there, and what a forged request does: nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from changes.models import ApprovalRule, ChangeRequest, EngineeringChange
from plm_project.accounts.models import ApiToken, Membership, User
from plm_project.outbox.models import Delivery, OutboxEvent
from products.models import BomLine, Product, ProductRevision
from tests.admin.conftest import SignIn, World, address, errors_of, form_of, saved
from tests.admin.test_journey import fresh, step
from tests.changes.conftest import footprint
from tests.conftest import PASSWORD
from tests.factories import make_line, make_product

NOBODY = ("viewer", "engineer", "change_analyst", "technical_approver", "compliance_officer", "integration")
MATRIX: dict[str, dict[Any, str]] = {  # v = view, a = add, c = change, d = delete
    "plm_manager": {Product: "vacd", ProductRevision: "vc", BomLine: "vcd", EngineeringChange: "vacd", ApprovalRule: "vac",
                    ChangeRequest: "v",
                    Membership: "v", ApiToken: "", OutboxEvent: "v", Delivery: "v", User: "v"},
    "tenant_admin": {Product: "vacd", ProductRevision: "vc", BomLine: "vcd", EngineeringChange: "vacd",
                     ApprovalRule: "vac", ChangeRequest: "v", Membership: "vacd", ApiToken: "va", OutboxEvent: "v",
                     Delivery: "v", User: "v"},
}  # fmt: skip


@pytest.mark.parametrize("role", NOBODY)
def test_the_door_is_shut_for_everybody_else(role: str, sign_in: SignIn) -> None:
    client = sign_in(role)
    for page in (reverse("admin:index"), address(Product, "changelist"), reverse("admin:jsi18n")):
        answer = client.get(page, follow=True)
        assert answer.status_code == 403, page
    query = {"app_label": "products", "model_name": "bomline", "field_name": "child"}
    assert client.get(reverse("admin:autocomplete"), query, follow=True).status_code == 403


def test_nobody_signed_in_is_sent_to_sign_in(db: None) -> None:
    answer = Client().get(address(Product, "changelist"), follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("accounts:login"))


@pytest.mark.parametrize("role", list(MATRIX))
def test_what_each_role_may(role: str, sign_in: SignIn, ours: World) -> None:
    client = sign_in(role, email=f"{role}@acme.example")
    for model, allowed in MATRIX[role].items():
        key = ours.of(model).pk
        pages = {"v": ("changelist",), "a": ("add",), "d": ("delete", key)}
        for letter, page in pages.items():
            answer = client.get(address(model, *page))
            may = letter in allowed and not (letter == "d" and model is BomLine)  # its revision is released
            assert answer.status_code == (200 if may else 403), (role, model, letter)
        answer = client.post(address(model, "change", key), {})
        may_edit = "c" in allowed and model not in (BomLine, ProductRevision)  # released
        assert answer.status_code == (200 if may_edit else 403), (role, model, "c")
    index = client.get(reverse("admin:index")).content.decode()
    assert (address(ApiToken, "changelist") in index) == (role == "tenant_admin")
    assert address(User, "changelist") not in index
    assert "auth/group" not in index and "axes" not in index


@pytest.mark.parametrize(
    "name", ["approve", "reject", "submitted", "implemented", "closed", "draft", "withdrawn", "cancelled"]
)
def test_a_forged_step_of_a_change_does_nothing(name: str, manager: Client, ours: World, scope: None) -> None:
    """From draft only submitting and cancelling are possible; the rest, posted all the same, changes nothing."""
    change = ours.of(EngineeringChange)
    possible = name in ("submitted", "cancelled")
    before = footprint()
    data = {"reason": "" if possible else "x", "expected_version": change.version - possible}
    answer = manager.post(address(EngineeringChange, "step", change.pk, name), data)
    assert answer.status_code in (302, 403, 404)
    assert fresh(change).status == "draft"
    assert footprint() == before


@pytest.mark.parametrize("name", ["approved", "rejected", "save", "delete", "to_approved", "superseded", "save_as"])
def test_a_name_that_is_no_step_is_not_found(name: str, manager: Client, ours: World, scope: None) -> None:
    for model in (EngineeringChange, ProductRevision):
        record = ours.of(model)
        if model is ProductRevision and name in ("approved", "rejected"):
            continue
        answer = manager.post(
            address(model, "step", record.pk, name), {"reason": "x", "expected_version": record.version}
        )
        assert answer.status_code == 404, model
        assert fresh(record).version == record.version


def test_a_step_without_its_guard_or_permission_is_refused(manager: Client, ours: World, scope: None) -> None:
    product = make_product("NEVER-RELEASED")
    answer = step(manager, product, "production", reason="now")
    assert "No revision is released yet." in answer.content.decode()
    assert (fresh(product).lifecycle_phase, fresh(product).version) == ("concept", product.version)
    # managers hold the permission to approve, but a vote belongs to who was named
    open_change = EngineeringChange.objects.get(status="submitted")
    for name in ("approve", "reject"):
        assert step(manager, open_change, name, reason="me", password=PASSWORD).status_code == 403
    assert fresh(open_change).version == open_change.version


def test_a_step_is_a_post_with_a_token_in_ones_own_tenant(
    manager: Client, ours: World, theirs: World, scope: None
) -> None:
    product = ours.of(Product)
    url = address(Product, "step", product.pk, "design")
    assert manager.get(url).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = manager.cookies
    assert strict.post(url, {"expected_version": product.version}).status_code == 403
    for model, name in (
        (Product, "design"),
        (ProductRevision, "obsolete"),
        (EngineeringChange, "submitted"),
        (ApiToken, "revoke"),
    ):
        answer = manager.post(
            address(model, "step", theirs.of(model).pk, name), {"reason": "x", "expected_version": 1}
        )
        assert answer.status_code == 404
    assert fresh(product).lifecycle_phase == "concept"
    step(manager, product, "design")
    assert fresh(product).lifecycle_phase == "design"


def test_two_managers_cannot_overwrite_each_other(manager: Client, sign_in: SignIn, ours: World, scope: None) -> None:
    other = sign_in("plm_manager", email="other@acme.example")
    for model, name, value in (
        (Product, "product_name", "Their name"),
        (EngineeringChange, "change_title", "Their title"),
        (ApprovalRule, "threshold", "77"),
    ):
        page = address(model, "change", ours.of(model).pk)
        mine, yours = form_of(manager.get(page)), form_of(other.get(page))
        saved(other.post(page, {**yours, name: value}))
        answer = manager.post(page, {**mine, name: "999"})
        assert answer.status_code == 200
        assert "Somebody changed this" in errors_of(answer)
        assert "999" in answer.content.decode()  # the input is kept
        assert str(getattr(fresh(ours.of(model)), name)).startswith(value)
        without = {key: entry for key, entry in mine.items() if key != "expected_version"}
        assert manager.post(page, {**without, name: "999"}).status_code == 200
        assert str(getattr(fresh(ours.of(model)), name)).startswith(value)
    product = ours.of(Product)
    assert "Somebody changed this" in step(manager, product, "design").content.decode()
    assert fresh(product).lifecycle_phase == "concept"


def test_deleting_is_soft_and_has_a_reason(manager: Client, ours: World, scope: None) -> None:
    child = make_product("IN-USE")
    make_line(make_product("USER"), child)
    page = address(Product, "delete", child.pk)
    assert (
        "It is used in" in manager.post(page, {"reason": "gone", "expected_version": child.version}).content.decode()
    )
    draft = ours.of(EngineeringChange)
    page = address(EngineeringChange, "delete", draft.pk)
    assert "Somebody changed this" in manager.post(page, {"expected_version": 0}).content.decode()
    assert manager.post(page, {"reason": "twice", "expected_version": draft.version}).status_code == 302
    gone = EngineeringChange.all_objects.get(pk=draft.pk)
    assert (gone.is_deleted, gone.history.latest().history_change_reason) == (True, "twice")
    assert manager.get(page).status_code == 404


def test_deleting_several_is_all_or_nothing(manager: Client, ours: World, theirs: World, scope: None) -> None:
    free, used = make_product("FREE-1"), Product.objects.get(product_number="ours-CHILD")
    page = address(Product, "changelist")
    chosen = {"action": "delete_records", "_selected_action": [free.pk, used.pk, theirs.of(Product).pk]}
    question = manager.post(page, chosen).content.decode()
    assert "FREE-1" in question and str(theirs.of(Product).pk) not in question
    answer = manager.post(page, {**chosen, "confirmed": "yes", "reason": "tidy"}).content.decode()
    assert "Nothing was deleted" in answer
    assert not Product.all_objects.get(pk=free.pk).is_deleted
    answer = manager.post(page, {**chosen, "_selected_action": [free.pk], "confirmed": "yes", "reason": "tidy"})
    assert answer.status_code == 302
    assert Product.all_objects.get(pk=free.pk).is_deleted
    assert manager.post(page, {**chosen, "action": "delete_selected"}).status_code in (200, 302)
    assert Product.objects.filter(pk=used.pk).exists()
