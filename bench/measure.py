"""Times a question asked of the service and of PostgreSQL, in turns, and keeps the medians."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

Question = Callable[[], Any]


@dataclass(frozen=True)
class Row:
    """One line of the table: milliseconds, their ratio, and the goal: a ratio, or an absolute number of milliseconds."""

    size: str
    operation: str
    service_ms: float
    sql_ms: float | None
    goal_ratio: float | None = None
    goal_ms: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times as long as PostgreSQL alone the service took."""
        return self.service_ms / self.sql_ms if self.sql_ms else None

    @property
    def goal(self) -> str:
        """The goal in words."""
        return f"≤ {self.goal_ratio} ×" if self.goal_ratio is not None else f"< {self.goal_ms:g} ms"

    @property
    def met(self) -> bool:
        """Whether the goal was met in this run."""
        if self.goal_ratio is not None:
            return self.ratio is not None and self.ratio <= self.goal_ratio
        return self.goal_ms is not None and self.service_ms < self.goal_ms

    def as_json(self) -> dict[str, Any]:
        """Return all of it for machines."""
        ratio = round(self.ratio, 3) if self.ratio is not None else None
        return {**asdict(self), "ratio": ratio, "goal": self.goal, "met": self.met}


def median_ms(question: Question, *, runs: int) -> float:
    """Return the median of ``runs`` after one to warm up."""
    return medians_ms([question], runs=runs)[0]


def medians_ms(questions: list[Question], *, runs: int) -> list[float]:
    """Return the median of each, asked in turns, so that whatever else the machine does falls on all of them."""
    times: list[list[float]] = [[] for _ in questions]
    for run in range(runs + 1):
        for question, taken in zip(questions, times, strict=True):
            gc.collect()
            start = time.perf_counter()
            question()
            if run:
                taken.append((time.perf_counter() - start) * 1000)
    return [statistics.median(taken) for taken in times]


def p95_ms(questions: list[Question]) -> float:
    """Return the 95th percentile over many different questions, each asked twice and timed the second time."""
    times = []
    for question in questions:
        question()
        start = time.perf_counter()
        question()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.quantiles(times, n=20)[-1]
