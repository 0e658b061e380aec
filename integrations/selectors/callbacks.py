"""What neighbours told us, and where they do."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from integrations.models import CallbackReceipt
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant


def callbacks_of(neighbour_key: str) -> QuerySet[CallbackReceipt]:
    """Return a neighbour's callbacks, the latest first."""
    found: QuerySet[CallbackReceipt] = CallbackReceipt.objects.filter(target__neighbour_key=neighbour_key)
    return found.order_by("-id")


def callback_address(actor: Actor, neighbour_key: str) -> str:
    """Return the address to which a neighbour of the actor's tenant sends its callbacks."""
    slug = Tenant.objects.values_list("slug", flat=True).get(pk=actor.tenant_id)
    return f"{settings.SITE_URL}{reverse('integrations:callback', args=[slug, neighbour_key])}"
