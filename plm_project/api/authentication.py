"""Authentication for DRF: ActorMiddleware has found out who asks; here it takes effect."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.request import Request

from plm_project.accounts.models import User
from plm_project.api.errors import CHALLENGE
from plm_project.core.actor import Actor
from plm_project.core.exceptions import PermissionDenied


class ActorAuthentication(BaseAuthentication):
    """Gives ``request.user`` the person and ``request.auth`` the Actor. Session callers must pass the CSRF check."""

    def authenticate(self, request: Request) -> tuple[User, Actor] | None:
        """Return person and Actor, None when nobody asked to be known; raise why the credentials are refused."""
        http: Any = request._request
        if http.auth_error is not None:
            raise http.auth_error
        actor: Actor | None = http.actor
        if actor is None:
            return None
        if actor.kind == "user":
            refuse_forgery(http)
        return http.user, actor

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401."""
        return CHALLENGE


def refuse_forgery(request: HttpRequest) -> None:
    """Check the CSRF token of a call that the browser's cookie alone identifies. Raises PermissionDenied."""
    check = CSRFCheck(lambda _request: None)  # type: ignore[arg-type, return-value]
    check.process_request(request)
    reason = check.process_view(request, None, (), {})  # type: ignore[arg-type]
    if reason:
        raise PermissionDenied(_("The CSRF token is missing or wrong. Reload the page and try again."))


def caller_key(request: HttpRequest) -> str:
    """Return who is counted: the token, else the person, else nobody (an empty string)."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return ""
    if actor.kind == "token":
        shown = request.headers.get("Authorization", "").partition(" ")[2].strip()
        return "token:" + hashlib.sha256(shown.encode()).hexdigest()[:32]
    return f"user:{actor.user_id}"
