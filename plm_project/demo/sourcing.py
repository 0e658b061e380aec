"""Plays the demo's sourcing (data/sources.csv): makers, suppliers with prices, and parts that are running out."""

from __future__ import annotations

import datetime as dt

from plm_project.accounts.actors import actor_for_user
from plm_project.accounts.models import User
from plm_project.core import clock
from plm_project.core.actor import acting_as
from plm_project.core.exceptions import Conflict
from plm_project.demo.story import DATA
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import ManufacturerPart
from products.services.partners import manufacturer_part_update
from products.services.sources_import import sources_import

DAY = dt.datetime(2026, 8, 4, 9, 0, tzinfo=dt.UTC)
RUNNING_OUT = {"OP-NTC10K-120": "last_time_buy", "TS-GD3-Q32": "not_recommended"}


def sourcing_play(tenant: Tenant, people: dict[str, User]) -> None:
    """Import the file of sources and say which parts will not be made for ever."""
    file = DATA / "sources.csv"
    with clock.fixed(DAY), tenant_scope(tenant.pk):
        actor = actor_for_user(people["ilse"], tenant.pk)
        with acting_as(actor):
            result = sources_import(actor=actor, content=file.read_bytes(), name=file.name)
            if result.faults:
                raise Conflict(f"The demo's sources are at fault: {result.faults[0]}")
            for mpn, lifecycle in RUNNING_OUT.items():
                part = ManufacturerPart.objects.get(mpn=mpn)
                manufacturer_part_update(actor=actor, part_id=part.pk, changes={"lifecycle": lifecycle})
