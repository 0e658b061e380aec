"""Where contexts above add to the change page: panels, and marks on what the redline picture shows.

They register from ``AppConfig.ready()``; this context shows what they return and knows none of them.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from plm_project.core.actor import Actor

if TYPE_CHECKING:
    from changes.models import EngineeringChange

# The change, who looks at it, and the query of the address (filters live there).
PanelContext = Callable[["EngineeringChange", Actor, Mapping[str, str]], Mapping[str, Any]]


@dataclass(frozen=True)
class ChangePanel:
    """A panel of the change page that another context fills: ``template`` gets what ``context`` returns, as ``panel``.

    It stands under the id ``key`` and shows to those who hold ``permission``. A fixed number of queries.
    """

    key: str
    title: str | Promise
    template: str
    permission: str
    context: PanelContext


@dataclass(frozen=True)
class Mark:
    """What stands beside one affected product or line: how many, what that means in words, and where it leads."""

    count: int
    label: str
    url: str


@dataclass(frozen=True)
class LineMarks:
    """Marks in the redline picture. ``find`` is asked once for a page, with the ids of all that is shown: affected
    products, lines, and redlines that add a line. It returns marks by id, and answers with a fixed number of queries.
    """

    key: str
    icon: str
    permission: str
    find: Callable[
        [EngineeringChange, Actor, Collection[uuid.UUID], Collection[uuid.UUID], Collection[uuid.UUID]],
        Mapping[uuid.UUID, Mark],
    ]


_panels: dict[str, ChangePanel] = {}
_marks: dict[str, LineMarks] = {}


def register_change_panel(panel: ChangePanel) -> None:
    """Add a panel. The same one again changes nothing. Raises ValueError when another has its key."""
    if _panels.setdefault(panel.key, panel) != panel:
        raise ValueError(f"There is a change panel {panel.key} already")


def register_line_marks(marks: LineMarks) -> None:
    """Add marks. The same ones again change nothing. Raises ValueError when others have their key."""
    if _marks.setdefault(marks.key, marks) != marks:
        raise ValueError(f"There are line marks {marks.key} already")


def change_panels() -> tuple[ChangePanel, ...]:
    """Return the panels in the order they registered."""
    return tuple(_panels.values())


def line_marks() -> tuple[LineMarks, ...]:
    """Return the marks in the order they registered."""
    return tuple(_marks.values())
