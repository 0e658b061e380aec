"""Who may do what: every route with and without its permission, from the other tenant, by token and by session."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import get_resolver
from rest_framework.test import APIClient

from plm_project.accounts.services import token_issue
from plm_project.core.actor import Actor
from plm_project.tenancy.scope import tenant_scope
from products.api import urls as product_urls
from tests.conftest import PASSWORD, MakeMember
from tests.factories import make_assembly, make_product, revision_of
from tests.products.api.conftest import Api, MakeApi, counts, data_of, refused

READ, CREATE, UPDATE = "plm.products.read", "plm.products.create", "plm.products.update"
LINE = {"product_number": "BLT-1", "quantity": 1}


@dataclass(frozen=True)
class Row:
    """A route, the permission it asks for, a body that works, and what it answers then."""

    method: str
    route: str
    permission: str
    status: int = 200
    body: Any = None
    also: tuple[str, ...] = ()  # what the service asks for beyond the door


TABLE = [
    Row("GET", "products/", READ),
    Row("POST", "products/", CREATE, 201, {"product_number": "NEW", "product_name": "New"}),
    Row("GET", "products/check-cycle/?parent=WHL&child=BLT-1", READ),
    Row("POST", "products/import/", "plm.products.import", 400, {}),
    Row("GET", "products/{product}/", READ),
    Row("PATCH", "products/{product}/", UPDATE, 200, {"product_name": "Other"}),
    Row("DELETE", "products/{product}/", "plm.products.delete", 204),
    Row("GET", "products/{product}/transitions/", READ),
    Row("POST", "products/{product}/transitions/", READ, 200, {"to": "design"}, ("plm.products.transition",)),
    Row("GET", "products/{product}/revisions/", READ),
    Row("POST", "products/{product}/revisions/", "plm.revisions.create", 409, {}),
    Row("GET", "products/{product}/explosion/", READ),
    Row("GET", "products/{product}/export/", READ),
    Row("GET", "products/{product}/explosion-start/", READ),
    Row("GET", "products/{product}/where-used/", READ),
    Row("GET", "products/{product}/rollup/", READ),
    Row("GET", "products/{product}/compare/?from=A&to=A", READ),
    Row("GET", "products/{product}/history/", READ),
    Row("GET", "revisions/{revision}/", READ),
    Row("PATCH", "revisions/{revision}/", "plm.revisions.create", 200, {"description": "x"}),
    Row("GET", "revisions/{revision}/transitions/", READ),
    Row("POST", "revisions/{revision}/transitions/", READ, 200, {"to": "in_review"}, ("plm.revisions.review",)),
    Row("GET", "revisions/{revision}/lines/", READ),
    Row("POST", "revisions/{revision}/lines/", "plm.bom.update", 201, LINE),
    Row("GET", "lines/{line}/", READ),
    Row("PATCH", "lines/{line}/", "plm.bom.update", 200, {"quantity": 2}),
    Row("DELETE", "lines/{line}/", "plm.bom.update", 204),
    Row("GET", "revisions/{revision}/lines/{line}/", READ),
    Row("PATCH", "revisions/{revision}/lines/{line}/", "plm.bom.update", 200, {"quantity": 2}),
    Row("DELETE", "revisions/{revision}/lines/{line}/", "plm.bom.update", 204),
]
NAMES = (
    ("<uuid:revision_pk>", "{revision}"),
    ("lines/<uuid:pk>", "lines/{line}"),
    ("revisions/<uuid:pk>", "revisions/{revision}"),
    ("<uuid:pk>", "{product}"),
)
BY_NAME = [f"{row.method} {row.route}" for row in TABLE]


@pytest.fixture
def ids(manager: Api) -> dict[str, uuid.UUID]:
    """One product with one line, and its ids."""
    with tenant_scope(manager.tenant.pk, atomic=True):
        wheel = make_assembly("WHL", [(make_product("BLT-1"), 4)])
        revision = revision_of(wheel)
        return {"product": wheel.pk, "revision": revision.pk, "line": revision.lines.get().pk}


def send(api: Api, row: Row, ids: dict[str, uuid.UUID]) -> Any:
    form = {"format": "multipart"} if "import" in row.route else {}
    return api.call(row.method, row.route.format(**ids), row.body, **form)


@pytest.fixture
def holder(make_member: MakeMember, manager: Api) -> Any:
    """Make a caller whose token carries exactly these permissions."""

    def make(*permissions: str) -> Api:
        user, _member = make_member("tenant_admin", "integration", email="holder@acme.example")
        with tenant_scope(manager.tenant.pk):
            system = Actor.system(manager.tenant.pk, "tests")
            _token, text = token_issue(actor=system, user=user, name="holder", permissions=permissions)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        return Api(client, manager.tenant)

    return make


@pytest.mark.parametrize("row", TABLE, ids=BY_NAME)
def test_with_the_permission(holder: Any, ids: Any, row: Row) -> None:
    answer = send(holder(row.permission, *row.also), row, ids)
    assert answer.status_code == row.status, answer.content


@pytest.mark.parametrize("row", TABLE, ids=BY_NAME)
def test_with_every_other_permission(holder: Any, ids: Any, manager: Api, row: Row) -> None:
    from plm_project.accounts.permissions import all_permissions

    for missing in (row.permission, *row.also):
        others = [permission for permission in all_permissions() if permission != missing]
        caller = holder(*others)
        before = counts(manager.tenant)
        refused(send(caller, row, ids), 403, "PERMISSION_DENIED")
        assert counts(manager.tenant) == before


@pytest.mark.parametrize(
    "row", [row for row in TABLE if "{" in row.route], ids=lambda row: f"{row.method} {row.route}"
)
def test_another_tenants_record_is_not_there(stranger: Api, manager: Api, ids: Any, row: Row) -> None:
    before = counts(manager.tenant), counts(stranger.tenant)
    refused(send(stranger, row, ids), 404, "NOT_FOUND")
    assert (counts(manager.tenant), counts(stranger.tenant)) == before


@pytest.mark.parametrize("row", TABLE, ids=BY_NAME)
def test_without_credentials(manager: Api, ids: Any, row: Row) -> None:
    before = counts(manager.tenant)
    refused(send(Api(APIClient(), manager.tenant), row, ids), 401, "AUTHENTICATION_REQUIRED")
    assert counts(manager.tenant) == before


def test_the_table_is_complete() -> None:
    """Every method of every route of products, revisions and lines has a row; the routes of sourcing, documents, alternates,
    options and baselines are held by the generated table (tests/permission_table.py).
    """
    resolver = get_resolver(product_urls.__name__)
    served = set()
    for pattern in resolver.url_patterns:
        view: Any = pattern.callback
        if not view.cls.__module__.endswith((".views", ".revision_views", ".import_view")):
            continue
        methods = set(getattr(view, "actions", None) or {"post"}) - {"head", "options"}
        route = str(pattern.pattern)
        for converter, name in NAMES:
            route = route.replace(converter, name)
        served |= {(method.upper(), route) for method in methods}
    others = (
        "offers/",
        "sources/",
        "quantity-cost/",
        "alternates/",
        "baselines/",
        "requirements/",
        "options/",
        "option-rules/",
        "configurations/",
        "configuration-check/",
        "choices/",
        "substitutes/",
        "substitute-uses/",
    )
    served = {(method, route) for method, route in served if not route.endswith(others)}
    assert served == {(row.method, row.route.partition("?")[0]) for row in TABLE}


def test_another_tenants_products_do_not_go_on_lines(stranger: Api, manager: Api, ids: Any) -> None:
    theirs = data_of(stranger.post("products/", {"product_number": "T-1", "product_name": "Theirs"}), 201)
    before = counts(manager.tenant)
    line = {"child_id": theirs["product_id"], "quantity": 1}
    refused(manager.post(f"revisions/{ids['revision']}/lines/", line), 400, "VALIDATION_ERROR")
    refused(manager.patch(f"lines/{ids['line']}/", {"child_id": theirs["product_id"]}), 400, "VALIDATION_ERROR")
    body = {"product_number": "NEW", "product_name": "New", "structure": [line]}
    refused(manager.post("products/", body), 400, "VALIDATION_ERROR")
    refused(
        manager.patch(f"products/{ids['product']}/", {"replaced_by": theirs["product_id"]}), 400, "VALIDATION_ERROR"
    )
    move = {"to": "design", "replaced_by": theirs["product_id"]}
    refused(manager.post(f"products/{ids['product']}/transitions/", move), 404, "NOT_FOUND")
    refused(manager.get("products/check-cycle/", {"parent": "WHL", "child": "T-1"}), 404, "NOT_FOUND")
    assert counts(manager.tenant) == before


@pytest.mark.parametrize("role", ["viewer", "technical_approver", "compliance_officer"])
def test_roles_that_read(make_api: MakeApi, manager: Api, ids: Any, role: str) -> None:
    caller = make_api(role)
    before = counts(manager.tenant)
    for row in TABLE:
        answer = send(caller, row, ids)
        if row.method == "GET":
            assert answer.status_code == 200, row
        else:
            refused(answer, 403, "PERMISSION_DENIED")
    assert counts(manager.tenant) == before


def test_a_session_needs_the_csrf_token(make_member: MakeMember, manager: Api) -> None:
    user, _member = make_member("engineer")
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    caller = Api(client, manager.tenant)
    body = {"product_number": "NEW", "product_name": "New"}
    data_of(caller.get("products/"))
    before = counts(manager.tenant)
    refused(caller.post("products/", body), 403, "PERMISSION_DENIED")
    assert counts(manager.tenant) == before
    token = "t" * 32
    client.cookies["csrftoken"] = token
    data_of(caller.post("products/", body, X_CSRFToken=token), 201)


def test_a_person_in_two_tenants_names_one(make_member: MakeMember, tenant: Any, other_tenant: Any) -> None:
    user, _member = make_member("engineer", email="two@example.com")
    make_member("engineer", email="two@example.com", tenant=other_tenant)
    client = APIClient()
    assert user.check_password(PASSWORD)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    caller = Api(client, tenant)
    assert "X-Tenant-ID" in refused(caller.get("products/"), 400, "VALIDATION_ERROR")
    body = {"product_number": "NEW", "product_name": "New"}
    data_of(caller.post("products/", body, X_Tenant_ID="globex"), 201)
    assert data_of(caller.get("products/", X_Tenant_ID=str(tenant.pk))) == []
    assert len(data_of(caller.get("products/", X_Tenant_ID="globex"))) == 1
