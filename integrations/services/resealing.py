"""Sealing what is stored with the newest key, so that older keys can go."""

from __future__ import annotations

from django.db import models, transaction

from integrations import permissions
from integrations.models import Target, Webhook
from integrations.sealing import seal, unseal
from plm_project.core.actor import Actor

SEALED: tuple[tuple[type[models.Model], tuple[str, ...]], ...] = (
    (Target, ("sealed_token", "sealed_callback_secret", "sealed_callback_before")),
    (Webhook, ("sealed_secret", "sealed_before")),
)


@transaction.atomic
def secrets_reseal(*, actor: Actor) -> int:
    """Open and seal every secret of the tenant; return how many. Raises SealBroken, and changes nothing, when one
    cannot be opened. No version counts up and no history is written: the secrets are the same.
    """
    actor.require(permissions.INTEGRATIONS_MANAGE)
    count = 0
    for model, fields in SEALED:
        for row in model._base_manager.select_for_update().order_by("pk"):
            sealed = {name: getattr(row, name) for name in fields if getattr(row, name)}
            if sealed:
                renewed = {name: seal(unseal(text)) for name, text in sealed.items()}
                model._base_manager.filter(pk=row.pk).update(**renewed)
                count += len(sealed)
    return count
