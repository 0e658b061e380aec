"""The lowest room: ids, exact decimals, the actor, locks."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from decimal import Decimal, Inexact, localcontext

import pytest
import time_machine
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from plm_project.core import clock
from plm_project.core.actor import Actor, acting_as, current_actor
from plm_project.core.decimals import exact, plain
from plm_project.core.exceptions import PermissionDenied, PlmError, ValidationFailed
from plm_project.core.ids import uuid7
from plm_project.core.locks import Lock, _key, take, try_take


def test_ids_are_uuidv7_of_the_standard_library_and_sort_by_time() -> None:
    ids = [uuid7() for _each in range(2000)]
    assert all(type(value) is uuid.UUID and value.version == 7 and value.variant == uuid.RFC_4122 for value in ids)
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    stamp = dt.datetime.fromtimestamp((ids[0].int >> 80) / 1000, dt.UTC)
    assert abs(stamp - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)


def test_today_is_judged_in_the_active_time_zone() -> None:
    with time_machine.travel(dt.datetime(2026, 3, 1, 23, 30, tzinfo=dt.UTC), tick=False):
        assert clock.now().tzinfo is not None
        assert clock.today() == dt.date(2026, 3, 1)
        from django.utils import timezone

        with timezone.override("Asia/Tokyo"):
            assert clock.today() == dt.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("value", "text"),
    [("1.500", "1.5"), ("1E+3", "1000"), ("0.000", "0"), ("-0.0", "0"), ("-0", "0"), ("100", "100"), ("-1.10", "-1.1"),
     ("1E-7", "0.0000001"), ("0E+5", "0")],
)  # fmt: skip
def test_plain_notation(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**12), max_value=10**12))
def test_plain_notation_keeps_the_value(value: Decimal) -> None:
    text = plain(value)
    assert Decimal(text) == value
    assert "E" not in text
    assert not text.startswith("-0") or text.startswith("-0.")


def test_plain_notation_does_not_round_in_a_narrow_context() -> None:
    with localcontext() as context:
        context.prec = 3
        assert plain(Decimal("123456.789")) == "123456.789"


def test_exact_arithmetic_is_exact_or_an_error() -> None:
    with exact():
        assert Decimal("0.000001") ** 12 == Decimal("1E-72")
        product = Decimal(1)
        for _level in range(13):
            product *= Decimal("999999999999999")
        assert product % 10 == Decimal("999999999999999") ** 13 % 10
        with pytest.raises(Inexact):
            Decimal(1) / Decimal(3)
    assert Decimal(1) / Decimal(3) > 0


def test_an_actor_is_frozen_and_denies_by_default() -> None:
    actor = Actor(kind="user", tenant_id=uuid7(), permissions=frozenset({"plm.products.read"}))
    with pytest.raises(dataclasses.FrozenInstanceError):
        actor.tenant_id = uuid7()  # type: ignore[misc]
    assert actor.may("plm.products.read")
    for refused in ("plm.products", "plm.products.read.all", "", "PLM.PRODUCTS.READ", "*"):
        assert not actor.may(refused)
        with pytest.raises(PermissionDenied):
            actor.require(refused)
    assert Actor.system(uuid7()).may("anything")


def test_the_current_actor_ends_with_its_block() -> None:
    actor = Actor.system(uuid7())
    with pytest.raises(ZeroDivisionError), acting_as(actor):
        assert current_actor() is actor
        raise ZeroDivisionError
    assert current_actor() is None


def test_every_refusal_has_its_own_code_and_status() -> None:
    from plm_project.core import exceptions

    found = {
        cls.error_code: cls.status_code
        for cls in vars(exceptions).values()
        if isinstance(cls, type) and issubclass(cls, PlmError)
    }
    assert found == {
        "INTERNAL_ERROR": 500, "VALIDATION_ERROR": 400, "AUTHENTICATION_REQUIRED": 401, "PERMISSION_DENIED": 403,
        "NOT_FOUND": 404, "CONFLICT": 409, "PRECONDITION_FAILED": 412, "RATE_LIMITED": 429,
    }  # fmt: skip
    refusal = ValidationFailed.field("quantity", "Too small.")
    assert (str(refusal), refusal.details) == ("Too small.", {"quantity": ["Too small."]})


# --- locks ---------------------------------------------------------------------------------------------------------
@given(st.uuids(), st.sampled_from(Lock))
def test_a_lock_key_fits_the_database_and_tells_locks_apart(tenant_id: uuid.UUID, lock: Lock) -> None:
    key = _key(lock, tenant_id)
    assert -(2**63) <= key < 2**63
    assert len({_key(other, tenant_id) for other in Lock}) == len(Lock)


def test_a_lock_needs_a_transaction(transactional_db: None) -> None:
    for acquire in (take, try_take):
        with pytest.raises(RuntimeError, match="inside a transaction"):
            acquire(Lock.STRUCTURE, uuid7())


@pytest.mark.postgres
def test_a_lock_is_held_to_the_end_of_the_transaction_against_everybody_else(transactional_db: None) -> None:
    import threading

    tenant_id, other = uuid7(), uuid7()
    seen: list[list[bool]] = []

    def ask() -> None:
        try:
            with transaction.atomic():
                keys = ((Lock.STRUCTURE, tenant_id), (Lock.STRUCTURE, other), (Lock.PROVISIONING, tenant_id))
                seen.append([try_take(lock, key) for lock, key in keys])
        finally:
            connection.close()

    def ask_elsewhere() -> None:
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(timeout=20)

    with transaction.atomic():
        take(Lock.STRUCTURE, tenant_id)
        with transaction.atomic():
            pass
        ask_elsewhere()
    ask_elsewhere()
    assert seen == [[False, True, True], [True, True, True]]
