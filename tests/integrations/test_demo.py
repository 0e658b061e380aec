"""What `make run` does beside the server: the demo tenant's neighbours lead to the simulators and are told everything."""

from __future__ import annotations

import pytest

from integrations.contracts.registry import contracts
from integrations.models import Delivery, Target
from integrations.neighbours import WEBHOOK
from integrations.services import target_save
from integrations.simulators.server import Simulator
from plm_project.core.actor import Actor
from plm_project.demo.neighbours import neighbours_connect
from plm_project.tenancy.provisioning import tenant_create
from plm_project.tenancy.scope import tenant_scope
from products.models import Product
from products.services import product_create
from tests.integrations.conftest import MANUFACTURING, TWINS
from tests.integrations.test_api import send


@pytest.mark.django_db
def test_the_demo_tells_its_neighbours_everything_once(simulator: Simulator) -> None:
    assert neighbours_connect(simulator.url) == 0  # there is no demo
    tenant, _made = tenant_create(slug="veloform", name="Veloform", currency="EUR")
    actor = Actor.system(tenant.pk)
    with tenant_scope(tenant.pk):
        product_create(actor=actor, data={"product_number": "FRAME", "product_name": "Frame"})
        target_save(actor=actor, neighbour_key=MANUFACTURING, base_url="http://127.0.0.1:9", is_enabled=False)
    assert neighbours_connect(simulator.url) == len(
        {entry.neighbour for entry in contracts()} - {WEBHOOK.key, MANUFACTURING}
    )
    assert neighbours_connect(simulator.url) == 0
    with tenant_scope(tenant.pk):
        assert Target.objects.get(neighbour_key=MANUFACTURING).base_url == "http://127.0.0.1:9"
        send(actor)
        assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}
        assert not Delivery.objects.filter(target__neighbour_key=MANUFACTURING).exists()
        assert Product.objects.get().digital_twin_id
        assert Target.objects.get(neighbour_key=TWINS).has_token
