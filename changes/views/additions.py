"""What other contexts add to the change page: their panels, and their marks in the redline picture."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from changes.extensions import Mark, change_panels, line_marks
from changes.models import ChangeRequest, EngineeringChange
from changes.selectors import products_not_in
from changes.views.story import Picture, ShownMark
from plm_project.core.actor import Actor
from products.models import Product


@dataclass(frozen=True)
class ShownPanel:
    """A panel with what fills it."""

    key: str
    title: str
    template: str
    content: Mapping[str, Any]


def panels_of(change: EngineeringChange, actor: Actor, query: Mapping[str, str]) -> list[ShownPanel]:
    """Return the panels that the person may see."""
    return [
        ShownPanel(panel.key, str(panel.title), panel.template, panel.context(change, actor, query))
        for panel in change_panels()
        if actor.may(panel.permission)
    ]


def with_marks(change: EngineeringChange, actor: Actor, pictures: Sequence[Picture]) -> list[Picture]:
    """Return the pictures with the marks of other contexts."""
    affected = [picture.affected.pk for picture in pictures]
    rows = [row for picture in pictures for row in picture.rows]
    lines = [row.line_id for row in rows if row.line_id is not None]
    redlines = [row.redline_id for row in rows if row.redline_id is not None]
    found: dict[uuid.UUID, list[ShownMark]] = {}
    for marks in line_marks():
        if actor.may(marks.permission):
            for key, mark in marks.find(change, actor, affected, lines, redlines).items():
                found.setdefault(key, []).append(_shown(marks.icon, mark))
    return [
        replace(
            picture,
            marks=tuple(found.get(picture.affected.pk, ())),
            rows=tuple(
                replace(row, marks=tuple(found.get(place, ()) if (place := row.line_id or row.redline_id) else ()))
                for row in picture.rows
            ),
        )
        for picture in pictures
    ]


def _shown(icon: str, mark: Mark) -> ShownMark:
    return ShownMark(icon, mark.count, mark.label, mark.url)


def not_covered(change: EngineeringChange) -> list[tuple[ChangeRequest, Product]]:
    """Return the products that a request of the change is about and that the change does not affect."""
    return [(asked, product) for asked in change.requests.all() for product in products_not_in(asked, change)]
