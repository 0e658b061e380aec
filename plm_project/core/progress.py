"""How long work says how far it is. Services take a ``Progress`` and know nothing of who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """``progress(step, done, total)``: the step in words for people, and how much of it is done; ``total`` 0: not known.

    It is cheap enough to be called for every few hundred rows. It may raise to stop the work: let that pass, so that
    the transaction is undone.
    """

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """Say it."""


def unheard(step: str, done: int = 0, total: int = 0) -> None:
    """Nobody listens."""
