"""Refusals and failures of this context."""

from __future__ import annotations

from integrations.choices import RETRYABLE, Outcome


class CallFailed(Exception):
    """One call did not come to what its contract asks. ``text`` is safe to show: no secret is in it.

    ``status`` is None where there was no answer. Whether trying again makes sense, ``retryable`` says.
    """

    def __init__(self, outcome: Outcome, text: str, *, status: int | None = None, milliseconds: int = 0) -> None:
        super().__init__(text)
        self.outcome, self.text, self.status, self.milliseconds = outcome, text, status, milliseconds

    @property
    def retryable(self) -> bool:
        """Whether the same call may go well later: network errors and 5xx (SPEC §7)."""
        return self.outcome in RETRYABLE


class BreakerOpen(Exception):
    """The neighbour failed too often lately; nothing is sent before ``seconds`` have passed."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"not before {seconds:.0f} s")
        self.seconds = seconds
