"""The second wall on PostgreSQL: raw SQL meets it on every tenant-owned table."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction

from plm_project.core.ids import uuid7
from plm_project.tenancy.models import NumberSequence, Tenant
from plm_project.tenancy.numbering import take_number
from plm_project.tenancy.provisioning import tenant_create
from plm_project.tenancy.roles import acting_as_owner
from plm_project.tenancy.row_security import POLICY, install, tenant_tables
from plm_project.tenancy.scope import tenant_scope
from tests.tenancy.records import TENANT_MODELS, World

pytestmark = pytest.mark.postgres


def run(sql: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
    """Run a statement on the application's connection; return its rows, or how many it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


def refused(sql: str, parameters: Any = (), *, saying: str) -> bool:
    """Return whether PostgreSQL refuses the statement in these words."""
    try:
        with transaction.atomic():
            run(sql, parameters)
    except (ProgrammingError, IntegrityError) as error:
        assert any(words in str(error) for words in saying.split("|")), error
        return True
    return False


@pytest.fixture(params=TENANT_MODELS, ids=lambda model: model._meta.label)
def world(request: Any, tenant: Tenant, other_tenant: Tenant) -> World:
    """The first tenant is the victim."""
    return World(victim=tenant, attacker=other_tenant, model=request.param)


def insert_copy(world: World, tenant_id: uuid.UUID) -> tuple[str, list[Any]]:
    """Return an INSERT of the victim's row under a new key."""
    columns = list(world.model._meta.concrete_fields)
    row = {column.column: getattr(world.mine, column.attname) for column in columns}
    row[world.model._meta.pk.column], row["tenant_id"] = uuid7(), tenant_id  # type: ignore[union-attr]
    prepared = [
        column.get_db_prep_save(row[column.column], connection) if column.column in row else None for column in columns
    ]
    names = ", ".join(f'"{column.column}"' for column in columns)
    return (
        f'INSERT INTO "{world.model._meta.db_table}" ({names}) VALUES ({", ".join(["%s"] * len(columns))})',
        prepared,
    )


def test_outside_a_scope_raw_sql_sees_and_writes_nothing(world: World) -> None:
    table, key = world.model._meta.db_table, world.model._meta.pk.column  # type: ignore[union-attr]
    assert run(f'SELECT count(*) FROM "{table}"') == [(0,)]
    assert run(f'UPDATE "{table}" SET tenant_id = tenant_id') == [(0,)]
    assert run(f'DELETE FROM "{table}"') == [(0,)]
    assert run(f'SELECT count(*) FROM "{table}" WHERE "{key}" = %s', [world.mine.pk]) == [(0,)]
    for tenant in (world.victim, world.attacker):
        assert refused(*insert_copy(world, tenant.pk), saying="row-level security")
    assert world.stored() == world.values


def test_inside_a_scope_raw_sql_sees_and_writes_that_tenant_alone(world: World) -> None:
    table, key = world.model._meta.db_table, world.model._meta.pk.column  # type: ignore[union-attr]
    with tenant_scope(world.attacker.pk):
        assert run(f'SELECT DISTINCT tenant_id FROM "{table}"') == [(world.attacker.pk,)]
        assert run(f'UPDATE "{table}" SET tenant_id = tenant_id WHERE "{key}" = %s', [world.mine.pk]) == [(0,)]
        assert run(f'DELETE FROM "{table}" WHERE "{key}" = %s', [world.mine.pk]) == [(0,)]
        assert refused(*insert_copy(world, world.victim.pk), saying="row-level security")
        give = f'UPDATE "{table}" SET tenant_id = %s WHERE "{key}" = %s'
        # where nothing may change at all, a trigger is faster than the policy
        assert refused(give, [world.victim.pk, world.theirs.pk], saying="row-level security|never changes")
    assert world.stored() == world.values


@pytest.mark.parametrize("statement", ["TRUNCATE {}", "ALTER TABLE {} DISABLE TRIGGER ALL", "DROP TABLE {}",
    "ALTER TABLE {} DISABLE ROW LEVEL SECURITY", "ALTER TABLE {} NO FORCE ROW LEVEL SECURITY",
    "DROP POLICY plm_tenant ON {}", "CREATE TRIGGER t BEFORE INSERT ON {} EXECUTE FUNCTION now()",
])  # fmt: skip
def test_the_application_role_cannot_take_the_wall_down(db: None, statement: str) -> None:
    allowed = []
    for _model, table in tenant_tables():
        sql = statement.format(f'"{table}"')
        try:
            with transaction.atomic():
                run(sql)
        except ProgrammingError as error:
            assert "permission denied" in str(error) or "must be owner" in str(error), error
        else:
            allowed.append(sql)
    assert allowed == []


def test_the_application_role_has_no_privilege_beyond_its_grants(db: None) -> None:
    assert run("SELECT current_user") == [(settings.DATABASE_APP_ROLE,)]
    rights = "rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolcanlogin, rolreplication"
    assert run(f"SELECT {rights} FROM pg_roles WHERE rolname = current_user") == [(False,) * 6]
    owned = "SELECT relname FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)"
    assert run(owned) == []
    memberships = (
        "SELECT 1 FROM pg_auth_members WHERE member = (SELECT oid FROM pg_roles WHERE rolname = current_user)"
    )
    assert run(memberships) == []
    assert refused("CREATE TABLE public.mine (id int)", saying="permission denied")
    assert refused("COPY accounts_user TO PROGRAM 'cat'", saying="must be superuser")


def test_every_tenant_table_has_forced_row_security_and_exactly_our_policies(db: None) -> None:
    tables = {table: model for model, table in tenant_tables()}
    read = "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = ANY(%s)"
    flags = {name: (enabled, forced) for name, enabled, forced in run(read, [list(tables)])}
    assert flags == dict.fromkeys(tables, (True, True))
    policies: dict[str, set[tuple[str, str]]] = {}
    for table, name, command in run("SELECT tablename, policyname, cmd FROM pg_policies"):
        policies.setdefault(table, set()).add((name, command))
    for table, model in tables.items():
        expected = {(POLICY, "ALL")}
        if hasattr(model, "row_read_rule"):
            expected.add((f"{POLICY}_read", "SELECT"))
        assert policies.get(table) == expected, table


def test_every_table_with_a_tenant_column_is_covered(db: None) -> None:
    """Also one that no model knows, such as a table made by hand in a migration."""
    found = {name for (name,) in run(
        "SELECT table_name FROM information_schema.columns WHERE column_name = 'tenant_id' AND table_schema = 'public'"
    )}  # fmt: skip
    assert found == {table for _model, table in tenant_tables()}


def test_a_policy_changed_by_hand_is_put_right_by_migrate(db: None) -> None:
    with acting_as_owner(connection):
        run(f"ALTER POLICY {POLICY} ON products_product USING (true)")
        run("ALTER TABLE products_product NO FORCE ROW LEVEL SECURITY")
        assert "products_product" in install(connection)
    rule, forced = run(
        "SELECT qual, relforcerowsecurity FROM pg_policies JOIN pg_class ON relname = tablename "
        "WHERE tablename = 'products_product'"
    )[0]
    assert "plm.tenant" in rule
    assert forced is True


# --- one connection, many users ------------------------------------------------------------------------------------
@pytest.fixture
def two(transactional_db: None) -> tuple[Tenant, Tenant]:
    """Two tenants with one committed row each."""
    tenants = tuple(tenant_create(slug=slug, name=slug)[0] for slug in ("acme", "globex"))
    for tenant in tenants:
        with tenant_scope(tenant.pk, atomic=True):
            take_number("thing")
    return tenants  # type: ignore[return-value]


def visible() -> set[Any]:
    """Return the tenants whose rows raw SQL sees now."""
    return {tenant_id for (tenant_id,) in run("SELECT tenant_id FROM tenancy_numbersequence WHERE key = 'thing'")}


def test_sequential_scopes_on_one_connection_leave_nothing_behind(two: tuple[Tenant, Tenant]) -> None:
    first, second = two
    for tenant in (first, second, first):
        with tenant_scope(tenant.pk):
            assert visible() == {tenant.pk}
        assert visible() == set()


def test_nothing_is_left_behind_after_a_failure(two: tuple[Tenant, Tenant]) -> None:
    first, second = two
    with pytest.raises(ZeroDivisionError), tenant_scope(first.pk):
        raise ZeroDivisionError
    assert visible() == set()
    with pytest.raises(ProgrammingError), tenant_scope(first.pk):
        run("SELECT * FROM no_such_table")
    assert visible() == set()
    with tenant_scope(second.pk):
        assert visible() == {second.pk}


def test_nested_scopes_restore_the_outer_one(two: tuple[Tenant, Tenant]) -> None:
    first, second = two
    with tenant_scope(first.pk):
        with tenant_scope(second.pk):
            assert visible() == {second.pk}
            with tenant_scope(first.pk):
                assert visible() == {first.pk}
            assert visible() == {second.pk}
        assert visible() == {first.pk}
        with pytest.raises(ZeroDivisionError), tenant_scope(second.pk):
            raise ZeroDivisionError
        assert visible() == {first.pk}
        with pytest.raises(ProgrammingError), tenant_scope(second.pk):
            run("SELECT * FROM no_such_table")
        assert visible() == {first.pk}
        with tenant_scope(second.pk):
            transaction.set_rollback(True)
        assert visible() == {first.pk}
        savepoint = transaction.savepoint()
        with tenant_scope(second.pk):
            assert visible() == {second.pk}
        transaction.savepoint_rollback(savepoint)
        assert visible() == {first.pk}
    assert visible() == set()


def test_callbacks_after_the_commit_are_outside_the_wall(two: tuple[Tenant, Tenant]) -> None:
    seen: list[set[Any]] = []
    with tenant_scope(two[0].pk):
        transaction.on_commit(lambda: seen.append(visible()))
    assert seen == [set()]


@contextmanager
def pooled_connection() -> Iterator[None]:
    """Make the default connection one that is lent by a pool of one."""
    alone = connections["default"]
    config = deepcopy(alone.settings_dict)
    config["OPTIONS"] = {**config["OPTIONS"], "pool": {"min_size": 1, "max_size": 1, "timeout": 5}}
    config["CONN_MAX_AGE"] = 0
    pooled = type(alone)(config, "default")
    connections["default"] = pooled
    try:
        yield
    finally:
        pooled.close()
        pooled.close_pool()
        connections["default"] = alone


def test_the_next_borrower_of_a_pooled_connection_inherits_nothing(two: tuple[Tenant, Tenant]) -> None:
    first, second = two
    with pooled_connection():
        with tenant_scope(first.pk):
            assert visible() == {first.pk}
            backend = run("SELECT pg_backend_pid()")
        connection.close()
        assert run("SELECT pg_backend_pid()") == backend, "another connection: this test would show nothing"
        assert run("SELECT current_user") == [(settings.DATABASE_APP_ROLE,)]
        assert visible() == set()
        with pytest.raises(ProgrammingError), tenant_scope(first.pk):
            run("SELECT * FROM no_such_table")
        connection.close()
        assert visible() == set()
        with tenant_scope(second.pk):
            assert visible() == {second.pk}
            assert NumberSequence.objects.get(key="thing").tenant_id == second.pk
        with acting_as_owner(connection):
            assert visible() == {first.pk, second.pk}, "the owner of this test database is a superuser"
        connection.close()
        assert visible() == set()
