"""The twelve neighbouring capabilities of the capability record (SPEC §7)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from plm_project.core.exceptions import NotFound


@dataclass(frozen=True)
class Neighbour:
    """``what`` says in a sentence what it is told or asked; ``icon`` stands on its card."""

    key: str
    name: str | Promise
    what: str | Promise
    icon: str


_NEIGHBOURS = (
    Neighbour("auth_rbac", _("Access control"), _("Asked whether a person may do something here."), "person-lock"),
    Neighbour("audit_compliance", _("Audit"), _("Gets every event for the company's audit trail."), "journal-check"),
    Neighbour("manufacturing", _("Manufacturing"), _("Gets bills of material as they change."), "building-gear"),
    Neighbour("digital_twin_marketplace", _("Digital twins"), _("Makes and updates a product's digital twin."), "box"),
    Neighbour(
        "document_management", _("Document management"), _("Learns which documents a change released."), "files"
    ),
    Neighbour("ai_orchestration", _("AI"), _("Asked for suggestions on a product."), "lightbulb"),
    Neighbour("notification_engine", _("Notifications"), _("Tells people in their own channels."), "bell"),
    Neighbour(
        "enterprise_asset_management", _("Assets"), _("Learns which revision is released for a product."), "tools"
    ),
    Neighbour(
        "federated_learning", _("Federated learning"), _("Exchanges model parameters, never records."), "diagram-3"
    ),
    Neighbour("real_time_collaboration", _("Collaboration"), _("Learns when a session starts and ends."), "people"),
    Neighbour("core_financials", _("Finance"), _("Gets the cost of products and of changes."), "cash-coin"),
    Neighbour("procurement_purchasing", _("Purchasing"), _("Learns which parts changed, answers prices."), "cart3"),
)
# Not a system of the record: whoever named an address (``models/webhook.py``). Each has a target of its own.
WEBHOOK = Neighbour("webhook", _("Webhook"), _("Somebody who asked to hear of events."), "broadcast")
_BY_KEY = {neighbour.key: neighbour for neighbour in _NEIGHBOURS}


def neighbours() -> tuple[Neighbour, ...]:
    """Return all twelve in the order of the capability record."""
    return _NEIGHBOURS


def receiver(key: str) -> Neighbour:
    """Return a neighbour, or what webhooks go under; raise NotFound."""
    return WEBHOOK if key == WEBHOOK.key else neighbour(key)


def neighbour(key: str) -> Neighbour:
    """Return one; raise NotFound."""
    found = _BY_KEY.get(key)
    if found is None:
        raise NotFound(gettext("There is no such neighbour."))
    return found
