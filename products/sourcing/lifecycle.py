"""The state machine of an approved source, as purchasing reads it.

potential ⇄ approved, both → disqualified → potential. Whoever was disqualified is looked at again before it is approved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django_fsm import transition

from plm_project.tenancy.states import Guard, condition, has_reason, permitted
from products import permissions
from products.choices import PartLifecycle
from products.choices import SourceStatus as Status

if TYPE_CHECKING:
    from products.models import ApprovedSource


def part_can_be_bought(source: ApprovedSource) -> str:
    """Nothing is approved that is no longer made, or whose maker is set inactive."""
    part = source.manufacturer_part
    if part.lifecycle == PartLifecycle.OBSOLETE:
        return _("%(part)s is obsolete.") % {"part": part}
    if not part.manufacturer.is_active:
        return _("%(manufacturer)s is inactive.") % {"manufacturer": part.manufacturer.name}
    return ""


def _status(
    source: list[Status], target: Status, *guards: Guard
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    return transition(  # type: ignore[no-any-return]
        field="status",
        source=source,
        target=target,
        permission=permitted(permissions.SOURCING_APPROVE),
        conditions=[condition(guard) for guard in guards],
    )


class SourceLifecycle:
    """Mixin of ApprovedSource. ``transition_reason`` is what the caller says; the service sets it."""

    transition_reason = ""

    @_status([Status.POTENTIAL], Status.APPROVED, part_can_be_bought)
    def to_approved(self) -> None:
        """It may be bought."""

    @_status([Status.APPROVED, Status.DISQUALIFIED], Status.POTENTIAL, has_reason)
    def to_potential(self) -> None:
        """It is looked at again."""

    @_status([Status.POTENTIAL, Status.APPROVED], Status.DISQUALIFIED, has_reason)
    def to_disqualified(self) -> None:
        """It must not be bought."""
