"""``manage.py integrations_reseal``: seal every stored secret with the newest key."""

from __future__ import annotations

from typing import Any

from integrations.services.resealing import secrets_reseal
from plm_project.core.actor import Actor
from plm_project.tenancy.commands import Answer, OperatorCommand


class Command(OperatorCommand):
    """After that the older keys can go from FIELD_ENCRYPTION_KEYS."""

    help = "Seal the tenant's tokens and secrets with the first of FIELD_ENCRYPTION_KEYS."

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        """Seal them anew."""
        assert actor is not None
        return {"resealed": secrets_reseal(actor=actor)}
