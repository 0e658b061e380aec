"""API tokens: ``plm_<tenant id>_<secret>``. The tenant stands in the token, so that it is looked up inside its scope."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from plm_project.accounts import permissions as declared
from plm_project.accounts.models import ApiToken, Membership, User
from plm_project.accounts.roles import Role
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed

MARK = "plm"
DEFAULT_LIFETIME = dt.timedelta(days=365)
LONGEST_LIFETIME = dt.timedelta(days=3 * 365)


def digest_of(text: str) -> str:
    """Return the stored form. The secret has 256 random bits, so a plain hash is enough: nothing can be guessed."""
    return hashlib.sha256(text.encode()).hexdigest()


def tenant_of(text: str) -> uuid.UUID | None:
    """Return the tenant a token claims to be for; None when it has not the shape of one."""
    parts = text.split("_", 2)
    if len(parts) != 3 or parts[0] != MARK or not parts[2]:
        return None
    try:
        return uuid.UUID(hex=parts[1])
    except ValueError:
        return None


@transaction.atomic
def token_issue(
    *,
    actor: Actor,
    user: User,
    name: str,
    lifetime: dt.timedelta = DEFAULT_LIFETIME,
    permissions: Sequence[str] = (),
) -> tuple[ApiToken, str]:
    """Make a token for a member; return it with its text, which is shown this once and stored nowhere.

    A token acts in its person's name, approvals included: people issue their own, and for others only those of members
    that are nothing but an integration. Raises ValidationFailed for that, for a lifetime above three years, an unknown
    permission, or a person who is no member.
    """
    actor.require(declared.TOKENS_MANAGE)
    if not dt.timedelta(0) < lifetime <= LONGEST_LIFETIME:
        raise ValidationFailed.field("expires_at", _("A token lives at most three years."))
    unknown = sorted(set(permissions) - set(declared.all_permissions()))
    if unknown:
        raise ValidationFailed.field("permissions", _("Unknown permission: %s") % ", ".join(unknown))
    member = Membership.objects.filter(user=user).first()
    if member is None:
        raise ValidationFailed.field("user", _("This person is not a member of the tenant."))
    if actor.kind != "system" and actor.user_id != user.pk and set(member.roles) != {Role.INTEGRATION}:
        raise ValidationFailed.field(
            "user", _("A token for somebody else is for a member who is an integration only.")
        )
    secret = secrets.token_urlsafe(32)
    text = f"{MARK}_{actor.tenant_id.hex}_{secret}"
    token = ApiToken(
        tenant_id=actor.tenant_id,
        user=user,
        name=name,
        prefix=secret[:6],
        digest=digest_of(text),
        permissions=sorted(permissions),
        expires_at=clock.now() + lifetime,
    )
    token.save_as(actor, reason="issued")
    return token, text


@transaction.atomic
def token_revoke(*, actor: Actor, token: ApiToken, reason: str) -> ApiToken:
    """Revoke a token at once and for ever. Revoking twice changes nothing."""
    actor.require(declared.TOKENS_MANAGE)
    fresh = ApiToken.objects.select_for_update().get(pk=token.pk)
    if fresh.revoked_at is None:
        fresh.revoked_at = clock.now()
        fresh.save_as(actor, reason=reason, update_fields=["revoked_at"])
    return fresh
