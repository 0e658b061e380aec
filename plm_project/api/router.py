"""Addresses with and without the trailing slash, as one route: a POST is answered, not redirected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls.resolvers import RoutePattern, URLPattern
from rest_framework.routers import SimpleRouter


class OptionalSlash(RoutePattern):
    """A ``path()`` route that ends in a slash and also matches without it. Reversing gives the slash."""

    def match(self, path: str) -> Any:
        """Match the path as it is, else with a slash at its end."""
        return super().match(path) or super().match(path + "/")


def either_slash(route: str, view: Callable[..., Any], kwargs: Any = None, name: str | None = None) -> URLPattern:
    """Like ``django.urls.path`` for a view; ``route`` ends in a slash that callers may leave out."""
    if not route.endswith("/"):
        raise ValueError(f"{route!r} must end in a slash; callers may leave it out")
    return URLPattern(OptionalSlash(route, name=name, is_endpoint=True), view, kwargs, name)


class PlmRouter(SimpleRouter):
    """SimpleRouter with typed path parameters, optional slashes and no format suffixes."""

    def __init__(self) -> None:
        super().__init__(trailing_slash=True, use_regex_path=False)
        self._url_conf = either_slash
