"""What a tenant decides about its products: one row, made with the tenant, changed by its managers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound
from products import permissions
from products.models import ProductPolicy
from products.services.inputs import apply, clean

CHANGEABLE = frozenset({"revision_scheme"})


def product_policy_provide(actor: Actor) -> None:
    """Give a tenant its policy if it has none. Runs for every new tenant; may run again."""
    if not ProductPolicy.all_objects.exists():
        ProductPolicy(tenant_id=actor.tenant_id).save_as(actor, reason=_("default policy"))


@transaction.atomic
def product_policy_update(
    *, actor: Actor, policy_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> ProductPolicy:
    """Change ``revision_scheme``. It counts for revisions made from now on. Raises NotFound, PermissionDenied,
    PreconditionFailed, ValidationFailed for an unknown scheme.
    """
    actor.require(permissions.PRODUCTS_CONFIGURE)
    policy = ProductPolicy.objects.select_for_update().filter(pk=policy_id).first()
    if policy is None:
        raise NotFound(_("There is no such policy."))
    policy.expect_version(expected_version)
    changed = apply(policy, changes, allowed=CHANGEABLE)
    if not changed:
        return policy
    clean(policy)
    return policy.save_as(actor, reason=_("changed: %(fields)s") % {"fields": ", ".join(sorted(changed))})
