"""Callers of the products API: tokens and sessions in roles, in two tenants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from plm_project.accounts.services import token_issue
from plm_project.core.actor import Actor
from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import BomLine, Product, ProductRevision
from tests.conftest import MakeMember

BASE = "/api/v1/plm/"
MakeApi = Callable[..., "Api"]


class Api:
    """A caller of the API. Paths are relative; bodies are JSON unless ``format`` says otherwise."""

    def __init__(self, client: APIClient, tenant: Tenant) -> None:
        self.client = client
        self.tenant = tenant

    def call(self, method: str, path: str, data: Any = None, *, format: str = "json", **headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        send = getattr(self.client, method.lower())
        if method == "GET":
            return send(BASE + path, data, headers=sent)
        return send(BASE + path, data, format=format, headers=sent)

    def get(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.call("GET", path, data, **headers)

    def post(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.call("POST", path, data, **headers)

    def patch(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.call("PATCH", path, data, **headers)

    def delete(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.call("DELETE", path, data, **headers)


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def make_api(make_member: MakeMember, tenant: Tenant) -> MakeApi:
    """Make a caller with a token: ``make_api("engineer", tenant=…)``."""

    def make(*roles: str, tenant: Tenant = tenant) -> Api:
        user, _member = make_member(*roles, tenant=tenant)
        with tenant_scope(tenant.pk):
            _token, text = token_issue(actor=Actor.system(tenant.pk, "tests"), user=user, name="tests")
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        return Api(client, tenant)

    return make


@pytest.fixture
def engineer(make_api: MakeApi) -> Api:
    return make_api("engineer")


@pytest.fixture
def manager(make_api: MakeApi) -> Api:
    return make_api("plm_manager")


@pytest.fixture
def viewer(make_api: MakeApi) -> Api:
    return make_api("viewer")


@pytest.fixture
def stranger(make_api: MakeApi, other_tenant: Tenant) -> Api:
    """A manager of the other tenant."""
    return make_api("plm_manager", tenant=other_tenant)


def counts(tenant: Tenant) -> dict[str, int]:
    """How many rows of each kind, deleted ones too, and events: what a refusal must not change."""
    with tenant_scope(tenant.pk):
        return {
            "products": Product.all_objects.count(),
            "revisions": ProductRevision.all_objects.count(),
            "lines": BomLine.all_objects.count(),
            "history": Product.history.count() + ProductRevision.history.count() + BomLine.history.count(),
            "events": OutboxEvent.objects.count(),
        }


def refused(answer: Any, status: int, code: str) -> Any:
    """Check that an answer is this refusal; return its details."""
    body = answer.json()
    assert (answer.status_code, body["success"], body["error_code"]) == (status, False, code), body
    return body["details"]


def data_of(answer: Any, status: int = 200) -> Any:
    """Check that an answer is a success; return its data."""
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert body["success"] is True
    return body["data"]
