"""Who is at the other end of a socket: by the same rules as HTTP, and as they stand now.

A socket lives for hours. Whatever is sent over it must ask again who listens: the session may have ended, the password
been changed, the membership or the token been taken away.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest


def request_of(scope: Mapping[str, Any]) -> HttpRequest:
    """Return a socket's handshake as a request with a freshly read session, for ``accounts.middleware.identify``.

    ``scope`` has passed Channels' CookieMiddleware. Reads the database; call it in a thread, each time anew.
    """
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = scope["path"]
    request.COOKIES = dict(scope.get("cookies", {}))
    for name, value in scope.get("headers", ()):
        key = name.decode("latin1").upper().replace("-", "_")
        request.META[f"HTTP_{key}"] = value.decode("latin1")
    store = import_module(settings.SESSION_ENGINE).SessionStore
    request.session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    request.user = get_user(request)
    return request
