"""Numbers without gaps or repeats, with real connections side by side on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import OperationalError, close_old_connections, connection, transaction

from plm_project.tenancy.models import Tenant
from plm_project.tenancy.numbering import take_number
from plm_project.tenancy.provisioning import tenant_create
from plm_project.tenancy.scope import tenant_scope

THREADS, EACH = 6, 8


@pytest.fixture
def committed(transactional_db: None) -> tuple[Tenant, Tenant]:
    """Two tenants that every connection sees."""
    return tenant_create(slug="acme", name="Acme")[0], tenant_create(slug="globex", name="Globex")[0]


def in_threads(work: Callable[[int], None], count: int) -> None:
    """Run ``work(index)`` in threads with connections of their own; raise what any of them raised."""
    faults: list[BaseException] = []
    start = threading.Barrier(count)

    def body(index: int) -> None:
        close_old_connections()
        try:
            start.wait(timeout=20)
            work(index)
        except BaseException as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=body, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "a taker waits for ever"
    if faults:
        raise faults[0]


def test_parallel_takers_get_every_number_once_and_leave_no_gap(committed: tuple[Tenant, Tenant]) -> None:
    """Every third taker fails after it took its number and gives it back. The tenants count for themselves."""
    first, second = committed
    kept: dict[object, list[int]] = {first.pk: [], second.pk: []}

    def work(index: int) -> None:
        tenant = (first, second)[index % 2]
        for attempt in range(EACH):
            try:
                with tenant_scope(tenant.pk, atomic=True):
                    number = take_number("change")
                    if attempt % 3 == 2:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                continue
            kept[tenant.pk].append(number)

    in_threads(work, THREADS)
    per_tenant = THREADS // 2 * sum(attempt % 3 != 2 for attempt in range(EACH))
    for tenant in committed:
        assert sorted(kept[tenant.pk]) == list(range(1, per_tenant + 1))


def test_the_first_two_takers_of_a_tenant_may_arrive_together(committed: tuple[Tenant, Tenant]) -> None:
    numbers: list[int] = []

    def work(_index: int) -> None:
        with tenant_scope(committed[0].pk, atomic=True):
            numbers.append(take_number("fresh"))

    in_threads(work, 4)
    assert sorted(numbers) == [1, 2, 3, 4]


def test_a_savepoint_gives_its_number_back(tenant: Tenant, scope: None) -> None:
    assert take_number("change") == 1
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert take_number("change") == 2
        raise ZeroDivisionError
    assert take_number("change") == 2
    assert take_number("other") == 1


@pytest.mark.postgres
def test_a_second_taker_waits_for_the_first(committed: tuple[Tenant, Tenant]) -> None:
    """The row is locked until the first one's transaction ends: proved by a lock timeout."""
    first, _second = committed
    with tenant_scope(first.pk, atomic=True):
        take_number("change")
    waited: list[bool] = []

    def late(_index: int) -> None:
        try:
            with tenant_scope(first.pk, atomic=True):
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '300ms'")
                take_number("change")
        except OperationalError:
            waited.append(True)

    with tenant_scope(first.pk, atomic=True):
        assert take_number("change") == 2
        in_threads(late, 1)
    assert waited == [True]
