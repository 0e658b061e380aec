"""The audit trail: whoever changes, removes or inserts a row behind the application is found, and so is a cut chain."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from plm_project.core import clock
from plm_project.core.ids import uuid7
from plm_project.outbox.relay import relay_and_seal
from plm_project.tenancy.audit.chain import NOTHING, history_models, trail_seal, trail_verify
from plm_project.tenancy.audit.keys import audit_key, earliest_key, is_ours
from plm_project.tenancy.models import AuditBlock, Tenant
from plm_project.tenancy.scope import tenant_scope
from plm_project.tenancy.tasks import seal
from products.models import BomLine, Product
from products.services import product_update
from tests.factories import make_assembly, make_product, system_actor

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("scope")]


@pytest.fixture
def product() -> Product:
    """A product with a few lines (written in bulk), one update, and all of it sealed."""
    product = make_assembly("LAMP", [(make_product(f"PART-{at}"), 1) for at in range(5)])
    product_update(actor=system_actor(), product_id=product.pk, changes={"product_name": "Bright lamp"})
    assert trail_seal() > 10
    return product


def faults() -> list[tuple[str, str]]:
    return [(fault.what, fault.table) for fault in trail_verify().faults]


def test_what_the_application_writes_is_right(product: Product) -> None:
    check = trail_verify()
    assert (check.faults, check.unsealed, check.blocks) == ([], 0, 1)
    assert check.rows == sum(model.objects.count() for model in history_models())
    assert check.head == AuditBlock.objects.get().hash
    assert trail_seal() == 0  # nothing new
    product_update(actor=system_actor(), product_id=product.pk, changes={"product_name": "Brighter lamp"})
    assert (trail_verify().unsealed, trail_verify().faults) == (1, [])
    assert trail_seal() == 1
    blocks = list(AuditBlock.objects.order_by("number"))
    assert [block.number for block in blocks] == [1, 2] and blocks[1].previous == blocks[0].hash
    assert blocks[0].previous == NOTHING
    assert trail_verify(head=blocks[0].hash).faults == []


@pytest.mark.parametrize(
    "values",
    [
        {"product_name": "Another"},
        {"history_actor": "somebody@else.example"},
        {"history_date": clock.now() - dt.timedelta(days=400)},
        {"history_change_reason": "as agreed"},
        {"history_type": "-"},
        {"custom_attributes": {"a": 1}},
    ],
)
def test_a_changed_row_is_found(product: Product, values: dict[str, Any]) -> None:
    row = product.history.order_by("history_id").first()
    type(row).objects.filter(pk=row.pk).update(**values)
    (fault,) = trail_verify().faults
    assert (fault.what, fault.table) == ("changed", "products.HistoricalProduct")
    assert (fault.history_id, fault.record_id) == (str(row.pk), str(product.pk))


def test_a_removed_row_is_found(product: Product) -> None:
    row = BomLine.history.first()
    BomLine.history.filter(pk=row.pk).delete()
    (fault,) = trail_verify().faults
    assert (fault.what, fault.table, fault.history_id) == ("removed", "products.HistoricalBomLine", str(row.pk))


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("key", [uuid7, uuid.uuid4, lambda: earliest_key(0)])
def test_an_inserted_row_is_found(product: Product, key: Callable[[], uuid.UUID], sealed: bool) -> None:
    """A copy of a true row under another key, whether or not the sealing comes by afterwards."""
    table = Product.history.model._meta.db_table
    columns = [column.column for column in Product.history.model._meta.concrete_fields if not column.primary_key]
    row = product.history.order_by("history_id").first()
    made = key()
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        as_stored = [Product._meta.pk.get_db_prep_value(one, connection) for one in (made, row.pk)]
        cursor.execute(
            f"INSERT INTO {table} (history_id, {names}) SELECT %s, {names} FROM {table} WHERE history_id = %s",
            as_stored,
        )
    if sealed:
        assert trail_seal() == 0
    (fault,) = trail_verify().faults
    assert (fault.what, fault.table, fault.history_id) == ("inserted", "products.HistoricalProduct", str(made))


def test_a_key_is_for_one_record_of_one_table(tenant: Tenant) -> None:
    """Neither another record, nor another table, tenant, moment or count has the same."""
    record, other = uuid7(), uuid7()
    key = audit_key("one", tenant.pk, record)
    assert key.version == 7 and key.variant == uuid.RFC_4122
    assert is_ours(key, "one", tenant.pk, record)
    for wrong in (("two", tenant.pk, record), ("one", other, record), ("one", tenant.pk, other)):
        assert not is_ours(key, *wrong)
    for bit in range(128):
        assert not is_ours(uuid.UUID(int=key.int ^ 1 << bit), "one", tenant.pk, record)
    keys = [audit_key("one", tenant.pk, record) for _each in range(3000)]
    assert len(set(keys)) == 3000


def test_a_rotated_secret_spoils_nothing(product: Product, settings: Any) -> None:
    product_update(actor=system_actor(), product_id=product.pk, changes={"product_name": "Not sealed yet"})
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "another secret altogether, for a while"
    assert faults() == [("inserted", "products.HistoricalProduct")]  # with the old one forgotten, it cannot be known
    settings.SECRET_KEY_FALLBACKS = [old]
    assert faults() == []
    settings.AUDIT_KEY = "a key of its own"
    assert faults() == [("inserted", "products.HistoricalProduct")]


def test_a_changed_or_missing_block_is_found(product: Product) -> None:
    for at in range(3):
        product_update(actor=system_actor(), product_id=product.pk, changes={"product_name": f"Name {at}"})
        trail_seal()
    first, *_others, last = AuditBlock.objects.order_by("number")
    heads = (first.hash, last.hash)
    assert trail_verify(head=heads[1]).faults == []
    entries = json.loads(json.dumps(first.entries))
    part = entries["products.HistoricalProduct"]
    part["hashes"][0] = "0" * 32
    AuditBlock.objects.filter(pk=first.pk).update(entries=entries)
    assert [fault.message for fault in trail_verify().faults if fault.what == "block"] == ["block 1 was changed"]
    AuditBlock.objects.filter(pk=first.pk).update(entries=first.entries)
    assert faults() == []
    second = AuditBlock.objects.get(number=2)
    AuditBlock.objects.filter(number=2).delete()
    assert [fault.what for fault in trail_verify().faults] == ["block"]
    second.save(force_insert=True)
    AuditBlock.objects.filter(number__gte=3).delete()  # the end cut off: the chain alone does not know
    assert faults() == [] and trail_verify().unsealed == 2
    assert [fault.what for fault in trail_verify(head=heads[1]).faults] == ["block"]  # but who kept the head does


def test_a_chain_made_anew_is_found_by_the_head(product: Product) -> None:
    head = trail_verify().head
    row = product.history.order_by("history_id").first()
    type(row).objects.filter(pk=row.pk).update(product_name="Forged")
    AuditBlock.objects.all().delete()
    trail_seal()
    assert faults() == []
    (fault,) = trail_verify(head=head).faults
    assert fault.what == "block" and "made anew" in fault.message


def test_what_was_there_before_the_chain_is_taken_as_it_is(product: Product) -> None:
    """An installation that is upgraded has rows with other keys: the first block takes them, no later one does."""
    AuditBlock.objects.all().delete()
    row = product.history.order_by("history_id").first()
    type(row).objects.filter(pk=row.pk).update(history_id=uuid7())
    assert [fault.what for fault in trail_verify().faults] == ["inserted"]
    trail_seal()
    assert faults() == []


def test_each_tenant_has_its_own(product: Product, other_tenant: Tenant, tenant: Tenant) -> None:
    with tenant_scope(other_tenant.pk):
        make_product("THEIRS")
    assert seal() >= 2
    with tenant_scope(other_tenant.pk):
        assert faults() == [] and AuditBlock.objects.get().number == 1
    assert seal() == 0
    assert {block.tenant_id for block in AuditBlock.objects.all()} == {tenant.pk}


def test_a_late_transaction_is_sealed_with_the_next_block(product: Product) -> None:
    """Rows become visible when their transaction ends, which may be after a block with younger ones."""
    row = product.history.order_by("history_id").first()
    old = type(row).objects.get(pk=row.pk)
    AuditBlock.objects.all().delete()
    type(row).objects.filter(pk=row.pk).delete()
    trail_seal()
    old.save(force_insert=True)  # as if it had just been committed: an older key than what is sealed
    newest = type(row).objects.order_by("-history_id").first()
    assert newest.pk > old.pk and trail_verify().unsealed == 1
    assert trail_seal() == 1 and faults() == []


def test_long_trails_are_several_blocks(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    AuditBlock.objects.all().delete()
    monkeypatch.setattr("plm_project.tenancy.audit.chain.ROWS_A_BLOCK", 4)
    sealed = trail_seal()
    blocks = list(AuditBlock.objects.order_by("number"))
    assert sum(block.rows for block in blocks) == sealed and {block.rows for block in blocks[:-1]} == {4}
    assert faults() == [] and trail_seal() == 0
    for at in range(9):
        product_update(actor=system_actor(), product_id=product.pk, changes={"product_name": f"Name {at}"})
    assert [trail_seal(at_once=True) for _each in range(4)] == [4, 4, 1, 0]  # who has somebody waiting takes one block
    assert faults() == []


def test_what_publishes_events_is_sealed_with_them(product: Product, tenant: Tenant) -> None:
    product_update(actor=system_actor(), product_id=product.pk, changes={"product_name": "Told"})
    relay_and_seal(tenant.pk)
    assert trail_verify().unsealed == 0 and faults() == []
    before = AuditBlock.objects.count()
    with CaptureQueriesContext(connection) as captured:
        relay_and_seal(tenant.pk)
    seen = [query["sql"] for query in captured if "audit" in query["sql"].lower() or "UNION ALL" in query["sql"]]
    assert len(seen) <= 4 and AuditBlock.objects.count() == before


def test_commands(product: Product, tenant: Tenant) -> None:
    def run(name: str, *arguments: str) -> dict[str, Any]:
        out = StringIO()
        call_command(name, "--tenant", tenant.slug, "--json", *arguments, stdout=out)
        return json.loads(out.getvalue())  # type: ignore[no-any-return] # an object, by the command

    assert run("audit_seal") == {"sealed": 0}
    told = run("audit_verify")
    assert told["errors"] == [] and told["blocks"] == 1
    assert run("audit_verify", "--head", told["head"])["errors"] == []
    Product.history.filter(id=product.pk, history_type="+").update(product_name="Forged")
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("audit_verify", "--tenant", tenant.slug, stdout=out)
    assert refused.value.returncode == 2
    assert "changed products.HistoricalProduct" in out.getvalue() and f"head {told['head']}" in out.getvalue()


def test_writing_costs_no_statement_more(product: Product) -> None:
    """The evidence is in the key: one insert for one row of history, as before."""
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        product_update(actor=system_actor(), product_id=product.pk, changes={"product_name": "Counted"})
    assert sum("historicalproduct" in query["sql"].lower() for query in captured) == 1
