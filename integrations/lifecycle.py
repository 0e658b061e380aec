"""The state machines of a delivery and of a suggestion.

waiting → sending → delivered. A call that failed goes back to waiting, or to review when trying again makes no sense or
the retries are used up. A person sends it again from review, delivered or discarded, or discards it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django_fsm import transition

from integrations import permissions
from integrations.choices import DeliveryState as State
from integrations.choices import SuggestionState
from plm_project.tenancy.states import Guard, condition, has_reason, permitted


def _state(
    source: list[State], target: State, *guards: Guard
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    return transition(  # type: ignore[no-any-return]
        field="state",
        source=source,
        target=target,
        permission=permitted(permissions.INTEGRATIONS_OPERATE),
        conditions=[condition(guard) for guard in guards],
    )


class DeliveryLifecycle:
    """Transitions. The bodies are empty: services note what goes with a step."""

    transition_reason: str = ""

    @_state([State.WAITING, State.SENDING], State.SENDING)
    def to_sending(self) -> None:
        """Somebody calls; again when whoever did so before is gone."""

    @_state([State.SENDING], State.DELIVERED)
    def to_delivered(self) -> None:
        """The other side has it."""

    @_state([State.SENDING, State.REVIEW, State.DELIVERED, State.DISCARDED], State.WAITING)
    def to_waiting(self) -> None:
        """It is tried again: later by itself, or now because a person says so."""

    @_state([State.SENDING], State.REVIEW)
    def to_review(self) -> None:
        """A person has to look."""

    @_state([State.WAITING, State.REVIEW], State.DISCARDED, has_reason)
    def to_discarded(self) -> None:
        """A person decided that it need not arrive; what waits behind it goes on."""


def _suggestion(
    source: list[SuggestionState], target: SuggestionState, *guards: Guard
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    return transition(  # type: ignore[no-any-return]
        field="state",
        source=source,
        target=target,
        permission=permitted(permissions.SUGGESTIONS_ASK),
        conditions=[condition(guard) for guard in guards],
    )


class SuggestionLifecycle:
    """Transitions of a suggestion. What it proposes is done by a person, in the ways there are for it, or not at all."""

    transition_reason: str = ""

    @_suggestion([SuggestionState.ASKED], SuggestionState.ANSWERED)
    def to_answered(self) -> None:
        """The other side has said something."""

    @_suggestion([SuggestionState.ANSWERED, SuggestionState.DISMISSED], SuggestionState.ACCEPTED)
    def to_accepted(self) -> None:
        """A person finds it good."""

    @_suggestion([SuggestionState.ANSWERED, SuggestionState.ACCEPTED], SuggestionState.DISMISSED, has_reason)
    def to_dismissed(self) -> None:
        """A person does not, and says why."""
