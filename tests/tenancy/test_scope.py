"""The scope itself: nesting, failures, threads, what it refuses; and the checks that stand behind the managers."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from django.test.utils import isolate_apps

from plm_project.core.actor import Actor
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.checks import tenant_models_are_scoped
from plm_project.tenancy.models import NumberSequence, Tenant
from plm_project.tenancy.numbering import take_number
from plm_project.tenancy.scope import (
    TenantScopeMissing,
    current_tenant_id,
    require_tenant_id,
    roll_back_scope,
    tenant_scope,
)
from products.models import Product
from tests.factories import make_product


def test_scopes_nest_and_end_with_their_block(tenant: Tenant, other_tenant: Tenant) -> None:
    assert current_tenant_id() is None
    with tenant_scope(tenant.pk):
        with pytest.raises(ZeroDivisionError), tenant_scope(other_tenant.pk):
            assert require_tenant_id() == other_tenant.pk
            raise ZeroDivisionError
        assert require_tenant_id() == tenant.pk
    with pytest.raises(TenantScopeMissing):
        require_tenant_id()


@pytest.mark.parametrize("value", [None, "", "018f0000-0000-7000-8000-000000000000", 1])
def test_a_scope_is_opened_by_a_uuid_alone(db: None, value: Any) -> None:
    with pytest.raises(TypeError), tenant_scope(value):
        pass
    assert current_tenant_id() is None


def test_a_thread_starts_without_a_scope(tenant: Tenant) -> None:
    seen: list[Any] = ["not run"]
    with tenant_scope(tenant.pk):
        thread = threading.Thread(target=lambda: seen.__setitem__(0, current_tenant_id()))
        thread.start()
        thread.join()
    assert seen == [None]


def test_a_lazy_queryset_that_leaves_the_scope_is_an_error(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        make_product("LEFT-01")
        rows = Product.objects.all()
        generator = (row.product_number for row in Product.objects.iterator())
    with pytest.raises(TenantScopeMissing):
        list(rows)
    with pytest.raises(TenantScopeMissing):
        list(generator)


def test_a_refused_scope_leaves_nothing(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk, atomic=True):
        make_product("GONE-01")
        roll_back_scope()
    with tenant_scope(tenant.pk):
        assert not Product.all_objects.exists()


def test_an_outer_scope_survives_the_refusal_of_an_inner_one(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk, atomic=True):
        make_product("KEPT-01")
        with tenant_scope(tenant.pk, atomic=True):
            make_product("GONE-01")
            roll_back_scope()
    with tenant_scope(tenant.pk):
        assert [row.product_number for row in Product.all_objects.all()] == ["KEPT-01"]


def test_an_actor_of_another_tenant_writes_nothing(tenant: Tenant, other_tenant: Tenant) -> None:
    from plm_project.tenancy.references import CrossTenantReference

    with tenant_scope(tenant.pk), pytest.raises(CrossTenantReference), transaction.atomic():
        make_product("WRONG-01", actor=Actor.system(other_tenant.pk))
    for each in (tenant, other_tenant):
        with tenant_scope(each.pk):
            assert not Product.all_objects.exists()


# --- system checks -------------------------------------------------------------------------------------------------
def problems_of(*extra: type[models.Model]) -> list[str]:
    """Run the check over the project's models and these."""
    known = apps.get_models
    try:
        apps.get_models = lambda **kwargs: [*known(**kwargs), *extra]  # type: ignore[method-assign]
        return [str(problem.id) for problem in tenant_models_are_scoped(None)]
    finally:
        apps.get_models = known  # type: ignore[method-assign]


def test_the_project_passes_its_own_check() -> None:
    assert problems_of() == []


@isolate_apps("products")
def test_the_check_finds_what_no_scope_would_guard() -> None:
    class BareTenant(models.Model):  # noqa: DJ008
        tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)

        class Meta:
            app_label = "products"

    class OpenManager(TenantRecord):
        objects = models.Manager()

        class Meta(TenantRecord.Meta):
            app_label = "products"

    class Joining(models.Model):  # noqa: DJ008
        product = models.ForeignKey(Product, on_delete=models.PROTECT)

        class Meta:
            app_label = "products"

    assert problems_of(BareTenant) == ["tenancy.E001"]
    assert problems_of(OpenManager) == ["tenancy.E002"]
    assert problems_of(Joining) == ["tenancy.E003"]


def test_a_number_needs_a_transaction_and_a_scope(transactional_db: None) -> None:
    from plm_project.tenancy.provisioning import tenant_create

    tenant, _created = tenant_create(slug="acme", name="Acme")
    with pytest.raises(RuntimeError, match="transaction"):
        take_number("change")
    with transaction.atomic(), pytest.raises(TenantScopeMissing):
        take_number("change")
    with tenant_scope(tenant.pk):
        assert not NumberSequence.objects.exists()
