"""What a run of the relay comes to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Outcome:
    """What one run of the relay did."""

    delivered: int = 0
    failed: int = 0
    settled: int = 0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(self.delivered + other.delivered, self.failed + other.failed, self.settled + other.settled)
