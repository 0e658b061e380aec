"""Two people at the same product or structure at once, on two connections."""

from __future__ import annotations

import threading
import time
from decimal import Decimal
from itertools import pairwise

import pytest

from plm_project.core.exceptions import Conflict, ValidationFailed
from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.exceptions import CycleRefused
from products.models import BomLine, Configuration, Product, ProductRevision
from products.services import (
    LineInput,
    line_add,
    product_create,
    product_delete,
    product_update,
    revision_create,
    revision_release,
)
from tests.factories import (
    ProductData,
    make_configuration,
    make_option,
    make_product,
    make_rule,
    release,
    revision_of,
    system_actor,
)
from tests.parallel import at_once, refusals

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def products(tenant: Tenant, *numbers: str) -> list[Product]:
    with tenant_scope(tenant.pk):
        return [make_product(number) for number in numbers]


def add(parent: ProductRevision, child: Product) -> BomLine:
    line = LineInput(child_id=child.pk, quantity=Decimal(1))
    return line_add(actor=system_actor(), revision_id=parent.pk, line=line)


@pytest.mark.parametrize("attempt", range(3))
def test_a_configuration_and_a_rule_against_it_do_not_pass_each_other(tenant: Tenant, attempt: int) -> None:
    (product,) = products(tenant, "LAMP")
    with tenant_scope(tenant.pk):
        make_option(product, "colour", ("red", "blue"))
    changes = [
        lambda: make_configuration(product, "red", ["colour:red"]),
        lambda: make_rule(product, "colour:red", "requires", "colour:blue"),
        lambda: make_configuration(product, "red", ["colour:red"]),
    ]
    answers = at_once(tenant, changes)
    assert len(refusals(answers)) >= 1 and all(
        isinstance(refusal, Conflict | ValidationFailed) for refusal in refusals(answers)
    )
    with tenant_scope(tenant.pk):
        saved, rule = Configuration.objects.filter(product=product), product.option_rules.get()
        assert len(saved) <= 1 and all(entry.created_at <= rule.created_at for entry in saved)


@pytest.mark.parametrize("attempt", range(3))
def test_one_of_several_starts_the_next_revision(tenant: Tenant, attempt: int) -> None:
    (product,) = products(tenant, "LAMP")
    with tenant_scope(tenant.pk):
        release(product)
    answers = at_once(tenant, [lambda: revision_create(actor=system_actor(), product_id=product.pk)] * 3)
    assert len(refusals(answers)) == 2 and all(isinstance(refusal, Conflict) for refusal in refusals(answers))
    with tenant_scope(tenant.pk):
        assert list(product.revisions.order_by("sequence").values_list("label", flat=True)) == ["A", "B"]


def test_one_of_several_releases(tenant: Tenant) -> None:
    (product,) = products(tenant, "LAMP")
    with tenant_scope(tenant.pk):
        revision = revision_of(product)
    answers = at_once(
        tenant, [lambda: revision_release(actor=system_actor(), revision_id=revision.pk, reason="fine")] * 3
    )
    assert len(refusals(answers)) == 2 and all(isinstance(refusal, Conflict) for refusal in refusals(answers))


@pytest.mark.parametrize("attempt", range(3))
def test_one_of_several_takes_the_number(tenant: Tenant, attempt: int) -> None:
    answers = at_once(
        tenant, [lambda: product_create(actor=system_actor(), data=ProductData(product_number="LAMP"))] * 3
    )
    assert len(refusals(answers)) == 2
    assert all(isinstance(found, Conflict) and "product_number" in found.details for found in refusals(answers))
    with tenant_scope(tenant.pk):
        assert Product.objects.filter(product_number="LAMP").count() == 1
        assert ProductRevision.objects.count() == 1
        assert OutboxEvent.objects.filter(event_type="product_created").count() == 1


@pytest.mark.parametrize("length", [2, 3, 4])
def test_lines_that_would_close_a_cycle_together(tenant: Tenant, length: int) -> None:
    """Each line alone is fine; the last one to come is refused, whichever it is."""
    ring = products(tenant, *(f"RING-{n}" for n in range(length)))
    with tenant_scope(tenant.pk):
        pairs = [(revision_of(parent), child) for parent, child in pairwise([*ring, ring[0]])]
    works = [lambda parent=parent, child=child: add(parent, child) for parent, child in pairs]  # type: ignore[misc]
    (refusal,) = refusals(at_once(tenant, works))
    assert isinstance(refusal, CycleRefused) and len(refusal.path) == length + 1
    with tenant_scope(tenant.pk):
        assert BomLine.objects.count() == length - 1


def test_a_line_against_a_change_of_its_unit(tenant: Tenant) -> None:
    """The line comes while the new unit is written but not yet committed: it waits, and takes the new one."""
    parent, child = products(tenant, "LAMP", "CABLE")
    with tenant_scope(tenant.pk):
        revision = revision_of(parent)
    written = threading.Event()

    def change() -> None:
        product_update(actor=system_actor(), product_id=child.pk, changes={"unit_of_measure": "m"})
        written.set()
        time.sleep(0.5)  # the scope's transaction is still open

    def add_meanwhile() -> BomLine:
        assert written.wait(timeout=10)
        return add(revision, child)

    assert refusals(at_once(tenant, [change, add_meanwhile])) == []
    with tenant_scope(tenant.pk):
        line = BomLine.objects.select_related("child").get()
        assert line.unit_of_measure == line.child.unit_of_measure == "m"


@pytest.mark.parametrize("attempt", range(3))
def test_a_line_against_the_deletion_of_its_child(tenant: Tenant, attempt: int) -> None:
    parent, child = products(tenant, "LAMP", "CABLE")
    with tenant_scope(tenant.pk):
        revision = revision_of(parent)
    (refusal,) = refusals(
        at_once(
            tenant,
            [
                lambda: add(revision, child),
                lambda: product_delete(actor=system_actor(), product_id=child.pk),
            ],
        )
    )
    assert isinstance(refusal, (Conflict, ValidationFailed))
    with tenant_scope(tenant.pk):
        assert BomLine.objects.filter(child=child).exists() != Product.all_objects.get(pk=child.pk).is_deleted
