"""Votes as the tests' people cast them: with the password that all of them have."""

from __future__ import annotations

from typing import Any

from changes import services
from changes.models import EngineeringChange
from tests.conftest import PASSWORD

SIGNED = services.Signature(PASSWORD)
SIGNATURE = {"password": PASSWORD}  # the same on the wire


def change_approve(**kwargs: Any) -> EngineeringChange:
    """Approve, signed."""
    return services.change_approve(signature=SIGNED, **kwargs)


def change_reject(**kwargs: Any) -> EngineeringChange:
    """Reject, signed."""
    return services.change_reject(signature=SIGNED, **kwargs)
