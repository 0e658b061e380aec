"""Who stands behind a socket. Sockets have no middleware that asks again, so their consumers ask here, per message."""

from __future__ import annotations

import io
import uuid
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.core.handlers.asgi import ASGIRequest
from django.utils.translation import gettext as _

from plm_project.accounts.middleware import identify
from plm_project.core.actor import Actor
from plm_project.core.exceptions import AuthenticationRequired
from plm_project.core.ids import uuid7


class SocketCaller:
    """The credentials a socket was opened with: the session's cookie, or a token. They are judged anew on each call,
    by the rules of HTTP requests (middleware.identify)."""

    def __init__(self, scope: Mapping[str, Any]) -> None:
        self._scope = {**scope, "type": "http", "method": "GET"}
        self._tenant_id: uuid.UUID | None = None
        self.request_id = str(uuid7())

    def actor(self) -> Actor:
        """Return who it is now. Reads the database; run it in a thread, outside of any scope.

        The first answer fixes the tenant: choosing another one in another window does not move an open socket.
        Raises AuthenticationRequired when nobody is signed in (any more) or the token is not valid (any more), and
        PermissionDenied when they are no member of the tenant (any more).
        """
        request: Any = ASGIRequest(self._scope, io.BytesIO())
        if self._tenant_id is not None:
            request.META["HTTP_X_TENANT_ID"] = str(self._tenant_id)
        request.request_id = self.request_id
        store = import_module(settings.SESSION_ENGINE).SessionStore
        request.session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        request.user = get_user(request)
        caller = identify(request)
        if caller.error is not None:
            raise caller.error
        if caller.actor is None:
            raise AuthenticationRequired(_("Sign in first."))
        self._tenant_id = caller.actor.tenant_id
        return caller.actor
