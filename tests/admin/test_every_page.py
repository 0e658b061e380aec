"""Generated over the registry: a new admin is under these tests from its first line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from plm_project.tenancy.admin import PlmAdmin
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.provisioning import tenant_create
from plm_project.tenancy.references import is_tenant_owned
from products.models import BomLine, Product, ProductRevision
from tests.admin.conftest import MARK, World, address, make_world
from tests.conftest import Standing
from tests.factories import make_line, make_product, revision_of

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
IDS = [model._meta.label_lower for model in REGISTERED]
every_model = pytest.mark.parametrize("model", REGISTERED, ids=IDS)


def clean(response: Any, theirs: World) -> None:
    """No word of the other tenant stands on the page."""
    text = response.content.decode()
    assert MARK not in text
    for record in theirs.records.values():
        assert str(record.pk) not in text


@pytest.fixture(scope="module")
def worlds(standing: Standing) -> Iterator[tuple[World, World]]:
    """Both tenants' records, made once: the tests look at them and change nothing."""
    yield from standing(
        lambda: (
            make_world(tenant_create(slug="acme", name="Acme Works", currency="EUR")[0], "ours"),
            make_world(tenant_create(slug="globex", name="Globex", currency="USD")[0], MARK),
        )
    )


@pytest.fixture
def ours(worlds: tuple[World, World], db: None) -> World:
    return worlds[0]


@pytest.fixture
def theirs(worlds: tuple[World, World], db: None) -> World:
    return worlds[1]


@pytest.fixture
def tenant(ours: World) -> Tenant:
    return ours.tenant


@pytest.fixture
def client(ours: World) -> Client:
    made = Client()
    made.force_login(ours.user, backend="django.contrib.auth.backends.ModelBackend")
    return made


def test_every_registered_admin_stands_on_the_house_base() -> None:
    assert [model for model in REGISTERED if not isinstance(admin.site._registry[model], PlmAdmin)] == []


@every_model
def test_list(model: Any, client: Client, ours: World, theirs: World) -> None:
    response = client.get(address(model, "changelist"))
    assert response.status_code == 200
    assert ours.of(model) in list(response.context["cl"].result_list)
    clean(response, theirs)


@every_model
def test_search_and_filters(model: Any, client: Client, ours: World, theirs: World) -> None:
    registered = admin.site._registry[model]
    if registered.search_fields:
        response = client.get(address(model, "changelist"), {"q": str(theirs.of(model).pk)})
        assert response.status_code == 200
        assert list(response.context["cl"].result_list) == []
    page = client.get(address(model, "changelist"))
    changelist = page.context["cl"]
    for spec in changelist.filter_specs:
        for choice in spec.choices(changelist):
            assert client.get(address(model, "changelist") + choice["query_string"]).status_code == 200


@every_model
def test_add(model: Any, client: Client, ours: World, theirs: World) -> None:
    response = client.get(address(model, "add"))
    assert response.status_code == (200 if "add" in admin.site._registry[model].needs else 403)
    clean(response, theirs)


@every_model
def test_page_history_and_deletion(model: Any, client: Client, ours: World, theirs: World) -> None:
    record = ours.of(model)
    page = client.get(address(model, "change", record.pk))
    assert page.status_code == 200
    clean(page, theirs)
    if hasattr(model, "history"):
        history = client.get(address(model, "history", record.pk))
        assert history.status_code == 200
        clean(history, theirs)
    deletion = client.get(address(model, "delete", record.pk))
    assert deletion.status_code in (200, 403)
    assert (deletion.status_code == 200) <= ("delete" in admin.site._registry[model].needs)
    clean(deletion, theirs)


@every_model
def test_another_tenants_record_is_not_found(model: Any, client: Client, ours: World, theirs: World) -> None:
    key = theirs.of(model).pk
    for page in ("change", *(["history"] if hasattr(model, "history") else []), "delete"):
        for response in (client.get(address(model, page, key)), client.post(address(model, page, key), {})):
            assert response.status_code in ({404} if page != "change" else {403, 404}), page
            if response.request["REQUEST_METHOD"] == "GET":
                assert response.status_code == 404
    for nonsense in ("00000000-0000-0000-0000-000000000000", "x", "1"):
        assert client.get(address(model, "change", nonsense)).status_code == 404


def foreign_keys() -> list[tuple[Any, str]]:
    return [
        (model, field.name)
        for model in apps.get_models()
        if model._meta.app_label in {registered._meta.app_label for registered in REGISTERED}
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
    ]


def test_autocomplete_of_any_foreign_key_stays_in_the_tenant(client: Client, ours: World, theirs: World) -> None:
    answered = 0
    for model, name in foreign_keys():
        query = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": name}
        for term in ("", MARK):
            response = client.get(reverse("admin:autocomplete"), {**query, "term": term})
            assert response.status_code in (200, 403, 404), name
            if response.status_code == 200:
                answered += 1
                clean(response, theirs)
    assert answered > 20


@every_model
def test_no_choice_of_a_foreign_key_lists_everything(model: Any, client: Client, ours: World, scope: None) -> None:
    """Other than an autocomplete a form may offer the rows of its own record alone."""
    for page in (address(model, "add"), address(model, "change", ours.of(model).pk)):
        response = client.get(page)
        if response.status_code != 200:
            continue
        forms = [response.context["adminform"].form]
        forms += [inline.formset.empty_form for inline in response.context["inline_admin_formsets"]]
        for form in forms:
            for name, field in form.fields.items():
                if hasattr(field, "queryset") and not field.widget.is_hidden and name not in ("id", "affected"):
                    assert "admin-autocomplete" in str(form[name]), f"{model.__name__}.{name}"


@every_model
def test_lookups_that_no_filter_offers_are_refused(model: Any, client: Client, ours: World) -> None:
    for lookup in (
        "created_by__password__startswith",
        "tenant__slug",
        "user__password__startswith",
        "digest__startswith",
    ):
        response = client.get(address(model, "changelist"), {lookup: "a"})
        assert response.status_code in (302, 400), lookup


def asked(client: Client, page: str) -> int:
    """How many questions a page asks of tables; the scope's own statements on PostgreSQL are none."""
    with CaptureQueriesContext(connection) as found:
        assert client.get(page).status_code == 200
    return sum(" FROM " in query["sql"] for query in found)


@every_model
def test_a_list_asks_few_questions(model: Any, client: Client, ours: World) -> None:
    # session, person, memberships, count, rows; two of a date hierarchy; two of what a rule names
    assert asked(client, address(model, "changelist")) <= 9


def test_the_number_of_questions_does_not_grow_with_the_rows(client: Client, ours: World, scope: None) -> None:
    parent = make_product("GROWING")
    make_line(parent, make_product("GROWING-0"), 1)
    pages = [
        address(Product, "changelist"),
        address(BomLine, "changelist"),
        address(ProductRevision, "change", revision_of(parent).pk),
        address(ProductRevision, "history", revision_of(parent).pk),
    ]
    for page in pages:  # what is asked once a process
        asked(client, page)
    before = [asked(client, page) for page in pages]
    for number in range(1, 12):
        make_line(parent, make_product(f"GROWING-{number}"), 1)
    assert [asked(client, page) for page in pages] == before


def test_djangos_own_log_stays_empty(client: Client, ours: World) -> None:
    data = {"product_number": "NEW-1", "product_name": "New one", "product_type": "manufactured",
            "unit_of_measure": "each", "target_cost": "0", "current_cost": "0", "mass_kg": "0",
            "custom_attributes": "{}", "revisions-TOTAL_FORMS": "0", "revisions-INITIAL_FORMS": "0"}  # fmt: skip
    assert client.post(address(Product, "add"), data).status_code == 302
    assert LogEntry.objects.count() == 0
    index = client.get(reverse("admin:index"))
    assert "recent-actions" not in index.content.decode()


def test_the_registry_covers_what_managers_need() -> None:
    named = {model._meta.label for model in REGISTERED}
    assert {"products.Product", "products.ProductRevision", "products.BomLine", "changes.EngineeringChange",
            "changes.ApprovalRule", "accounts.Membership", "accounts.ApiToken", "outbox.OutboxEvent",
            "outbox.Delivery"} <= named  # fmt: skip
    assert all(is_tenant_owned(model) or model._meta.label == "accounts.User" for model in REGISTERED)


def test_an_endless_search_is_cut(manager: Client, scope: None) -> None:
    assert manager.get(reverse("admin:products_product_changelist"), {"q": "x" * 60_000}).status_code == 200
