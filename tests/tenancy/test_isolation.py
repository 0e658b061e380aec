"""Every tenant-owned model under attack from another tenant's scope and from none. New models cannot escape."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, models, transaction
from django.db.models import Count, Exists, F, Value
from django.db.models.query import prefetch_related_objects

from plm_project.core.ids import uuid7
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.provisioning import tenant_create
from plm_project.tenancy.references import CrossTenantReference, tenant_foreign_keys
from plm_project.tenancy.scope import TenantScopeMissing, tenant_scope
from tests.conftest import Standing
from tests.tenancy.records import MAKERS, TENANT_MODELS, World, is_history, make

REFUSALS = (CrossTenantReference, DatabaseError, ObjectDoesNotExist)
Read = Callable[[Any, Any], Any]


async def _collect(queryset: Any) -> list[Any]:
    return [row async for row in queryset]


# Each answers something true when it finds the row with the key.
READS: dict[str, Read] = {
    "get": lambda m, pk: m.get(pk=pk),
    "first": lambda m, pk: m.filter(pk=pk).first(),
    "filter": lambda m, pk: list(m.filter(pk=pk)),
    "all": lambda m, pk: [row for row in m.all() if row.pk == pk],
    "count": lambda m, pk: m.filter(pk=pk).count(),
    "exists": lambda m, pk: m.filter(pk=pk).exists(),
    "contains": lambda m, pk: m.contains(m.model(pk=pk)),
    "exclude": lambda m, pk: [row for row in m.exclude(pk=uuid7()) if row.pk == pk],
    "exclude exists": lambda m, pk: m.exclude(pk__in=m.exclude(pk=pk).values("pk")).exists(),
    "aggregate": lambda m, pk: m.filter(pk=pk).aggregate(n=Count("pk"))["n"],
    "annotate": lambda m, pk: list(m.filter(pk=pk).order_by().values("tenant_id").annotate(n=Count("pk"))),
    "in_bulk": lambda m, pk: m.in_bulk([pk]),
    "iterator": lambda m, pk: list(m.filter(pk=pk).iterator(chunk_size=10)),
    "values": lambda m, pk: list(m.filter(pk=pk).values()),
    "values_list": lambda m, pk: pk in m.values_list("pk", flat=True),
    "distinct": lambda m, pk: list(m.filter(pk=pk).order_by("pk").distinct()),
    "only": lambda m, pk: list(m.filter(pk=pk).only("pk", "tenant")),
    "select_related": lambda m, pk: list(m.filter(pk=pk).select_related("tenant")),
    "select_for_update": lambda m, pk: list(m.filter(pk=pk).select_for_update()),
    "subquery": lambda m, pk: list(m.filter(pk__in=m.filter(pk=pk).values("pk"))),
    "exists subquery": lambda m, pk: list(m.filter(Exists(m.filter(pk=pk).order_by()))),
    "or": lambda m, pk: list(m.filter(pk=pk) | m.filter(pk=pk)),
    "union": lambda m, pk: list(m.filter(pk=pk).order_by().union(m.filter(pk=pk).order_by(), all=True)),
    "intersection": lambda m, pk: list(m.filter(pk=pk).order_by().intersection(m.order_by())),
    "difference": lambda m, pk: list(m.filter(pk=pk).order_by().difference(m.filter(pk=uuid7()).order_by())),
    "async for": lambda m, pk: async_to_sync(_collect)(m.filter(pk=pk)),
    "async aggregate": lambda m, pk: async_to_sync(m.filter(pk=pk).acount)(),
    "pickled query": lambda m, pk: list(_with_query(m, pickle.loads(pickle.dumps(m.filter(pk=pk).query)))),
}


def _with_query(manager: Any, query: Any) -> Any:
    queryset = manager.all()
    queryset.query = query
    return queryset


def reads_of(model: Any) -> dict[str, Read]:
    """Return the reads that fit the model: simple-history's models cannot be pickled at all."""
    return {name: read for name, read in READS.items() if name != "pickled query" or not is_history(model)}


def managers(model: Any) -> Iterator[tuple[str, Any]]:
    """Yield every manager of a model, each once: declared ones, default, base, and its history's."""
    found = {manager.name: getattr(model, manager.name) for manager in model._meta.managers}
    found |= {"_default_manager": model._default_manager, "_base_manager": model._base_manager}
    if hasattr(model, "history"):
        found["history"] = model.history
    yield from {id(manager): (name, manager) for name, manager in reversed(found.items())}.values()


def written_field(model: Any) -> models.Field[Any, Any]:
    """Return a column to write that is neither key nor tenant nor a reference into the tenant; plain ones first."""
    references = {"tenant", *(foreign_key.name for foreign_key in tenant_foreign_keys(model))}
    free = [f for f in model._meta.concrete_fields if not f.primary_key and f.name not in references | {"id"}]
    return min(free, key=lambda f: f.is_relation)


def refused(action: Callable[[], Any], *, because: tuple[type[Exception], ...] = REFUSALS) -> bool:
    """Run an attack in a savepoint; return whether it was refused. What is no refusal passes through."""
    try:
        with transaction.atomic():
            action()
    except because:
        return True
    return False


@pytest.fixture(scope="module", params=TENANT_MODELS, ids=lambda model: model._meta.label)
def model(request: Any) -> Any:
    """Every tenant-owned model, history included."""
    return request.param


@pytest.fixture(scope="module")
def tenants(standing: Standing) -> Iterator[tuple[Tenant, Tenant]]:
    """Two tenants for all models."""
    yield from standing(lambda: (tenant_create(slug="acme", name="A")[0], tenant_create(slug="globex", name="G")[0]))


@pytest.fixture(scope="module")
def rows(model: Any, tenants: tuple[Tenant, Tenant], standing: Standing) -> Iterator[World]:
    """A row of the model in each tenant, for all attacks; the first tenant is the victim."""
    yield from standing(lambda: World(victim=tenants[0], attacker=tenants[1], model=model))


@pytest.fixture
def world(rows: World, db: None) -> World:
    """The two rows as they were made, whatever an attack did to them before."""
    return rows


def key_of(manager_name: str, world: World) -> Any:
    """Return the victim's key in the table that the manager reads."""
    if manager_name != "history":
        return world.mine.pk
    with tenant_scope(world.victim.pk):
        return world.mine.history.first().pk


def test_every_model_has_a_maker_and_every_maker_a_model() -> None:
    labels = {model._meta.label for model in TENANT_MODELS if not is_history(model)}
    assert labels - set(MAKERS) == set(), "add them to tests/tenancy/records.py"
    assert set(MAKERS) - labels == set(), "these models are gone"


def test_the_reads_find_the_row_in_its_own_scope(world: World) -> None:
    """The attacks below would find the row if it could be seen: none of them is blind."""
    with tenant_scope(world.victim.pk):
        blind = [name for name, read in reads_of(world.model).items() if not read(world.model.objects, world.mine.pk)]
    assert blind == []


def test_another_tenant_reads_nothing(world: World) -> None:
    leaks = []
    for manager_name, manager in managers(world.model):
        if manager_name == "own":
            continue  # a person's own memberships: tests/accounts
        pk = key_of(manager_name, world)
        with tenant_scope(world.attacker.pk):
            for name, read in reads_of(manager.model).items():
                found: list[Any] = []
                if not refused(lambda r=read, m=manager, k=pk, f=found: f.append(r(m, k))) and found[0]:
                    leaks.append(f"{manager_name}.{name}")
    assert leaks == []


def test_without_a_scope_every_read_is_an_error(world: World) -> None:
    answers = []
    for manager_name, manager in managers(world.model):
        pk = key_of(manager_name, world)
        for name, read in reads_of(manager.model).items():
            if not refused(lambda r=read, m=manager, k=pk: r(m, k), because=(TenantScopeMissing,)):
                answers.append(f"{manager_name}.{name}")
    assert answers == []


def test_without_a_scope_every_write_is_an_error(world: World) -> None:
    column = written_field(world.model)
    value = getattr(world.mine, column.attname)
    row = world.fresh()
    attacks: dict[str, Callable[[], Any]] = {
        "save": row.save,
        "force_insert": lambda: world.copy(world.attacker.pk).save(force_insert=True),
        "delete": row.delete,
        "refresh": row.refresh_from_db,
        "create": lambda: world.model.objects.create(),
        "bulk_create": lambda: world.model.objects.bulk_create([world.copy(world.attacker.pk)]),
        "bulk_update": lambda: world.model.objects.bulk_update([row], [column.name]),
        "update": lambda: world.model.objects.update(**{column.name: value}),
        "queryset delete": lambda: world.model.objects.all().delete(),
        "raw delete": lambda: world.model.objects.all()._raw_delete("default"),
        "raw": lambda: list(world.model.objects.all().raw("SELECT 1")),
    }
    allowed = {
        name
        for name, action in attacks.items()
        if not refused(action, because=(TenantScopeMissing, CrossTenantReference))
    }
    assert allowed == set()
    assert world.stored() == world.values


def test_another_tenant_writes_nothing_in_bulk(world: World) -> None:
    column = written_field(world.model)
    value = getattr(world.mine, column.attname)
    touched = []
    for manager_name, manager in managers(world.model):
        if manager_name == "own":
            continue
        pk = key_of(manager_name, world)
        with tenant_scope(world.attacker.pk), transaction.atomic():
            if manager_name != "history" and manager.filter(pk=pk).update(**{column.name: value}):
                touched.append(f"{manager_name}.update")
            if manager.filter(pk=pk).delete()[0]:
                touched.append(f"{manager_name}.delete")
            if manager.filter(pk=pk)._raw_delete("default"):
                touched.append(f"{manager_name}._raw_delete")
            if not refused(lambda m=manager: m.update(tenant=world.victim)):
                touched.append(f"{manager_name}.update(tenant)")
            if not refused(lambda m=manager: m.update(tenant_id=world.victim.pk)):
                touched.append(f"{manager_name}.update(tenant_id)")
            if not refused(lambda m=manager: list(m.raw(f"SELECT * FROM {m.model._meta.db_table}"))):
                touched.append(f"{manager_name}.raw")
    assert touched == []
    assert world.stored() == world.values


def test_another_tenant_cannot_bulk_create_or_bulk_update(world: World) -> None:
    column = written_field(world.model)

    def upsert() -> None:
        row = world.copy(world.attacker.pk)
        row.pk = world.mine.pk
        key = world.model._meta.pk.name
        world.model.objects.bulk_create([row], update_conflicts=True, unique_fields=[key], update_fields=[column.name])

    foreign_row = world.copy(world.victim.pk)
    attacks: dict[str, Callable[[], Any]] = {
        "bulk_create": lambda: world.model.objects.bulk_create([foreign_row]),
        "bulk_create beside own": lambda: world.model.objects.bulk_create(
            [world.copy(world.attacker.pk), foreign_row]
        ),
        "upsert": upsert,
        "bulk_update": lambda: world.model.objects.bulk_update([world.fresh()], [column.name]),
        "create": lambda: world.model.objects.create(tenant=world.victim),
    }
    if hasattr(world.model, "history"):
        foreign_history = world.mine.history.model(id=world.mine.pk, tenant_id=world.victim.pk)
        attacks["history bulk_create"] = lambda: world.model.history.bulk_create([foreign_history])
        attacks["history create"] = lambda: world.model.history.create(tenant_id=world.victim.pk)
    with tenant_scope(world.attacker.pk):
        allowed = {name for name, action in attacks.items() if not refused(action)}
        assert allowed == set()
        refused(lambda: world.model.objects.bulk_update([world.forged()], [column.name]))  # or no row matches
    assert world.stored() == world.values


def test_another_tenant_cannot_save_delete_or_reload_an_object(world: World) -> None:
    attacks: dict[str, Callable[[], Any]] = {
        "save": world.fresh().save,
        "delete": world.fresh().delete,
        "refresh_from_db": world.fresh().refresh_from_db,
        "save forged": world.forged().save,
        "save forged with force_update": lambda: world.forged().save(force_update=True),
        "delete forged": world.forged().delete,
        "refresh_from_db forged": world.forged().refresh_from_db,
        "delete by key": lambda: world.model(pk=world.mine.pk, tenant_id=world.attacker.pk).delete(),
        "adopt": lambda: _adopt(world),
    }
    if hasattr(world.mine, "save_as"):
        from tests.factories import system_actor

        attacks["save_as"] = lambda: world.fresh().save_as(system_actor(), reason="attack")
        attacks["soft_delete_as"] = lambda: world.fresh().soft_delete_as(system_actor(), reason="attack")
    with tenant_scope(world.attacker.pk):
        allowed = {name for name, action in attacks.items() if not refused(action)}
    assert allowed == set()
    assert world.stored() == world.values


def _adopt(world: World) -> None:
    """Give one's own row to the victim, or to nobody."""
    row = world.model._base_manager.get(pk=world.theirs.pk)
    row.tenant_id = world.victim.pk
    row.save()


def test_no_foreign_key_leads_to_another_tenants_record(world: World) -> None:
    allowed = []
    for foreign_key in tenant_foreign_keys(world.model):
        with tenant_scope(world.victim.pk):
            target = make(foreign_key.related_model)
        with tenant_scope(world.attacker.pk):
            for name, action in _pointing_attacks(world, foreign_key, target):
                if not refused(action):
                    allowed.append(f"{foreign_key.name}: {name}")
    assert allowed == []


def _pointing_attacks(world: World, foreign_key: Any, target: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    manager, attname = world.model._base_manager, foreign_key.attname
    own = manager.filter(pk=world.theirs.pk)

    def pointed(value: Any) -> Any:
        row = manager.get(pk=world.theirs.pk)
        setattr(row, foreign_key.name if isinstance(value, models.Model) else attname, value)
        return row

    def copied() -> Any:
        row = world.copy(world.attacker.pk)
        setattr(row, attname, target.pk)
        return row

    if not is_history(world.model):  # history copies the record's columns, which the record's own save has proved
        yield "save with the key", lambda: pointed(target.pk).save()
        yield "save with the object", lambda: pointed(target).save()
        yield "insert", lambda: copied().save(force_insert=True)
        yield "update_fields", lambda: pointed(target.pk).save(update_fields=[foreign_key.name])
    yield "update with the key", lambda: own.update(**{attname: target.pk})
    yield "update with the key as text", lambda: own.update(**{foreign_key.name: str(target.pk)})
    yield "update with the object", lambda: own.update(**{foreign_key.name: target})
    yield "update with an expression", lambda: own.update(**{foreign_key.name: Value(target.pk)})
    yield "bulk_update", lambda: manager.bulk_update([pointed(target.pk)], [foreign_key.name])
    yield "bulk_create", lambda: manager.bulk_create([copied()])


def test_references_cannot_be_followed_into_another_tenant(world: World) -> None:
    """An object that was loaded in its own scope leads nowhere from another one."""
    seen = []
    row = world.fresh()
    with tenant_scope(world.attacker.pk):
        for foreign_key in tenant_foreign_keys(world.model):
            if getattr(row, foreign_key.attname) is not None and not refused(
                lambda f=foreign_key: getattr(row, f.name), because=(ObjectDoesNotExist,)
            ):
                seen.append(foreign_key.name)  # noqa: PERF401 - the loop says what is tried
        for relation in world.model._meta.related_objects:
            name = relation.get_accessor_name()
            if name is None or not hasattr(type(row), name):
                continue
            prefetch_related_objects([row], name)
            found = getattr(row, name, None) if relation.one_to_one else list(getattr(row, name).all())
            if found:
                seen.append(name)
        if hasattr(row, "history") and row.history.exists():
            seen.append("history")
    assert seen == []


def test_a_queryset_follows_the_scope_it_is_evaluated_in(world: World) -> None:
    with tenant_scope(world.victim.pk):
        plain = world.model.objects.all()
        filtered = world.model.objects.filter(tenant_id=world.victim.pk)
        annotated = world.model.objects.annotate(twin=F("tenant_id")).order_by()
        inner = world.model.objects.values("pk").order_by()
        kept = world.model.objects.all().query
        if not is_history(world.model):
            kept = pickle.loads(pickle.dumps(kept))
    with tenant_scope(world.attacker.pk):
        assert {row.tenant_id for row in plain} == {world.attacker.pk}
        assert list(filtered) == []
        assert {row.twin for row in annotated} == {world.attacker.pk}
        assert world.mine.pk not in set(world.model.objects.filter(pk__in=inner).values_list("pk", flat=True))
        assert {row.tenant_id for row in _with_query(world.model.objects, kept)} == {world.attacker.pk}
        assert async_to_sync(_collect)(filtered) == []


def test_nothing_outside_the_tenants_tables_leads_back_into_them(model: Any) -> None:
    """A reverse relation of User or Tenant would be a way in that no manager guards."""
    open_doors = [
        field.name
        for field in model._meta.concrete_fields
        if field.is_relation
        and not getattr(field.related_model, "tenant_owned", False)
        and not field.remote_field.hidden
    ]
    assert open_doors == [], f"give these related_name='+': {model._meta.label}"


def test_every_tenant_owned_model_has_the_base_managers_of_its_scope(model: Any) -> None:
    from plm_project.tenancy.managers import TenantManager

    assert isinstance(model._base_manager, TenantManager)
    assert isinstance(model._default_manager, TenantManager)
