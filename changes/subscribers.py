"""What changes do when something happened: seal what was released."""

from __future__ import annotations

from changes.services.packaging import package_seal
from plm_project.outbox.models import OutboxEvent


def release_seal(event: OutboxEvent) -> None:
    """Take the manifest of an implemented change. May be told twice; the second time nothing is missing."""
    package_seal(change_id=event.entity_id)
