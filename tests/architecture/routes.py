"""Every route of the project as the URL configuration has it: name, slots, methods, permission. Nothing is listed by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from django.views.generic import RedirectView

HANDLERS = ("get", "post", "put", "patch", "delete")
SLOT = re.compile(r"<(?:(?P<converter>[^>:]+):)?(?P<name>[^>]+)>")


@dataclass(frozen=True)
class Route:
    """One address. ``template`` is the whole path as written, ``name`` with its namespaces."""

    template: str
    name: str
    callback: Any
    is_regex: bool

    @property
    def label(self) -> str:
        """The name, or the path of a route without one."""
        return self.name if self.name and not self.name.endswith(":") else self.template

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of the variable parts."""
        return () if self.is_regex else tuple(match["name"] for match in SLOT.finditer(self.template))

    @property
    def view_class(self) -> Any:
        """The class behind the route; None for a function."""
        return getattr(self.callback, "cls", None) or getattr(self.callback, "view_class", None)

    @property
    def is_api(self) -> bool:
        """Whether it answers the envelope."""
        return self.template.startswith("api/")

    @property
    def is_admin(self) -> bool:
        """Whether it belongs to the admin."""
        return self.template.startswith("admin/")

    @property
    def is_redirect(self) -> bool:
        """Whether it only sends on, whatever the id: where it leads is a route of its own."""
        return self.view_class is not None and issubclass(self.view_class, RedirectView)

    @property
    def actions(self) -> Mapping[str, str]:
        """Method → the key under which ``permission_map`` knows it."""
        bound = getattr(self.callback, "actions", None)
        if bound:
            return {method: action for method, action in bound.items() if method in HANDLERS}
        cls = self.view_class
        if cls is None:
            return {"get": "get", "post": "post"}
        allowed = [name.lower() for name in cls.http_method_names]
        return {method: method for method in HANDLERS if method in allowed and hasattr(cls, method)}

    def path(self, values: Mapping[str, object]) -> str:
        """Return the path with its slots filled."""
        return "/" + SLOT.sub(lambda match: str(values[match["name"]]), self.template)


def routes() -> list[Route]:
    """Return every route."""
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: Iterable[Any], prefix: str, namespace: str) -> Iterator[Route]:
    for entry in patterns:
        template = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry.url_patterns, template, inner)
        elif isinstance(entry, URLPattern):
            is_regex = not isinstance(entry.pattern, RoutePattern)
            yield Route(template, namespace + (entry.name or ""), entry.callback, is_regex)
