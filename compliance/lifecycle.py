"""The state machine of a compliance record, as the trade reads it.

not_assessed → in_progress → compliant | non_compliant | waived. What was found non-compliant may be waived as it stands.
Compliant and waived expire after their last valid day. Every decided state goes back to in_progress, with a reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django_fsm import transition

from compliance import permissions
from compliance.choices import DECIDED
from compliance.choices import ComplianceStatus as Status
from plm_project.core import clock
from plm_project.tenancy.states import Guard, asks_reason, condition, has_reason, permitted

if TYPE_CHECKING:
    from compliance.models import ComplianceRecord


@asks_reason
def has_ground(record: ComplianceRecord) -> str:
    """Compliance is shown by evidence that is valid today, or stated with a reason."""
    if record.transition_reason.strip() or record.valid_evidence(clock.today()).exists():
        return ""
    return _("Attach evidence that is valid today, or give a reason.")


@asks_reason
def explains_reopening(record: ComplianceRecord) -> str:
    """A first assessment just begins; one that was decided is opened again for a reason."""
    return has_reason(record) if record.status in DECIDED else ""


def is_past_its_date(record: ComplianceRecord) -> str:
    """A date ends it, nobody's wish."""
    if record.lapsed_on(clock.today()):
        return ""
    return _("It is still valid.")


def _status(
    source: list[Status], target: Status, permission: str, *guards: Guard
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    return transition(  # type: ignore[no-any-return]
        field="status",
        source=source,
        target=target,
        permission=permitted(permission),
        conditions=[condition(guard) for guard in guards],
    )


class ComplianceLifecycle:
    """Transitions of a record. The bodies are empty: services record reason, history and event around them."""

    transition_reason: str = ""

    @_status(
        [Status.NOT_ASSESSED, *sorted(DECIDED)],
        Status.IN_PROGRESS,
        permissions.COMPLIANCE_ASSESS,
        explains_reopening,
    )
    def to_in_progress(self) -> None:
        """Begin, or begin again."""

    @_status([Status.IN_PROGRESS], Status.COMPLIANT, permissions.COMPLIANCE_ASSESS, has_ground)
    def to_compliant(self) -> None:
        """It conforms."""

    @_status([Status.IN_PROGRESS], Status.NON_COMPLIANT, permissions.COMPLIANCE_ASSESS, has_reason)
    def to_non_compliant(self) -> None:
        """It does not conform."""

    @_status([Status.IN_PROGRESS, Status.NON_COMPLIANT], Status.WAIVED, permissions.COMPLIANCE_WAIVE, has_reason)
    def to_waived(self) -> None:
        """It does not conform, and may be used all the same."""

    @_status([Status.COMPLIANT, Status.WAIVED], Status.EXPIRED, permissions.COMPLIANCE_ASSESS, is_past_its_date)
    def to_expired(self) -> None:
        """Its last valid day is over."""
