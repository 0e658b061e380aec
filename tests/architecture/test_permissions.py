"""Who may call what: the table of the API against the routes and against real calls, and the pages' own declarations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from plm_project.accounts import permissions
from plm_project.accounts.roles import Role
from plm_project.accounts.services import membership_grant, token_issue
from plm_project.core.actor import Actor
from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.scope import tenant_scope
from tests.architecture.addresses import House, build_house, filled, reachable
from tests.architecture.routes import Route, routes
from tests.conftest import Standing
from tests.permission_table import EXEMPT, PAGES_WITHOUT_PERMISSION, ROWS, Row

API = {route.label: route for route in routes() if route.is_api and not route.is_regex}
PAGES = [route for route in routes() if not route.is_api and not route.is_admin and not route.is_regex]


def declared() -> set[tuple[str, str, str]]:
    """Return (method, route, permission) of everything the API answers, as the views declare it."""
    found = set()
    for name, route in API.items():
        for method, action in route.actions.items():
            declared_permissions = getattr(route.view_class, "permission_map", {})
            found.add((method.upper(), name, declared_permissions.get(action, "(none)")))
    return found


def test_the_table_holds_every_route_and_method_of_the_api_and_nothing_else() -> None:
    table = {(row.method, row.route, row.permission) for row in ROWS}
    actual = {entry for entry in declared() if entry[1] not in EXEMPT}
    missing = "\n".join(f'Row("{m}", "{n}", "{p}", 200),' for m, n, p in sorted(actual - table, key=lambda e: e[1:]))
    assert actual - table == set(), f"add to tests/permission_table.py, after you have read them:\n{missing}"
    assert table - actual == set(), "these routes are gone or ask for something else now"
    assert len(table) == len(ROWS), "a row stands twice"


def test_every_permission_in_the_table_is_declared_and_held_by_somebody() -> None:
    for row in ROWS:
        assert permissions.holders(row.permission), row


def test_no_exemption_is_stale() -> None:
    assert set(EXEMPT) - set(API) == set()
    assert set(PAGES_WITHOUT_PERMISSION) - {route.label for route in PAGES} == set()


@pytest.fixture(scope="module")
def built(standing: Standing) -> Iterator[House]:
    yield from standing(lambda: build_house("house"))


@pytest.fixture
def house(built: House, db: None) -> House:
    """A tenant with a row of every kind."""
    return built


def deprived(house: House, permission: str) -> dict[str, Client]:
    """Return callers who hold every permission but this one: a person by their roles, a token by its list."""
    system = Actor.system(house.tenant.pk, "tests")
    with tenant_scope(house.tenant.pk):
        others = [role for role in Role.values if role not in permissions.holders(permission)]
        user = type(house.user).objects.create_user(f"{permission}@house.example")
        member = membership_grant(actor=system, user=user, roles=others or [Role.VIEWER])
        if not others:  # everybody holds it: nobody but a member without a role is without it
            member.roles = []
            member.save_as(system, reason="tests")
        rest = [name for name in permissions.all_permissions() if name != permission]
        _token, text = token_issue(actor=system, user=house.user, name="rest", permissions=rest)
    session = Client(raise_request_exception=False)
    session.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return {
        "session": session,
        "token": Client(raise_request_exception=False, headers={"Authorization": f"Bearer {text}"}),
    }


def counted(house: House) -> int:
    """Return how many events the tenant has: a refused call adds none."""
    with tenant_scope(house.tenant.pk):
        return OutboxEvent.objects.count()


@pytest.mark.slow
def test_every_row_of_the_table_with_and_without_its_permission(house: House) -> None:
    """An empty body is enough: the permission is judged first. What is refused leaves no event."""
    problems: list[str] = []
    holding = {"session": house.client(), "token": house.api()}
    lacking: dict[str, dict[str, Client]] = {}
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in ROWS:
        route = API.get(row.route)
        if route is None:
            continue  # the test above names it
        if row.route not in found:
            found[row.route] = reachable(route, house, house.client()) if route.slots else {}
        if row.permission not in lacking:
            lacking[row.permission] = deprived(house, row.permission)
        path = _path(route, found[row.route].get(row.method.lower()), house)
        problems += _try(row, house, path, holding, row.with_permission, lacking=False)
        before = counted(house)
        problems += _try(row, house, path, lacking[row.permission], 403, lacking=True)
        assert counted(house) == before
    assert problems == [], "\n".join(problems)


def _path(route: Route, assignment: dict[str, str] | None, house: House) -> str:
    return route.path(filled(assignment, house) if assignment else {})


def _refusal(response: Any) -> str:
    return str(response.json()["error"]) if response.status_code == 403 else ""


def _try(row: Row, house: House, path: str, clients: dict[str, Client], expected: int, *, lacking: bool) -> list[str]:
    problems = []
    for caller, client in clients.items():
        response: Any = house.call(client, row.method.lower(), path)
        if response.status_code != expected:
            problems.append(f"{row.method} {row.route} as {caller}: {response.status_code} instead of {expected}")
        if (row.permission in _refusal(response)) != lacking:
            problems.append(f"{row.method} {row.route} as {caller}: refused for another reason than {row.permission}")
    return problems


# --- pages ---------------------------------------------------------------------------------------------------------
def test_every_page_declares_a_known_permission() -> None:
    problems = []
    for route in PAGES:
        if route.label in PAGES_WITHOUT_PERMISSION or route.is_redirect:
            continue
        asked = {getattr(route.view_class, name, "") for name in ("permission", "write_permission")} - {""}
        if not asked or not all(permissions.holders(name) for name in asked):
            problems.append(f"{route.template}: {sorted(asked) or 'nothing declared'}")
    assert problems == [], "\n".join(problems)


@pytest.mark.slow
def test_every_page_is_closed_without_its_permission(house: House) -> None:
    problems = []
    lacking: dict[str, Client] = {}
    tried = 0
    for route in PAGES:
        if route.label in PAGES_WITHOUT_PERMISSION or route.is_redirect:
            continue
        known = reachable(route, house, house.client()) if route.slots else {}
        for method in route.actions:
            view = route.view_class
            permission = getattr(view, "permission", "")
            if method != "get":
                permission = getattr(view, "write_permission", "") or permission
            if not permission or (route.slots and method not in known):
                continue
            if permission not in lacking:
                lacking[permission] = deprived(house, permission)["session"]
            response = house.call(lacking[permission], method, _path(route, known.get(method), house))
            tried += 1
            if response.status_code not in (403, 405):
                problems.append(f"{method} {route.template} without {permission}: {response.status_code}")
    assert problems == [], "\n".join(problems)
    assert tried > 10
