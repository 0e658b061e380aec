"""What a tenant asks of its changes: one row, made with the tenant, changed by its managers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from changes import permissions
from changes.models import ChangePolicy
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound
from products.services.inputs import apply, clean

CHANGEABLE = frozenset({"dispositions_required", "children_released", "fast_track_conditions"})


def change_policy_provide(actor: Actor) -> None:
    """Give a tenant its policy if it has none. Runs for every new tenant; may run again."""
    if not ChangePolicy.all_objects.exists():
        ChangePolicy(tenant_id=actor.tenant_id).save_as(actor, reason=_("default policy"))


@transaction.atomic
def change_policy_update(
    *, actor: Actor, policy_id: uuid.UUID, changes: Mapping[str, Any], expected_version: int | None = None
) -> ChangePolicy:
    """Change ``dispositions_required``, ``children_released`` or ``fast_track_conditions``. The first two count from now on,
    also for changes that are submitted already: they are held at the release gate. The fast track counts for what is
    submitted from now on. Raises NotFound, PermissionDenied, PreconditionFailed, ValidationFailed for a condition that
    cannot be read.
    """
    actor.require(permissions.CHANGES_CONFIGURE)
    policy = ChangePolicy.objects.select_for_update().filter(pk=policy_id).first()
    if policy is None:
        raise NotFound(_("There is no such policy."))
    policy.expect_version(expected_version)
    wanted = dict(changes)
    if wanted.get("fast_track_conditions") == []:  # no condition is no fast track, and not a fast track for everything
        wanted["fast_track_conditions"] = None
    changed = apply(policy, wanted, allowed=CHANGEABLE)
    if not changed:
        return policy
    clean(policy)
    return policy.save_as(actor, reason=_("changed: %(fields)s") % {"fields": ", ".join(sorted(changed))})
