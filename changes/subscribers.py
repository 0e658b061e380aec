"""What changes do when one of them was implemented, or the lines of a product were edited."""

from __future__ import annotations

import uuid

from changes.services.packaging import package_seal
from changes.services.rebasing import changes_follow
from changes.services.renewing import votes_renew_for_product
from changes.services.request_answers import requests_finish
from plm_project.core.actor import Actor
from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.scope import require_tenant_id


def release_seal(event: OutboxEvent) -> None:
    """Take the manifest of an implemented change. May be told twice; the second time nothing is missing."""
    package_seal(change_id=event.entity_id)


def requests_done(event: OutboxEvent) -> None:
    """What was asked for is released: the requests that this change answers are done. A second time none is left."""
    requests_finish(actor=Actor.system(require_tenant_id(), "changes"), order_id=event.entity_id)


def open_changes_follow(event: OutboxEvent) -> None:
    """Rebase what is still open on the products of an implemented change. A second time nothing is behind."""
    products = [uuid.UUID(row["product_id"]) for row in event.event_data["affected_products"]]
    changes_follow(Actor.system(require_tenant_id(), "changes"), products)


def edited_votes_renew(event: OutboxEvent) -> None:
    """Ask those again who approved what was edited since. A second time nothing is void."""
    votes_renew_for_product(actor=Actor.system(require_tenant_id(), "changes"), product_id=event.entity_id)
