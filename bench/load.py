"""Loads a catalogue through COPY into the real tables: products, revisions, lines and a history row of each.

What services would write beside that (outbox events) is left out: no question reads it. Lines come in while their
revisions are in work, and the revisions are released afterwards, for the triggers that keep what is released are on.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, models, transaction

from bench.shape import SINCE, Catalogue, Part
from plm_project.core.ids import uuid7
from plm_project.tenancy.provisioning import tenant_create
from plm_project.tenancy.roles import acting_as_owner, refresh_statistics
from products.models import BomLine, Product, ProductRevision

MOMENT = dt.datetime(2025, 12, 31, 12, tzinfo=dt.UTC)
DATES = {"superseded": ("2018-01-01", SINCE), "obsolete": (SINCE, SINCE)}
LABELS = ("A", "B")


@dataclass
class Loaded:
    """The tenant, and the key of every part's product and newest revision by the part's place."""

    tenant_id: uuid.UUID
    catalogue: Catalogue
    products: list[uuid.UUID]
    revisions: list[uuid.UUID]


def catalogue_load(slug: str, catalogue: Catalogue) -> Loaded:
    """Load the catalogue into a tenant of its own."""
    tenant = tenant_create(slug=slug, name=slug)[0]
    loaded = Loaded(tenant.pk, catalogue, [], [])
    with acting_as_owner(connection), transaction.atomic():
        _copy(Product, _products(loaded))
        released = list(_revisions(loaded))
        _copy(ProductRevision, ({**row, "state": "in_work", "effective_to": None} for row in released))
        _copy(BomLine, _lines(loaded))
        _release(released)
        for model in (Product, ProductRevision, BomLine):
            _history(model, tenant.pk)
    refresh_statistics(connection, Product, ProductRevision, BomLine, *map(_history_model, (Product, BomLine)))
    return loaded


def _history_model(model: Any) -> type[models.Model]:
    return model.history.model  # type: ignore[no-any-return]


def _ground(tenant_id: uuid.UUID) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "tenant_id": tenant_id,
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "is_deleted": False,
        "version": 1,
        "effective_to": None,
    }


def _products(loaded: Loaded) -> Iterable[dict[str, Any]]:
    for part in loaded.catalogue.parts:
        row = _ground(loaded.tenant_id)
        loaded.products.append(row["id"])
        yield {
            **row,
            "product_number": part.number,
            "product_name": f"{'Assembly' if part.is_assembly else 'Component'} {part.number}",
            "product_description": "",
            "product_type": "subassembly" if part.is_assembly else "purchased",
            "lifecycle_phase": "production",
            "revision": LABELS[part.revisions - 1],
            "status": "active",
            "target_cost": Decimal(0),
            "current_cost": part.cost,
            "mass_kg": part.mass,
            "unit_of_measure": part.unit,
            "manufacturing_status": "",
            "digital_twin_id": "",
            "custom_attributes": "{}",
            "tags": "[]",
        }


def _revisions(loaded: Loaded) -> Iterable[dict[str, Any]]:
    for part, product_id in zip(loaded.catalogue.parts, loaded.products, strict=True):
        for sequence in range(1, part.revisions + 1):
            row = _ground(loaded.tenant_id)
            state = part.state if sequence == part.revisions else "superseded"
            since, until = DATES.get(state, (None if state == "in_work" else SINCE, None))
            yield {
                **row,
                "product_id": product_id,
                "sequence": sequence,
                "label": LABELS[sequence - 1],
                "state": state,
                "description": "",
                "effective_from": since,
                "effective_to": until,
            }
        loaded.revisions.append(row["id"])


def _lines(loaded: Loaded) -> Iterable[dict[str, Any]]:
    parts: Sequence[Part] = loaded.catalogue.parts
    for use in loaded.catalogue.uses:
        yield {
            **_ground(loaded.tenant_id),
            "parent_revision_id": loaded.revisions[use.parent],
            "child_id": loaded.products[use.child],
            "quantity": use.quantity,
            "unit_of_measure": parts[use.child].unit,
            "find_number": use.find_number,
            "reference_designators": json.dumps(use.designators),
            "effective_from": use.since,
            "effective_to": use.until,
            "notes": "",
            "custom_attributes": "{}",
        }


def _copy(model: type[models.Model], rows: Iterable[dict[str, Any]]) -> None:
    """Copy the rows in; a column that they say nothing of holds what the model takes by default."""
    usual = {str(field.column): field.get_default() for field in model._meta.concrete_fields}
    statement = f"COPY {model._meta.db_table} ({', '.join(usual)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([row.get(column, default) for column, default in usual.items()])


def _release(revisions: Sequence[dict[str, Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_states (id uuid, state text, until date) ON COMMIT DROP")
        with cursor.copy("COPY bench_states FROM STDIN") as copy:
            for row in revisions:
                copy.write_row([row["id"], row["state"], row["effective_to"]])
        cursor.execute(
            f"UPDATE {ProductRevision._meta.db_table} r SET state = s.state, effective_to = s.until, "
            f"released_at = CASE WHEN s.state = 'in_work' THEN NULL ELSE r.created_at END "
            f"FROM bench_states s WHERE s.id = r.id"
        )


def _history(model: Any, tenant_id: uuid.UUID) -> None:
    history = model.history.model
    columns = ", ".join(field.column for field in history.tracked_fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {history._meta.db_table} ({columns}, history_id, history_date, history_type, "
            f"history_actor, history_request_id, history_change_reason) "
            f"SELECT {columns}, gen_random_uuid(), %s, '+', 'bench', '', 'bench' FROM {model._meta.db_table} "
            f"WHERE tenant_id = %s",
            [MOMENT, tenant_id],
        )
