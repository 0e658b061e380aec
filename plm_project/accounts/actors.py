"""Builds the Actor at the door: from a signed-in person, or from an API token."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils.translation import gettext as _

from plm_project.accounts import permissions
from plm_project.accounts.models import ApiToken, Membership, User
from plm_project.accounts.second_opinion import second_opinion_for
from plm_project.accounts.services.tokens import digest_of, tenant_of
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import AuthenticationRequired
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import person_scope, tenant_scope

# A busy token would otherwise write its row on every call.
LAST_USED_STEP = dt.timedelta(minutes=5)


def memberships_of(user: User) -> list[Membership]:
    """Return a person's live memberships with their tenants, by the tenants' names."""
    with person_scope(user.pk):
        return list(Membership.own.all())


def actor_for_membership(user: User, membership: Membership, *, request_id: str = "") -> Actor:
    """Return the Actor of a person working for the membership's tenant."""
    return Actor(
        kind="user",
        tenant_id=membership.tenant_id,
        user_id=user.pk,
        label=user.email,
        roles=frozenset(membership.roles),
        permissions=permissions.for_roles(membership.roles),
        request_id=request_id,
        second_opinion=second_opinion_for(membership.tenant),
    )


def actor_for_user(user: User, tenant_id: uuid.UUID, *, request_id: str = "") -> Actor:
    """Return the Actor of a person in a tenant; raise AuthenticationRequired when they are no member of it."""
    for membership in memberships_of(user):
        if membership.tenant_id == tenant_id:
            return actor_for_membership(user, membership, request_id=request_id)
    raise AuthenticationRequired(_("You are not a member of this tenant."))


def actor_for_token(text: str, *, request_id: str = "") -> tuple[Actor, Tenant, User]:
    """Return who stands behind a token, the tenant and the person.

    Raises AuthenticationRequired with one and the same message for every reason: a caller learns nothing from it.
    """
    refusal = AuthenticationRequired(_("The API token is not valid."))
    tenant_id = tenant_of(text)
    tenant = Tenant.objects.filter(pk=tenant_id, is_active=True).first() if tenant_id else None
    if tenant is None:
        raise refusal
    with tenant_scope(tenant.pk):
        token = ApiToken.objects.select_related("user").filter(digest=digest_of(text)).first()
        if token is None or not token.is_valid_at(clock.now()) or not token.user.is_active:
            raise refusal
        member = Membership.objects.filter(user=token.user).first()
        if member is None:
            raise refusal
        _note_use(token)
    granted = permissions.for_roles(member.roles)
    if token.permissions:
        granted &= frozenset(token.permissions)
    actor = Actor(
        kind="token",
        tenant_id=tenant.pk,
        user_id=token.user_id,
        label=f"{token.user.email} ({token.name})",
        roles=frozenset(member.roles),
        permissions=granted,
        request_id=request_id,
        second_opinion=second_opinion_for(tenant),
    )
    return actor, tenant, token.user


def _note_use(token: ApiToken) -> None:
    """Remember the use, coarsely, and without a history row: it is no edit."""
    moment = clock.now()
    if token.last_used_at is None or moment - token.last_used_at > LAST_USED_STEP:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=moment)
