"""The scope: which tenant the running code works for. Without one, no tenant-owned row can be read or written.

First wall: managers compile ``CurrentTenant`` into every query (``managers.py``). Second wall: on PostgreSQL the scope
opens a transaction and sets ``plm.tenant`` for it, which the row-level security policies read (``row_security.py``).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar

from django.db import connection, transaction


class TenantScopeMissing(RuntimeError):
    """A tenant-owned table was touched outside of a tenant's scope: a fault in the calling code, never "all rows"."""


_tenant: ContextVar[uuid.UUID | None] = ContextVar("plm_tenant", default=None)
_person: ContextVar[uuid.UUID | None] = ContextVar("plm_person", default=None)
_owns_transaction: ContextVar[bool] = ContextVar("plm_scope_owns_transaction", default=False)


def current_tenant_id() -> uuid.UUID | None:
    """Return the tenant of the running scope, or None outside of one."""
    return _tenant.get()


def require_tenant_id() -> uuid.UUID:
    """Return the tenant of the running scope; raise TenantScopeMissing outside of one."""
    tenant_id = _tenant.get()
    if tenant_id is None:
        raise TenantScopeMissing("This needs a tenant: run it inside tenant_scope(tenant_id).")
    return tenant_id


def current_person_id() -> uuid.UUID | None:
    """Return the person of the running person_scope (their own memberships, whichever tenant), or None."""
    return _person.get()


@contextmanager
def tenant_scope(tenant_id: uuid.UUID, *, atomic: bool = False) -> Iterator[None]:
    """Work for one tenant. Scopes may be nested; the outer tenant is restored afterwards.

    On PostgreSQL the block is one transaction (or a savepoint of the running one), because the row security variable
    lives as long as the transaction and can therefore never reach the next user of a pooled connection. On SQLite a
    transaction is opened only with ``atomic=True``: it would lock out other writers.
    """
    with _bound(_tenant, "plm.tenant", tenant_id, atomic=atomic):
        yield


@contextmanager
def person_scope(user_id: uuid.UUID) -> Iterator[None]:
    """Let a person see their own memberships before (or without) choosing a tenant. Opens nothing else."""
    with _bound(_person, "plm.person", user_id, atomic=False):
        yield


@contextmanager
def _bound(variable: ContextVar[uuid.UUID | None], setting: str, value: uuid.UUID, *, atomic: bool) -> Iterator[None]:
    if not isinstance(value, uuid.UUID):
        raise TypeError(f"A scope is opened by a UUID, not by {type(value).__name__}")
    secured = connection.vendor == "postgresql"
    outermost = not connection.in_atomic_block
    value_token = variable.set(value)
    own_token = _owns_transaction.set(secured or atomic)
    try:
        with transaction.atomic() if secured or atomic else nullcontext():
            if secured:
                before = "" if outermost else _read_setting(setting)
                _write_setting(setting, str(value))
            yield
            # SET LOCAL outlives the release of a savepoint: put the outer value back by hand.
            # (A rollback does so by itself, and at the end of the outermost transaction the value is gone.)
            if secured and not outermost and not connection.needs_rollback:
                _write_setting(setting, before)
    finally:
        _owns_transaction.reset(own_token)
        variable.reset(value_token)


def roll_back_scope() -> None:
    """Undo everything written in the running scope when it ends: a refused request leaves nothing behind.

    Does nothing where the scope opened no transaction of its own (reading on SQLite).
    """
    if _owns_transaction.get():
        transaction.set_rollback(True)


def _read_setting(setting: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(current_setting(%s, true), '')", [setting])
        return str(cursor.fetchone()[0])


def _write_setting(setting: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [setting, value])
