"""The door of pages, admin and API: finds the Actor and runs the rest of the request inside their tenant's scope."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from plm_project.accounts import permissions
from plm_project.accounts.actors import actor_for_membership, actor_for_token, memberships_of
from plm_project.accounts.models import Membership, User
from plm_project.core.actor import Actor, acting_as
from plm_project.core.exceptions import AuthenticationRequired, PermissionDenied, PlmError, ValidationFailed
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import roll_back_scope, tenant_scope

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
SESSION_TENANT = "tenant_id"
API_PREFIX = "/api/"


@dataclass
class Caller:
    """What the request says of who asks. ``error`` is why there is no actor although somebody tried."""

    actor: Actor | None = None
    tenant: Tenant | None = None
    user: User | None = None
    memberships: list[Membership] = field(default_factory=list)
    error: PlmError | None = None


class ActorMiddleware:
    """Sets ``request.actor``, ``tenant``, ``memberships`` and ``auth_error``; opens the one scope of the request.

    A writing request is one transaction; an answer of 400 or more undoes all it wrote.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Identify, then hand on inside the scope."""
        caller = identify(request)
        request.actor = caller.actor  # type: ignore[attr-defined]
        request.tenant = caller.tenant  # type: ignore[attr-defined]
        request.memberships = caller.memberships  # type: ignore[attr-defined]
        request.auth_error = caller.error  # type: ignore[attr-defined]
        if caller.actor is None:
            return self.get_response(request)
        request.user = caller.user  # type: ignore[assignment]
        writing = request.method not in SAFE_METHODS
        with acting_as(caller.actor), tenant_scope(caller.actor.tenant_id, atomic=writing):
            response = self.get_response(request)
            if response.status_code >= 500 or (writing and response.status_code >= 400):
                roll_back_scope()
            return response


def identify(request: HttpRequest) -> Caller:
    """Find out who asks: a Bearer token first, then the session. Reads nothing where neither is sent."""
    header = request.headers.get("Authorization", "")
    if header:
        return _from_token(request, header)
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return Caller()
    return _from_session(request)


def _request_id(request: HttpRequest) -> str:
    return str(getattr(request, "request_id", ""))


def _from_token(request: HttpRequest, header: str) -> Caller:
    scheme, _space, text = header.partition(" ")
    try:
        if scheme.lower() != "bearer" or not text.strip():
            raise AuthenticationRequired(_("Send the API token as “Authorization: Bearer <token>”."))
        actor, tenant, user = actor_for_token(text.strip(), request_id=_request_id(request))
        wanted = request.headers.get("X-Tenant-ID", "")
        if wanted and wanted not in (str(tenant.pk), tenant.slug):
            raise PermissionDenied(_("The API token belongs to another tenant than X-Tenant-ID names."))
    except PlmError as error:
        return Caller(error=error)
    return Caller(actor=actor, tenant=tenant, user=user)


def _from_session(request: HttpRequest) -> Caller:
    user = request.user
    if not isinstance(user, User) and not getattr(user, "is_authenticated", False):
        return Caller()
    memberships = memberships_of(user)  # type: ignore[arg-type]
    caller = Caller(user=user, memberships=memberships)  # type: ignore[arg-type]
    try:
        membership = _chosen(request, memberships)
    except PlmError as error:
        caller.error = error
        return caller
    caller.tenant = membership.tenant
    caller.actor = actor_for_membership(user, membership, request_id=_request_id(request))  # type: ignore[arg-type]
    return caller


def _chosen(request: HttpRequest, memberships: list[Membership]) -> Membership:
    """Return the membership to work under: X-Tenant-ID, else the session's choice, else the only (pages: main) one."""
    if not memberships:
        raise PermissionDenied(_("You do not belong to any tenant yet. Ask an administrator to add you."))
    wanted = request.headers.get("X-Tenant-ID", "")
    if wanted:
        for membership in memberships:
            if wanted in (str(membership.tenant_id), membership.tenant.slug):
                return membership
        raise PermissionDenied(_("You are not a member of the tenant that X-Tenant-ID names."))
    remembered = request.session.get(SESSION_TENANT)
    for membership in memberships:
        if remembered == str(membership.tenant_id):
            return membership
    if len(memberships) > 1 and request.path.startswith(API_PREFIX):
        raise ValidationFailed.field("X-Tenant-ID", _("You belong to several tenants: name one in X-Tenant-ID."))
    # Nothing chosen yet: begin where the person has the most to do.
    return max(memberships, key=lambda membership: len(permissions.for_roles(membership.roles)))


def remember_tenant(request: HttpRequest, tenant_id: uuid.UUID) -> None:
    """Keep the person's choice for the session. The caller has checked the membership."""
    request.session[SESSION_TENANT] = str(tenant_id)
