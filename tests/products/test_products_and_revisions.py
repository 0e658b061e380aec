"""What the services of products and revisions promise beyond the state machines."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from plm_project.core import clock
from plm_project.core.exceptions import Conflict, PreconditionFailed, ValidationFailed
from plm_project.outbox.models import OutboxEvent
from products import services
from products.models import BomLine, Product, ProductRevision
from products.revision_labels import label_of
from products.services import LineInput, product_create, product_delete, product_update
from tests.factories import ProductData, make_line, make_product, release, revision_of, system_actor

pytestmark = pytest.mark.usefixtures("scope")


def events() -> list[str]:
    return list(OutboxEvent.objects.order_by("id").values_list("event_type", flat=True))


def counts() -> tuple[int, ...]:
    return (
        Product.all_objects.count(), ProductRevision.all_objects.count(), BomLine.all_objects.count(),
        Product.history.count(), OutboxEvent.objects.count(),
    )  # fmt: skip


# --- numbers and labels ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("sequence", "label"),
    [(1, "A"), (2, "B"), (26, "Z"), (27, "AA"), (52, "AZ"), (53, "BA"), (702, "ZZ"), (703, "AAA")],
)
def test_labels_count_like_columns(sequence: int, label: str) -> None:
    assert label_of(sequence) == label


@pytest.mark.parametrize("sequence", [0, -1])
def test_there_is_no_revision_before_the_first(sequence: int) -> None:
    with pytest.raises(ValueError, match="from 1"):
        label_of(sequence)


def test_after_z_comes_aa() -> None:
    product = make_product()
    release(product)
    for _each in range(26):
        services.revision_create(actor=system_actor(), product_id=product.pk)
        release(product)
    labels = list(product.revisions.order_by("sequence").values_list("label", flat=True))
    assert (labels[0], labels[25], labels[26]) == ("A", "Z", "AA")
    assert Product.objects.get(pk=product.pk).revision == "AA"


def test_a_number_is_taken_for_ever() -> None:
    product = make_product("BOLT")
    product_delete(actor=system_actor(), product_id=product.pk)
    before = counts()
    with pytest.raises(Conflict) as refusal:
        make_product("BOLT")
    assert "product_number" in refusal.value.details
    with pytest.raises(IntegrityError), transaction.atomic():  # and the database says so too
        Product(tenant_id=product.tenant_id, product_number="BOLT", product_name="Bolt").save_as(
            system_actor(), reason="past the service"
        )
    assert counts() == before


# --- create, change, delete -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("third", "field"),
    [
        ({"quantity": Decimal(0)}, "structure[2].quantity"),
        ({"quantity": Decimal(-1)}, "structure[2].quantity"),
        ({"quantity": Decimal("NaN")}, "structure[2].quantity"),
        ({"unit_of_measure": "kg"}, "structure[2].unit_of_measure"),
        ({"unit_of_measure": "cubit"}, "structure[2].unit_of_measure"),
        ({"child_id": uuid.UUID(int=1)}, "structure[2].child_id"),
        ({"find_number": 10}, "find_number"),
        ({"effective_from": dt.date(2030, 1, 1), "effective_to": dt.date(2029, 1, 1)}, "structure[2].effective_to"),
    ],
)
def test_a_structure_is_created_whole_or_not_at_all(third: dict[str, Any], field: str) -> None:
    children = [make_product() for _each in range(3)]
    lines = [LineInput(child_id=child.pk, quantity=Decimal(2)) for child in children]
    before = counts()
    with pytest.raises(ValidationFailed) as refusal:
        product_create(
            actor=system_actor(),
            data=ProductData(product_number="LAMP"),
            structure=[*lines[:2], LineInput(**{"child_id": children[2].pk, "quantity": Decimal(1), **third})],
        )
    assert field in refusal.value.details
    assert counts() == before
    product = product_create(actor=system_actor(), data=ProductData(product_number="LAMP"), structure=lines)
    assert list(revision_of(product).lines.values_list("find_number", flat=True)) == [10, 20, 30]
    assert events()[-2:] == ["product_created", "bom_changed"]


def test_an_amount_changed_is_told_as_a_cost() -> None:
    product = make_product(current_cost=Decimal("1.50"))
    OutboxEvent.objects.all().delete()
    product_update(actor=system_actor(), product_id=product.pk, changes={"product_name": "Other name"})
    assert events() == ["product_updated"]
    product_update(
        actor=system_actor(),
        product_id=product.pk,
        changes={"current_cost": Decimal("1.75"), "target_cost": Decimal("1.25"), "product_name": "Third name"},
    )
    assert events() == ["product_updated", "product_updated", "cost_updated"]
    told = OutboxEvent.objects.get(event_type="cost_updated").event_data["changes"]
    assert set(told) == {"current_cost", "target_cost"}
    assert Decimal(told["current_cost"]["from"]) == Decimal("1.50") and Decimal(told["current_cost"]["to"]) == Decimal(
        "1.75"
    )
    product_update(actor=system_actor(), product_id=product.pk, changes={"current_cost": Decimal("1.75")})
    assert len(events()) == 3, "the same price again is no change"


def test_a_stale_version_changes_nothing() -> None:
    product = make_product()
    before = counts()
    for work in (
        lambda: product_update(
            actor=system_actor(), product_id=product.pk, changes={"product_name": "Other"}, expected_version=7
        ),
        lambda: product_delete(actor=system_actor(), product_id=product.pk, expected_version=7),
    ):
        with pytest.raises(PreconditionFailed):
            work()
    assert counts() == before


def test_the_unit_stays_while_lines_are_given_in_it() -> None:
    cable = make_product(unit_of_measure="m")
    line = make_line(make_product(), cable, "1.5")
    before = counts()
    with pytest.raises(Conflict, match="unit cannot change"):
        product_update(actor=system_actor(), product_id=cable.pk, changes={"unit_of_measure": "kg"})
    assert counts() == before
    services.line_remove(actor=system_actor(), line_id=line.pk)
    changed = product_update(actor=system_actor(), product_id=cable.pk, changes={"unit_of_measure": "kg"})
    assert changed.unit_of_measure == "kg"


def test_what_is_used_or_was_released_is_not_deleted() -> None:
    used, released = make_product("USED"), make_product("RELEASED")
    line = make_line(make_product("USER"), used)
    release(released)
    before = counts()
    with pytest.raises(Conflict, match="used in USER"):
        product_delete(actor=system_actor(), product_id=used.pk)
    with pytest.raises(Conflict, match="made obsolete, not deleted"):
        product_delete(actor=system_actor(), product_id=released.pk)
    assert counts() == before
    services.line_remove(actor=system_actor(), line_id=line.pk)
    product_delete(actor=system_actor(), product_id=used.pk, reason="never built")
    assert not Product.objects.filter(pk=used.pk).exists()
    gone = Product.all_objects.get(pk=used.pk)
    assert gone.is_deleted and gone.deleted_at is not None
    assert gone.history.order_by("history_date", "history_id").last().history_change_reason == "never built"


# --- revisions ------------------------------------------------------------------------------------------------------
def test_the_old_revision_ends_where_the_new_one_begins() -> None:
    product = make_product()
    first = release(product, effective_from=dt.date(2026, 1, 1))
    services.revision_create(actor=system_actor(), product_id=product.pk)
    second = release(product, effective_from=dt.date(2026, 7, 1))
    first.refresh_from_db()
    assert (first.state, first.effective_from, first.effective_to) == (
        "superseded", dt.date(2026, 1, 1), dt.date(2026, 7, 1))  # fmt: skip
    assert (second.state, second.effective_from, second.effective_to) == ("released", dt.date(2026, 7, 1), None)
    assert Product.objects.get(pk=product.pk).revision == "B"


def test_a_revision_does_not_begin_before_the_one_it_follows() -> None:
    product = make_product()
    first = release(product, effective_from=dt.date(2026, 7, 1))
    services.revision_create(actor=system_actor(), product_id=product.pk)
    before = counts()
    with pytest.raises(ValidationFailed) as refusal:
        release(product, effective_from=dt.date(2026, 6, 30))
    assert "effective_from" in refusal.value.details
    first.refresh_from_db()
    assert (first.state, first.effective_to) == ("released", None)
    assert (revision_of(product).state, counts()) == ("in_work", before)


def test_a_release_without_a_date_begins_today() -> None:
    assert release(make_product()).effective_from == clock.today()


def test_one_revision_at_a_time_is_in_work() -> None:
    product = make_product()
    before = counts()
    with pytest.raises(Conflict, match="in work already"):
        services.revision_create(actor=system_actor(), product_id=product.pk)
    assert counts() == before
