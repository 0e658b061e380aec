"""Telling the asset management what one unit was built from."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from integrations import permissions
from integrations.contracts import as_built
from integrations.models import Delivery, Target
from integrations.workers import send_after_commit
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict
from products.selectors.records import product_get
from products.selectors.resolution import Resolution

BUILT_EVENT = "unit_built"


@transaction.atomic
def as_built_tell(*, actor: Actor, product_id: uuid.UUID, serial: int, built_on: dt.date | None = None) -> Delivery:
    """Have the structure of one unit sent, as effective for its serial number on the day it was built (default today).

    The same unit and day told again is the same delivery. Raises NotFound, ValidationFailed for a bad serial number,
    Conflict where no asset management is switched on.
    """
    actor.require(permissions.INTEGRATIONS_OPERATE)
    product = product_get(product_id)
    day = built_on or clock.today()
    Resolution.of(as_of=day, serial=serial, end_item=product.pk)  # refuses what is no serial number
    target = (
        Target.objects.select_for_update().filter(neighbour_key=as_built.CONTRACT.neighbour, is_enabled=True).first()
    )
    if target is None:
        raise Conflict(_("No asset management is configured: nothing was sent."))
    event_id = uuid.uuid5(product.pk, f"{BUILT_EVENT}:{serial}:{day.isoformat()}")
    known: Delivery | None = Delivery.objects.filter(event_id=event_id, target=target).first()
    if known is not None:
        return known
    delivery = Delivery(
        tenant_id=actor.tenant_id, target=target, contract_key=as_built.CONTRACT.key,
        contract_version=as_built.CONTRACT.version, event_id=event_id, event_type=BUILT_EVENT, entity_id=product.pk,
        entity_label=f"{product.product_number} no. {serial}"[:200],
        event_data={"serial": serial, "built_on": day.isoformat()}, next_try_at=clock.now(),
    )  # fmt: skip
    delivery.save_between_as(actor)
    send_after_commit(actor.tenant_id, [(target.pk, target.neighbour_key)])
    return delivery
