"""What contexts put into the bar above every page: a small template, and what it shows, asked only when it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import cached_property

from plm_project.core.actor import Actor


@dataclass(frozen=True)
class TopbarItem:
    """``template`` finds what ``data`` returns as ``item.data``. ``data`` runs on every page: one cheap statement."""

    name: str
    template: str
    permission: str
    data: Callable[[HttpRequest], Mapping[str, Any]]


class DrawnItem:
    """An item on one page."""

    def __init__(self, item: TopbarItem, request: HttpRequest) -> None:
        self.template = item.template
        self._item, self._request = item, request

    @cached_property
    def data(self) -> Mapping[str, Any]:
        """What the template shows; asked when it is drawn for the first time."""
        return self._item.data(self._request)


_items: dict[str, TopbarItem] = {}


def register_topbar_item(item: TopbarItem) -> None:
    """Add an item, from ``AppConfig.ready()``. Registering the name again replaces it."""
    _items[item.name] = item


def items_for(request: HttpRequest) -> list[DrawnItem]:
    """Return the items the actor may see, in the order they were registered. Nobody signed in: none."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return []
    return [DrawnItem(item, request) for item in _items.values() if actor.may(item.permission)]
