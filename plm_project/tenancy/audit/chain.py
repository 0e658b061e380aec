"""The chain of a tenant's audit trail: blocks of hashes over history rows, each holding the hash of the one before.

``trail_seal`` takes what was written since. It is called after every transaction that published an event (with its
relay), by the schedule every minute, and every hour for what took long to be committed.

``trail_verify`` finds what was changed or removed after it was sealed, what was inserted by others at any time, and
blocks that are not as they were. Who can write the database can also make a whole new chain, so its head is to be kept
elsewhere (``manage.py audit_verify`` says it), and a kept head is looked for in the chain.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from plm_project.core.decimals import plain
from plm_project.core.locks import Lock, take, try_take
from plm_project.core.progress import Progress, unheard
from plm_project.tenancy.audit.keys import earliest_key, is_ours
from plm_project.tenancy.history import ScopedHistory
from plm_project.tenancy.id_sets import in_ids
from plm_project.tenancy.models import AuditBlock
from plm_project.tenancy.scope import require_tenant_id

ROWS_A_BLOCK = 5_000
# How long before the last block a row may have been written and still be looked for: its transaction was not over then.
AT_ONCE, LATER, LATE = dt.timedelta(minutes=1), dt.timedelta(minutes=10), dt.timedelta(hours=3)
SKEW = dt.timedelta(seconds=30)  # between the clocks of two processes
CHUNK = 2_000
NOTHING = "0" * 64


@dataclass(frozen=True)
class TrailFault:
    """What is not as it was. ``what``: changed, removed, inserted or block; ``table`` and ids are empty for a block."""

    what: str
    table: str
    record_id: str
    history_id: str
    message: str


@dataclass
class TrailCheck:
    """What a check found: ``unsealed`` rows are ours and younger than the last block; ``head`` is the chain's last hash."""

    blocks: int = 0
    rows: int = 0
    unsealed: int = 0
    head: str = NOTHING
    faults: list[TrailFault] = field(default_factory=list)


def history_models() -> list[Any]:
    """Return the models of history rows that belong to tenants, by label."""
    return sorted((one for one in apps.get_models() if issubclass(one, ScopedHistory)), key=_label)


@transaction.atomic
def trail_seal(back: dt.timedelta = LATE, *, at_once: bool = False) -> int:
    """Seal what the running tenant has written since; return how many rows. ``back`` before the last block is looked at.

    ``at_once``, for who has somebody waiting: one block at most, and nothing while another seals; the schedule does the
    rest. Rows with a foreign key are left for ``trail_verify`` to name, but those that are older than the chain are
    taken as they are.
    """
    tenant_id = require_tenant_id()
    if not at_once:
        take(Lock.AUDIT, tenant_id)
    elif not try_take(Lock.AUDIT, tenant_id):
        return 0
    last = AuditBlock.objects.order_by("-number").first()
    new = _unsealed(tenant_id, last, back, ROWS_A_BLOCK if at_once else None)
    sealed, waiting = 0, 0
    pending: dict[str, Any] = {}
    for model, row in _rows_of(new):
        label, columns = _label(model), _columns(model)
        part = pending.setdefault(label, {"columns": columns, "ids": [], "hashes": []})
        part["ids"].append(row["history_id"].hex)
        part["hashes"].append(_row_hash(row, columns))
        waiting += 1
        if waiting == ROWS_A_BLOCK:
            last, pending, waiting, sealed = _write(last, pending, waiting), {}, 0, sealed + waiting
    if waiting:
        _write(last, pending, waiting)
    return sealed + waiting


def trail_verify(*, head: str = "", progress: Progress = unheard) -> TrailCheck:
    """Check the running tenant's whole trail. ``head``: a hash that must be in the chain."""
    tenant_id = require_tenant_id()
    check = TrailCheck()
    expected: dict[str, dict[uuid.UUID, tuple[str, tuple[str, ...]]]] = {}
    seen = {NOTHING}
    for block in AuditBlock.objects.order_by("number").iterator(20):
        _judge_block(block, check)
        seen.add(block.hash)
        for label, part in block.entries.items():
            columns, found = tuple(part["columns"]), expected.setdefault(label, {})
            for key, row_hash in zip(part["ids"], part["hashes"], strict=True):
                found[uuid.UUID(key)] = (row_hash, columns)
    if head and head not in seen:
        check.faults.append(
            TrailFault("block", "", "", "", f"the chain does not hold {head}: it was cut or made anew")
        )
    found_models = {_label(model): model for model in history_models()}
    for at, (label, model) in enumerate(found_models.items()):
        progress(label, at, len(found_models))
        _judge_table(model, label, tenant_id, expected.pop(label, {}), check)
    for label, rows in expected.items():
        check.faults += [_fault("removed", label, "", key, "its table is gone") for key in rows]
    return check


def _judge_block(block: AuditBlock, check: TrailCheck) -> None:
    check.blocks += 1
    if block.number != check.blocks or block.previous != check.head:
        check.faults.append(
            TrailFault("block", "", "", "", f"block {block.number} does not follow the one before: blocks are missing")
        )
        check.blocks = block.number
    if block.hash != _block_hash(block):
        check.faults.append(TrailFault("block", "", "", "", f"block {block.number} was changed"))
    check.head = block.hash


def _judge_table(
    model: Any,
    label: str,
    tenant_id: uuid.UUID,
    expected: dict[uuid.UUID, tuple[str, tuple[str, ...]]],
    check: TrailCheck,
) -> None:
    now = set(_columns(model))
    for row in model.objects.order_by("history_id").values(*now).iterator(CHUNK):
        check.rows += 1
        key, record = row["history_id"], str(row["id"])
        sealed = expected.pop(key, None)
        if sealed is None:
            if is_ours(key, model._meta.db_table, tenant_id, row["id"]):
                check.unsealed += 1
            else:
                check.faults.append(_fault("inserted", label, record, key, "was not written by the application"))
            continue
        row_hash, columns = sealed
        if not now.issuperset(columns):
            gone = ", ".join(sorted(set(columns) - now))
            check.faults.append(_fault("changed", label, record, key, f"its columns are gone: {gone}"))
        elif _row_hash(row, columns) != row_hash:
            check.faults.append(_fault("changed", label, record, key, "is not what was sealed"))
    check.faults += [_fault("removed", label, "", key, "was sealed and is gone") for key in expected]


def _fault(what: str, label: str, record: str, key: uuid.UUID, message: str) -> TrailFault:
    return TrailFault(what, label, record, str(key), message)


def _unsealed(
    tenant_id: uuid.UUID, last: AuditBlock | None, back: dt.timedelta, most: int | None
) -> dict[str, list[uuid.UUID]]:
    """Return the keys of the rows to seal, by table and in order; of what is known already only keys are read."""
    since = None if last is None else earliest_key(int((last.sealed_at - back).timestamp() * 1000))
    known = _recently_sealed(last, back)
    new: dict[str, list[uuid.UUID]] = {}
    count = 0
    for table, key, record in _written(tenant_id, since, None if most is None else most + len(known)):
        if key not in known and (last is None or is_ours(key, table, tenant_id, record)) and count != most:
            new.setdefault(table, []).append(key)
            count += 1
    return new


def _rows_of(keys: Mapping[str, Sequence[uuid.UUID]]) -> Iterator[tuple[Any, dict[str, Any]]]:
    for model in history_models():
        wanted = keys.get(model._meta.db_table, ())
        for start in range(0, len(wanted), CHUNK):
            rows = model.objects.filter(in_ids("history_id", wanted[start : start + CHUNK])).order_by("history_id")
            yield from ((model, row) for row in rows.values(*_columns(model)))


def _written(
    tenant_id: uuid.UUID, since: uuid.UUID | None, most: int | None
) -> Iterator[tuple[str, uuid.UUID, uuid.UUID]]:
    """Yield table, key and record of the tenant's history rows, all or those whose keys are not older: one statement."""
    stored = models.UUIDField().get_db_prep_value
    tenant = stored(tenant_id, connection)
    later = "" if since is None else " AND history_id >= %s"
    one = [tenant] if since is None else [tenant, stored(since, connection)]
    names = [model._meta.db_table for model in history_models()]
    parts = [
        f"SELECT '{name}', history_id, id FROM {connection.ops.quote_name(name)} WHERE tenant_id = %s{later}"
        for name in names
    ]
    limit = "" if most is None else f" LIMIT {most:d}"
    with connection.cursor() as cursor:
        cursor.execute(f"{' UNION ALL '.join(parts)} ORDER BY 1, 2{limit}", one * len(names))
        for table, key, record in cursor.fetchall():
            yield table, _uuid(key), _uuid(record)


def _uuid(value: Any) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def _recently_sealed(last: AuditBlock | None, back: dt.timedelta) -> set[uuid.UUID]:
    """Return what the blocks hold that may be met again: no row is in a block that is older than its key."""
    if last is None:
        return set()
    blocks = AuditBlock.objects.filter(sealed_at__gte=last.sealed_at - back - SKEW)
    return {uuid.UUID(key) for block in blocks for part in block.entries.values() for key in part["ids"]}


def _write(last: AuditBlock | None, entries: dict[str, Any], rows: int) -> AuditBlock:
    block = AuditBlock(
        number=last.number + 1 if last is not None else 1,
        previous=last.hash if last is not None else NOTHING,
        sealed_at=dt.datetime.fromtimestamp(time.time(), dt.UTC),
        rows=rows,
        entries=entries,
    )
    block.hash = _block_hash(block)
    block.save()
    return block


def _block_hash(block: AuditBlock) -> str:
    moment = block.sealed_at.astimezone(dt.UTC).isoformat()
    said = [block.previous, block.number, moment, block.rows, block.entries]
    return hashlib.sha256(_canonical(said).encode()).hexdigest()


def _columns(model: Any) -> list[str]:
    return sorted(column.attname for column in model._meta.concrete_fields)


def _row_hash(row: dict[str, Any], columns: Sequence[str]) -> str:
    said = _canonical([[name, row[name]] for name in columns])
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_text)


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return str(value)


def _label(model: Any) -> str:
    return str(model._meta.label)
