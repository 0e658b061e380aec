"""Deny by default: an action that declares no permission is open to nobody."""

from __future__ import annotations

from typing import Any

import structlog
from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from plm_project.core.exceptions import AuthenticationRequired, PermissionDenied

log = structlog.get_logger(__name__)


class DeclaredPermission(BasePermission):
    """Looks the action up in the view's ``permission_map`` ({"list": "plm.products.read", …}) and asks the Actor."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return True, or raise AuthenticationRequired (nobody asks) or PermissionDenied (without the permission)."""
        actor = getattr(request._request, "actor", None)
        if actor is None:
            raise AuthenticationRequired(_("Sign in, or send an API token."))
        method = (request.method or "").lower()
        if method not in view.http_method_names or not hasattr(view, method):
            return True  # no handler: DRF answers 405 next
        action = action_of(view, method)
        permission = getattr(view, "permission_map", {}).get(action)
        if not permission:
            log.error("no permission declared", view=type(view).__qualname__, action=action)
            raise PermissionDenied(_("This action is not open to anybody yet."))
        actor.require(permission)
        return True


def action_of(view: Any, method: str) -> str | None:
    """Return the name under which ``permission_map`` knows the call: the viewset's action, else the method."""
    if hasattr(view, "action_map"):
        name: str | None = view.action
        return name
    return "get" if method == "head" else method
