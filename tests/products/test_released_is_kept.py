"""A released revision never changes: the services refuse it, and so does the database, whatever the statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from plm_project.core.exceptions import Conflict
from plm_project.core.ids import uuid7
from plm_project.outbox.models import OutboxEvent
from products import services
from products.exceptions import RevisionFrozen, RevisionResting
from products.models import BomLine, Product, ProductRevision
from products.services import LineInput
from tests.conftest import MakeActor
from tests.factories import make_line, make_product, release, revision_of, system_actor

pytestmark = pytest.mark.usefixtures("scope")

FROZEN = ("released", "superseded", "obsolete")
KEPT = "released revision never changes"


@pytest.fixture(params=FROZEN)
def line(request: Any, make_actor: MakeActor) -> BomLine:
    """A line of a revision that was released."""
    product = make_product("LAMP")
    bulb = make_product("BULB")
    release(bulb)
    line = make_line(product, bulb)
    make_product("SCREW")
    revision = revision_of(product)
    services.revision_release(actor=make_actor("plm_manager"), revision_id=revision.pk, reason="tests")
    if request.param == "superseded":
        services.revision_create(actor=system_actor(), product_id=product.pk)
        release(product)
    if request.param == "obsolete":
        services.revision_obsolete(actor=system_actor(), revision_id=revision.pk, reason="tests")
    line = BomLine.objects.select_related("parent_revision").get(pk=line.pk)
    assert line.parent_revision.state == request.param
    return line


def run(sql: str, parameters: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount


def stored(model: type[models.Model], name: str, value: Any) -> Any:
    """Return ``value`` as the column of the field ``name`` holds it."""
    return model._meta.get_field(name).get_db_prep_save(value, connection)


def update(row: models.Model, name: str, value: Any) -> int:
    model = type(row)
    column = model._meta.get_field(name).column
    return run(
        f'UPDATE "{model._meta.db_table}" SET "{column}" = %s WHERE id = %s',
        [stored(model, name, value), stored(model, "id", row.pk)],
    )


def delete(row: models.Model) -> int:
    model = type(row)
    return run(f'DELETE FROM "{model._meta.db_table}" WHERE id = %s', [stored(model, "id", row.pk)])


def insert_copy(line: BomLine) -> int:
    table = BomLine._meta.db_table
    columns = ", ".join(f'"{field.column}"' for field in BomLine._meta.concrete_fields if field.name != "id")
    return run(
        f'INSERT INTO "{table}" (id, {columns}) SELECT %s, {columns} FROM "{table}" WHERE id = %s',
        [stored(BomLine, "id", uuid7()), stored(BomLine, "id", line.pk)],
    )


def refused(work: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError, match=KEPT), transaction.atomic():
        work()


# --- by the services ------------------------------------------------------------------------------------------------
def edits_of(line: BomLine) -> list[Callable[[], Any]]:
    actor, revision = system_actor(), line.parent_revision
    screw = Product.objects.get(product_number="SCREW")
    one_more = LineInput(child_id=screw.pk, quantity=line.quantity)
    return [
        lambda: services.line_add(actor=actor, revision_id=revision.pk, line=one_more),
        lambda: services.line_update(actor=actor, line_id=line.pk, changes={"quantity": line.quantity + 1}),
        lambda: services.line_remove(actor=actor, line_id=line.pk),
    ]


def test_the_services_refuse(line: BomLine) -> None:
    events, history = OutboxEvent.objects.count(), BomLine.history.count()
    for edit in edits_of(line):
        with pytest.raises(RevisionFrozen, match="Open an engineering change"):
            edit()
    with pytest.raises(Conflict):
        services.revision_update(
            actor=system_actor(), revision_id=line.parent_revision_id, changes={"description": "other"}
        )
    assert (OutboxEvent.objects.count(), BomLine.history.count()) == (events, history)


def test_lines_rest_while_in_review() -> None:
    product = make_product("LAMP")
    line = make_line(product, make_product("BULB"))
    make_product("SCREW")
    services.revision_submit(actor=system_actor(), revision_id=revision_of(product).pk)
    line = BomLine.objects.select_related("parent_revision").get(pk=line.pk)
    for edit in edits_of(line):
        with pytest.raises(RevisionResting, match="in review"):
            edit()


# --- by the models --------------------------------------------------------------------------------------------------
def test_saving_the_models_is_refused(line: BomLine) -> None:
    revision = line.parent_revision
    with pytest.raises(AttributeError):
        revision.state = "in_work"
    revision.description = "other"
    refused(lambda: revision.save_as(system_actor(), reason="sneaky"))
    line.quantity += 1
    refused(lambda: line.save_as(system_actor(), reason="sneaky"))
    refused(lambda: line.soft_delete_as(system_actor(), reason="sneaky"))
    refused(lambda: BomLine.objects.filter(pk=line.pk).update(notes="sneaky"))


# --- by the database ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tenant", uuid7()),
        ("product", uuid7()),
        ("sequence", 99),
        ("label", "ZZ"),
        ("description", "other"),
        ("effective_from", dt.date(2001, 1, 1)),
        ("effective_from", None),
        ("released_at", None),
        ("released_by", None),
        ("is_deleted", True),
        ("state", "in_work"),
        ("state", "in_review"),
    ],
)
def test_the_database_keeps_the_revision(line: BomLine, name: str, value: Any) -> None:
    refused(lambda: update(line.parent_revision, name, value))


def test_the_database_keeps_the_order_of_states(line: BomLine) -> None:
    """The state goes released → superseded → obsolete and never back."""
    place = FROZEN.index(line.parent_revision.state)
    for earlier in FROZEN[:place]:
        refused(lambda state=earlier: update(line.parent_revision, "state", state))  # type: ignore[misc]
    for later in FROZEN[place:]:
        assert update(line.parent_revision, "state", later) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quantity", 7),
        ("find_number", 70),
        ("unit_of_measure", "kg"),
        ("reference_designators", ["X1"]),
        ("notes", "other"),
        ("effective_to", dt.date(2001, 1, 1)),
        ("is_deleted", True),
    ],
)
def test_the_database_keeps_the_lines(line: BomLine, name: str, value: Any) -> None:
    refused(lambda: update(line, name, value))


def test_the_database_neither_adds_nor_moves_nor_deletes(line: BomLine) -> None:
    other = make_line(make_product("OTHER"), Product.objects.get(product_number="SCREW"))
    refused(lambda: insert_copy(line))
    refused(lambda: update(other, "parent_revision", line.parent_revision_id))
    refused(lambda: update(line, "parent_revision", other.parent_revision_id))
    refused(lambda: delete(line))
    refused(lambda: delete(line.parent_revision))


def test_the_same_statements_change_what_is_in_work() -> None:
    """It is the release that the database minds."""
    line = make_line(make_product("LAMP"), make_product("BULB"))
    revision = ProductRevision.objects.get(pk=line.parent_revision_id)
    assert insert_copy(line) == 1
    assert update(line, "notes", "other") == 1
    assert update(revision, "description", "other") == 1
    assert update(revision, "label", "ZZ") == 1
    assert delete(line) == 1
