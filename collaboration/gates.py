"""The release gate: nothing is released while a discussion that must be resolved is open.

It needs no lock of its own: implementing holds the change's row, and every write of a discussion takes it first.
"""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes.gates import GateFinding, PlannedRelease, ReleaseGate
from collaboration.discussion_wording import anchor_words
from collaboration.selectors.discussions import blocking_threads


def threads_hold(release: PlannedRelease) -> list[GateFinding]:
    """Return a finding for each open thread that must be resolved. One query.

    What is about the change as a whole, or about a product that was taken off it, is told of its first product.
    """
    if release.change_id is None or not release.products:
        return []
    products = {product.product_id: product for product in release.products}
    findings = []
    for thread in blocking_threads(release.change_id):
        about = products.get(thread.affected.product_id) if thread.affected else None
        product = about or release.products[0]
        message = _("A comment is not resolved (%(anchor)s).") % {"anchor": anchor_words(thread.anchor, thread.said)}
        url = reverse("collaboration:discussion", args=[thread.pk])
        findings.append(GateFinding(product.product_id, product.product_number, message, url))
    return findings


RELEASE_GATE = ReleaseGate("discussion", gettext_lazy("Unresolved comments"), threads_hold)
