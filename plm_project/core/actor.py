"""The Actor: who asks, in which tenant, with which permissions. Every service takes one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal

from django.utils.translation import gettext as _

from plm_project.core.exceptions import PermissionDenied

ActorKind = Literal["user", "token", "system"]


@dataclass(frozen=True)
class Actor:
    """A frozen statement of the caller, built once at the door.

    ``kind`` is how the caller came in: a signed-in person, an API token, or the system itself (commands, relay).
    A token acts for the person it belongs to, with at most that person's permissions. ``label`` is what the
    audit trail shows. A system actor may do everything inside its tenant.
    """

    kind: ActorKind
    tenant_id: uuid.UUID
    user_id: uuid.UUID | None = None
    label: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    permissions: frozenset[str] = field(default_factory=frozenset)
    request_id: str = ""
    # Asked about every permission that the roles give; whoever built the actor says whom (accounts/second_opinion.py).
    second_opinion: Callable[[Actor, str], bool] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def system(cls, tenant_id: uuid.UUID, label: str = "system", *, request_id: str = "") -> Actor:
        """Return the actor for work nobody in particular asked for; ``label`` names the command or task."""
        return cls(kind="system", tenant_id=tenant_id, label=label, request_id=request_id)

    def may(self, permission: str) -> bool:
        """Return whether the actor holds ``permission`` (a string such as ``plm.products.read``)."""
        if self.kind == "system":
            return True
        held = permission in self.permissions
        return held and (self.second_opinion is None or self.second_opinion(self, permission))

    def require(self, permission: str) -> None:
        """Raise PermissionDenied unless the actor holds ``permission``."""
        if not self.may(permission):
            raise PermissionDenied(
                _("You need the permission %(permission)s for this.") % {"permission": permission},
            )


_current: ContextVar[Actor | None] = ContextVar("plm_actor", default=None)


def current_actor() -> Actor | None:
    """Return the actor of the running request, command or task; None outside of one.

    For the audit trail and the logs alone. Services get theirs as an argument.
    """
    return _current.get()


@contextmanager
def acting_as(actor: Actor | None) -> Iterator[None]:
    """Make ``actor`` the current one for the block."""
    token = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(token)
