"""Business errors. Services raise them; every door (API, page, admin, command, socket) renders them its own way.

Each class fixes the stable ``error_code`` of SPEC §8 and the HTTP status. ``details`` maps a field to its messages.
Messages are for people: they may name the caller's own input, never another tenant's data or internals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Details = Mapping[str, Sequence[str]]


class PlmError(Exception):
    """Base of all expected refusals."""

    error_code = "INTERNAL_ERROR"
    status_code = 500

    def __init__(self, message: str, *, details: Details | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, list[str]] = {key: list(value) for key, value in (details or {}).items()}

    def __str__(self) -> str:
        return str(self.message)


class ValidationFailed(PlmError):
    """The input breaks a rule; ``details`` says which field and why."""

    error_code = "VALIDATION_ERROR"
    status_code = 400

    @classmethod
    def field(cls, name: str, message: str) -> ValidationFailed:
        """Build the common case: one field, one message."""
        return cls(message, details={name: [message]})


class AuthenticationRequired(PlmError):
    """Nobody is signed in, or the token is wrong, expired or revoked."""

    error_code = "AUTHENTICATION_REQUIRED"
    status_code = 401


class PermissionDenied(PlmError):
    """The caller is known but lacks the permission."""

    error_code = "PERMISSION_DENIED"
    status_code = 403


class NotFound(PlmError):
    """No such record in the caller's tenant. Another tenant's record gives the same answer."""

    error_code = "NOT_FOUND"
    status_code = 404


class Conflict(PlmError):
    """The record's state, or a colleague's work at the same time, forbids it."""

    error_code = "CONFLICT"
    status_code = 409


class PreconditionFailed(PlmError):
    """The record was changed since the caller read it (If-Match / version)."""

    error_code = "PRECONDITION_FAILED"
    status_code = 412


class RateLimited(PlmError):
    """Too many calls; try again later."""

    error_code = "RATE_LIMITED"
    status_code = 429
