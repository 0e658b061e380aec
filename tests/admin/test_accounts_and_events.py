"""Members, tokens, approval rules and deliveries through the admin."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from changes.models import ApprovalRule
from plm_project.accounts.actors import actor_for_token
from plm_project.accounts.models import ApiToken, Membership, User
from plm_project.outbox import registry
from plm_project.outbox.models import Delivery
from plm_project.outbox.relay import MAX_ATTEMPTS
from plm_project.tenancy.scope import tenant_scope
from tests.admin.conftest import World, address, errors_of, form_of, saved
from tests.admin.test_journey import fresh, step
from tests.factories import make_product


def test_a_member_joins_changes_roles_and_leaves(administrator: Client, scope: None) -> None:
    add = address(Membership, "add")
    data = form_of(administrator.get(add))
    assert "password" not in data
    new = {**data, "email": "new@acme.example", "full_name": "New", "roles": ["viewer"], "password": "chosen by me 1"}
    saved(administrator.post(add, new))
    member = Membership.objects.get(user__email="new@acme.example")
    assert not member.user.has_usable_password()  # what the form does not ask for is not read either
    page = address(Membership, "change", member.pk)
    data = form_of(administrator.get(page))
    saved(administrator.post(page, {**data, "roles": ["engineer", "viewer"], "reason": "promoted"}))
    assert fresh(member).roles == ["engineer", "viewer"]
    assert "promoted" in administrator.get(address(Membership, "history", member.pk)).content.decode()
    stale = administrator.post(page, {**data, "roles": ["viewer"]})
    assert "Somebody changed this" in errors_of(stale)
    administrator.post(
        address(Membership, "delete", member.pk), {"reason": "left", "expected_version": member.version + 1}
    )
    assert not Membership.objects.filter(pk=member.pk).exists()


def test_the_last_administrator_stays(administrator: Client, scope: None) -> None:
    member = Membership.objects.get(user__email="admin@acme.example")
    page = address(Membership, "change", member.pk)
    answer = administrator.post(page, {**form_of(administrator.get(page)), "roles": ["viewer"]})
    assert "last administrator" in errors_of(answer)
    answer = administrator.post(address(Membership, "delete", member.pk), {"expected_version": member.version})
    assert "last administrator" in answer.content.decode()
    assert "tenant_admin" in fresh(member).roles


def test_a_token_is_shown_once_and_revoked(administrator: Client, scope: None) -> None:
    user = User.objects.get(email="admin@acme.example")
    add = address(ApiToken, "add")
    data = form_of(administrator.get(add))
    answer = administrator.post(add, {**data, "name": "ERP", "user": user.pk, "days": "30"})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    found = re.search(r'value="(plm_[^"]+)"', answer.content.decode())
    assert found
    text = found.group(1)
    assert actor_for_token(text)[2] == user
    token = ApiToken.objects.get()
    assert list(get_messages(answer.wsgi_request)) == []
    assert text not in str(dict(administrator.session))
    for page in (
        address(ApiToken, "changelist"),
        address(ApiToken, "change", token.pk),
        address(ApiToken, "history", token.pk),
    ):
        assert text not in administrator.get(page).content.decode()
    assert fresh(token).revoked_at is None
    step(administrator, token, "revoke", reason="")
    assert fresh(token).revoked_at is None
    step(administrator, token, "revoke", reason="lost")
    assert fresh(token).revoked_at is not None


def test_a_token_is_for_members_of_the_tenant_alone(administrator: Client, theirs: World, scope: None) -> None:
    add = address(ApiToken, "add")
    data = form_of(administrator.get(add))
    answer = administrator.post(add, {**data, "name": "ERP", "user": theirs.user.pk, "days": "30"})
    assert "user" in errors_of(answer)
    assert ApiToken.objects.count() == 0


def test_a_rule_names_people_and_gives_back(manager: Client, ours: World, theirs: World, scope: None) -> None:
    rule = ApprovalRule.objects.get(code="financial")
    page = address(ApprovalRule, "change", rule.pk)
    data = form_of(manager.get(page))
    saved(manager.post(page, {**data, "people": [ours.user.pk], "threshold": "1000.5"}))
    assert [entry.user_id for entry in rule.people.all()] == [ours.user.pk]
    assert str(fresh(rule).threshold) == "1000.5000"
    data = form_of(manager.get(page))
    assert "people" in errors_of(manager.post(page, {**data, "people": [theirs.user.pk]}))
    assert [entry.user_id for entry in rule.people.all()] == [ours.user.pk]
    data.pop("people")
    saved(manager.post(page, data))
    assert rule.people.count() == 0


@pytest.fixture
def heard() -> Any:
    calls: list[Any] = []
    registry.subscribe("product_created", name="ours.subscriber", handler=lambda event: calls.append(event.pk))
    yield calls
    registry.unsubscribe("product_created", name="ours.subscriber")


@pytest.mark.django_db(transaction=True)
def test_a_delivery_is_tried_again(heard: list[Any], tenant: Any, administrator: Client, manager: Client) -> None:
    with tenant_scope(tenant.pk, atomic=True):
        make_product("OURS-1")
    heard.clear()
    with tenant_scope(tenant.pk):
        delivery = Delivery.objects.get(subscriber="ours.subscriber")
        type(delivery.event).objects.update(settled_at=None)
        Delivery.objects.update(attempts=MAX_ATTEMPTS, delivered_at=None, last_error="no line")
    page = address(Delivery, "changelist")
    chosen = {"action": "deliver_again", "_selected_action": [delivery.pk]}
    manager.post(page, chosen)
    assert heard == []  # a PLM manager reads events; delivering again is the administrator's
    administrator.post(page, chosen)
    with tenant_scope(tenant.pk):
        assert heard == [delivery.event_id]
        assert fresh(delivery).delivered_at is not None
