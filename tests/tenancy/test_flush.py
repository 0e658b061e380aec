"""Django's flush as the owner of the tables: everything goes, the guards stay."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from plm_project.tenancy.models import Tenant
from plm_project.tenancy.provisioning import tenant_create
from plm_project.tenancy.scope import tenant_scope
from products.models import Product
from tests.factories import make_product, release


def guards() -> set[str]:
    """Return the names of the triggers that are in force."""
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if connection.vendor == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.slow
def test_flush_empties_every_table_and_leaves_the_guards(transactional_db: None) -> None:
    tenant, _created = tenant_create(slug="acme", name="Acme")
    with tenant_scope(tenant.pk, atomic=True):
        release(make_product("KEPT-01"))
    before = guards()
    assert before
    call_command("flush", interactive=False, verbosity=0)
    assert guards() == before
    assert not Tenant.objects.exists()
    with tenant_scope(tenant.pk):
        assert not Product.all_objects.exists()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() != ("postgres",), "the connection kept the owner's role"
