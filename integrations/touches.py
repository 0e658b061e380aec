"""What outside hears of a change: the digital twins of its products, and deliveries about them that are still open."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from changes.measures import Touch, Touched
from integrations import permissions
from integrations.choices import OPEN_STATES
from integrations.models import Delivery
from products.models import Product
from products.permissions import PRODUCTS_READ


def twins_touched(product_ids: Sequence[uuid.UUID]) -> list[Touched]:
    """Return the products that have a digital twin. One query."""
    rows = Product.objects.filter(pk__in=product_ids).exclude(digital_twin_id="").order_by("product_number")
    return [
        Touched(row.product_number, _("Twin %(id)s") % {"id": row.digital_twin_id}, row.get_absolute_url())
        for row in rows
    ]


def deliveries_touched(product_ids: Sequence[uuid.UUID]) -> list[Touched]:
    """Return how many deliveries about each product still wait, with the list of them. One query."""
    rows = (
        Delivery.objects.filter(entity_id__in=product_ids, state__in=OPEN_STATES)
        .order_by("entity_label")
        .values("entity_id", "entity_label")
        .annotate(waiting=Count("pk"))
    )
    address = reverse("integrations:deliveries")
    return [
        Touched(
            row["entity_label"],
            ngettext("%(n)d open delivery", "%(n)d open deliveries", row["waiting"]) % {"n": row["waiting"]},
            f"{address}?entity={row['entity_id']}",
        )
        for row in rows
    ]


TWINS = Touch("twins", gettext_lazy("Digital twins"), PRODUCTS_READ, twins_touched)
DELIVERIES = Touch("deliveries", gettext_lazy("Open deliveries"), permissions.INTEGRATIONS_READ, deliveries_touched)
