"""People and their memberships."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils.translation import gettext as _

from plm_project.accounts.models import Membership, User
from plm_project.accounts.permissions import MEMBERS_MANAGE
from plm_project.accounts.roles import Role
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, ValidationFailed


@transaction.atomic
def user_create(
    *, actor: Actor, email: str, roles: Sequence[str], password: str | None = None, full_name: str = ""
) -> tuple[User, Membership]:
    """Create a person, or take the one known by this e-mail, and make them a member of the actor's tenant.

    A known person's password and name are left alone: they may work for other tenants too. For the same reason only an
    operator's command gives a new person a password: whoever chose it could later sign in to any tenant the person
    joins. All others choose their own by the link mailed to their address (passwords.py). Raises Conflict when they are
    a member already, ValidationFailed for a password that may not be given, ValidationError for a bad address, role or
    password.
    """
    actor.require(MEMBERS_MANAGE)
    user = User.objects.filter(email=email.strip().lower()).first()
    if password is not None:
        _require_password_may_be_given(actor, user)
    if user is None:
        if password is not None:
            validate_password(password, User(email=email, full_name=full_name))
        user = User.objects.create_user(email, password, full_name=full_name)
    elif Membership.objects.filter(user=user).exists():
        raise Conflict(_("%(email)s is a member of this tenant already.") % {"email": user.email})
    return user, membership_grant(actor=actor, user=user, roles=roles)


@transaction.atomic
def membership_grant(*, actor: Actor, user: User, roles: Sequence[str], reason: str = "") -> Membership:
    """Give a person exactly these roles in the actor's tenant; a membership that was ended comes back to life.

    Raises ValidationError for an unknown role or none, Conflict when the last administrator would cease to be one.
    """
    actor.require(MEMBERS_MANAGE)
    member = Membership.all_objects.select_for_update().filter(user=user).first() or Membership(
        tenant_id=actor.tenant_id, user=user
    )
    if not member.is_deleted and Role.TENANT_ADMIN not in roles:
        _keep_an_administrator(member)
    member.roles = sorted(set(roles))
    member.is_deleted, member.deleted_at, member.deleted_by_id = False, None, None
    member.full_clean(exclude=["tenant", "created_by", "updated_by", "deleted_by"], validate_unique=False)
    return member.save_as(actor, reason=reason or "roles granted")


@transaction.atomic
def membership_end(*, actor: Actor, member: Membership, reason: str) -> Membership:
    """End a membership. The person keeps their account and other tenants. Nobody ends the last administrator."""
    actor.require(MEMBERS_MANAGE)
    _keep_an_administrator(member)
    return member.soft_delete_as(actor, reason=reason)


def _require_password_may_be_given(actor: Actor, user: User | None) -> None:
    """Raise ValidationFailed unless an operator gives it to somebody new."""
    if actor.kind != "system":
        raise ValidationFailed.field(
            "password", _("People choose their own password by the link that is mailed to them.")
        )
    if user is not None:
        raise ValidationFailed.field("password", _("This person has an account already; leave the password out."))


def _keep_an_administrator(member: Membership) -> None:
    """Raise Conflict when ``member`` is the only administrator of the tenant who can sign in."""
    others = Membership.objects.select_for_update(of=("self",)).filter(user__is_active=True).exclude(pk=member.pk)
    if Role.TENANT_ADMIN in member.roles and not any(Role.TENANT_ADMIN in other.roles for other in others):
        raise Conflict(_("This is the tenant's last administrator."))
