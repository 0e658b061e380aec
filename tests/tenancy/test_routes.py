"""Every route under attack with another tenant's ids, and from nobody. New routes cannot escape."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.architecture.addresses import QUERIES, House, build_house, filled, query_of, reachable
from tests.architecture.routes import Route, routes
from tests.conftest import Standing

ALL = routes()

# Routes with slots that no record of another tenant can fill: name → reason. A stale entry fails.
NO_TENANT_ID: dict[str, str] = {
    "products:import-preview": "a waiting file, kept under its person and tenant (tests/products)",
    "products:import-confirm": "a waiting file, kept under its person and tenant (tests/products)",
    "products:import-cancel": "a waiting file, kept under its person and tenant (tests/products)",
    "products:sources-import-preview": "a waiting file, kept under its person and tenant (tests/products)",
    **dict.fromkeys(
        (
            "integrations:target",
            "integrations:target-try",
            "integrations:target-catch-up",
            "integrations:target-remove",
            "integrations:callback",
            "integrations:callback-secret",
            "api-neighbour",
            "api-neighbour-try",
            "api-neighbour-catch-up",
            "api-callback-secret",
            "api-contract",
            "api-contract-dry-run",
        ),
        "a name that is the same in every tenant (tests/integrations)",
    ),
    "accounts:password-set": "a person's id and a signed token, for whoever holds the mailed link (tests/accounts)",
}
# What anybody may see: name → reason. A stale entry fails.
PUBLIC: dict[str, str] = {
    "healthz": "says that the process lives",
    "readyz": "says which part does not work, and nothing else",
    "metrics": "for this machine or whoever has METRICS_TOKEN (tests/ops)",
    "accounts:login": "the way in",
    "integrations:callback": "for neighbours, who sign what they send (tests/integrations)",
    "accounts:password-reset": "whoever cannot sign in; answers every address alike (tests/accounts)",
    "accounts:password-sent": "says the same to everybody",
    "accounts:password-set": "for whoever holds the mailed link (tests/accounts)",
    "accounts:password-changed": "says the same to everybody",
    "admin:logout": "the way out",
    "web:theme": "sets a cookie of the browser",
    "web:language": "sets a cookie of the browser",
    "api-schema": "says what the API is, nothing of any tenant",
    "api-docs": "says what the API is, nothing of any tenant",
    "api-unknown": "answers 404 to every address that is none",
    "unknown:api-unknown": "answers 404 to every address that is none",
}
LOGIN = ("/accounts/login/", "/admin/login/")


def _without_tenants_records(route: Route) -> bool:
    """The admin's pages of models that belong to no tenant; nobody holds Django's permissions for them."""
    model = getattr(getattr(route.callback, "model_admin", None), "model", None)
    return route.is_admin and model is not None and not getattr(model, "tenant_owned", False)


@pytest.fixture(scope="module")
def built(standing: Standing) -> Iterator[tuple[House, House]]:
    yield from standing(lambda: (build_house("victim"), build_house("attacker")))


@pytest.fixture
def houses(built: tuple[House, House], db: None) -> tuple[House, House]:
    """The victim and the attacker. The attacker holds every role, so that nothing but the tenant stops them."""
    return built


def leaks(response: Any, victim: House) -> list[str]:
    """Return what an answer tells of the victim."""
    if getattr(response, "streaming", False):
        text = b"".join(response.streaming_content).decode(errors="replace")
    else:
        text = response.content.decode(errors="replace")
    text += str(dict(response.items()))
    return sorted(secret for secret in victim.secrets if secret in text)


def clients_for(route: Route, house: House) -> dict[str, Client]:
    """Return the callers a route is tried with."""
    return {"session": house.client(), "token": house.api()} if route.is_api else {"session": house.client()}


def slotted() -> list[Route]:
    """Return the routes that an id of another tenant can be put into."""
    return [
        route
        for route in ALL
        if route.slots
        and route.label not in NO_TENANT_ID
        and not route.is_redirect
        and not _without_tenants_records(route)
    ]


@pytest.mark.slow
def test_another_tenants_ids_are_not_found_on_any_route(houses: tuple[House, House]) -> None:
    victim, attacker = houses
    problems = []
    for route in slotted():
        known = reachable(route, victim, victim.client())
        if not known:
            problems.append(f"{route.template}: answers its owner with 404 or a fault, whatever the id")
            continue
        likely = next(iter(known.values()))
        for caller, client in clients_for(route, attacker).items():
            for at, method in enumerate(route.actions):
                if route.is_api and ((at + len(route.template)) % 2 == 0) != (caller == "session"):
                    continue  # half of the calls go each way in: behind both stands the same actor
                assignment = known.get(method, likely)
                address = route.path(filled(assignment, victim)) + query_of(route, method, victim)
                response = attacker.call(client, method, address)
                if not _not_found(response) and not _nobody_may(response, victim, method, address):
                    problems.append(f"{method} {route.template} as {caller}: {response.status_code} instead of 404")
                if leak := leaks(response, victim):
                    problems.append(f"{method} {route.template} as {caller}: tells {leak}")
                address = route.path(filled(assignment, attacker)) + query_of(route, method, attacker)
                own = attacker.call(client, method, address)
                if leak := leaks(own, victim):
                    problems.append(f"{method} {route.template} as {caller}, own record: tells {leak}")
    assert problems == [], "\n".join(problems)


def _nobody_may(response: Any, owner: House, method: str, address: str) -> bool:
    """The owner is refused in the same way: the method or the action is closed, whatever the id."""
    refused = response.status_code in (403, 405)
    return refused and owner.call(owner.client(), method, address).status_code == response.status_code


def _not_found(response: Any) -> bool:
    """404, or the admin's way of saying so: back to its index, with nothing done."""
    return response.status_code == 404 or (
        response.status_code == 302 and response["Location"] == reverse("admin:index")
    )


@pytest.mark.slow
def test_no_list_search_or_form_tells_of_another_tenant(houses: tuple[House, House]) -> None:
    victim, attacker = houses
    problems, answered = [], 0
    number = next(secret for secret in sorted(victim.secrets) if re.fullmatch(r"[0-9a-f]{12}", secret))
    queries = ("", f"?search={number}", f"?q={number}", f"?product={victim.ids['products.Product']}")
    for route in ALL:
        if route.slots or route.is_regex or "get" not in route.actions:
            continue
        for caller, client in clients_for(route, attacker).items():
            for query in queries:
                response = attacker.call(client, "get", "/" + route.template + query)
                answered += response.status_code == 200
                text_leaks = [leak for leak in leaks(response, victim) if leak not in query]
                if text_leaks:
                    problems.append(f"{route.template}{query} as {caller}: tells {text_leaks}")
    assert problems == [], "\n".join(problems)
    assert answered > 10


def test_a_body_that_names_another_tenants_record_is_refused(houses: tuple[House, House]) -> None:
    """The references that a body can carry, with a record of one's own in the address."""
    victim, attacker = houses
    own, foreign = attacker.ids, victim.ids
    product, revision = own["products.Product"], own["products.ProductRevision"]
    line = {"child_product_id": foreign["products.Product"], "quantity": "1"}
    new = {"product_number": "NEW-0001", "product_name": "New product"}
    cases: list[tuple[str, str, dict[str, Any]]] = [
        ("post", "products/", {**new, "structure": [line]}),
        ("patch", f"products/{product}/", {"replaced_by": foreign["products.Product"]}),
        ("post", f"products/{product}/transitions/", {"to": "obsolete", "replaced_by": foreign["products.Product"]}),
        ("post", f"revisions/{revision}/lines/", line),
        ("patch", f"lines/{own['products.BomLine']}/", {"child_product_id": foreign["products.Product"]}),
        ("post", "changes/", {"change_title": "Mine", "affected_products": [foreign["products.Product"]]}),
        ("post", f"changes/{own['changes.EngineeringChange']}/affected/", {"product_id": foreign["products.Product"]}),
    ]
    problems = []
    for method, path, body in cases:
        response = attacker.call(attacker.api(), method, f"/api/v1/plm/{path}", body)
        if response.status_code not in (400, 404, 409) or leaks(response, victim):
            problems.append(f"{method} {path}: {response.status_code} {response.content[:200]!r}")
    assert problems == [], "\n".join(problems)


@pytest.mark.slow
def test_nobody_gets_past_the_sign_in(houses: tuple[House, House]) -> None:
    """Whoever is not signed in is sent to the sign-in page or gets 401; with real ids and with every method."""
    victim, _attacker = houses
    problems = []
    for route in ALL:
        if route.label in PUBLIC or route.is_regex:
            continue
        known = reachable(route, victim, victim.client()) if route in SLOTTED else {}
        for method in route.actions:
            values = filled(known[method], victim) if method in known else dict.fromkeys(route.slots, "1")
            response = victim.call(Client(raise_request_exception=False), method, route.path(values))
            if not _sent_to_sign_in(response, route):
                problems.append(f"{method} {route.template}: {response.status_code}")
            if leak := leaks(response, victim):
                problems.append(f"{method} {route.template}: tells {leak}")
    assert problems == [], "\n".join(problems)


SLOTTED = frozenset(slotted())


def _sent_to_sign_in(response: Any, route: Route) -> bool:
    if response.status_code in (301, 302):
        return response["Location"].startswith(LOGIN) or route.is_redirect
    return response.status_code in (401, 405) or (response.status_code == 404 and "<uuid" in route.template)


def test_no_exemption_is_stale() -> None:
    labels = {route.label for route in ALL}
    assert set(NO_TENANT_ID) - labels == set()
    assert set(PUBLIC) - labels == set()
    assert set(QUERIES) - labels == set()


def test_the_routes_are_really_found() -> None:
    """The generator sees pages, admin and API; an empty list would pass every test above."""
    found: dict[str, Callable[[Route], bool]] = {
        "API": lambda route: route.template == "api/v1/plm/products/<uuid:pk>/",
        "admin": lambda route: route.template == "admin/products/product/<path:object_id>/change/",
        "page": lambda route: route.template == "products/<uuid:pk>/",
    }
    assert [name for name, matches in found.items() if not any(map(matches, ALL))] == []
