"""One connection's dealings with its room, as plain functions that run in a thread: one scope each, held by nobody else.

Each begins with who is there now (still signed in, still a member, still a participant), whatever was true before.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from collaboration.exceptions import NoSuchSession
from collaboration.messages import Join, Message, Update, session_changed, update_accepted, update_message, user_came
from collaboration.models import SessionUpdate
from collaboration.selectors.access import Access, session_access
from collaboration.selectors.state import missed_updates, session_state, updates_of
from collaboration.services.locked import person_of
from collaboration.services.presence import presence_enter, presence_leave, presence_renew, presence_sweep
from collaboration.services.telling import group_of
from collaboration.services.updates import update_store
from plm_project.accounts.sockets import SocketCaller
from plm_project.core import clock
from plm_project.core.actor import Actor, acting_as
from plm_project.core.exceptions import PermissionDenied
from plm_project.core.ids import uuid7
from plm_project.tenancy.scope import tenant_scope

MOST_AT_ONCE = 200  # updates fetched in one go to close a gap


@dataclass(frozen=True)
class Missed:
    """What the log holds beyond the last number sent, and the session's state."""

    updates: list[Message]
    status: Message


class Room:
    """The database's side of one connection to one session."""

    def __init__(self, scope: Mapping[str, Any], session_id: uuid.UUID | None) -> None:
        self.connection = uuid7()
        self.user_id: uuid.UUID | None = None
        self._caller = SocketCaller(scope)
        self._session_id = session_id
        self._tenant_id: uuid.UUID | None = None

    @property
    def is_entered(self) -> bool:
        """Whether the caller was ever let in."""
        return self._tenant_id is not None

    @property
    def group(self) -> str:
        """The group in the channel layer; known once the caller was let in."""
        assert self._tenant_id is not None and self._session_id is not None
        return group_of(self._tenant_id, self._session_id)

    def admit(self) -> None:
        """Check once more. Raises AuthenticationRequired, PermissionDenied, and NoSuchSession: for an unknown session,
        another tenant's and one the caller takes no part in alike. Who was in before is told that they are not now."""
        with self._inside():
            pass

    def join(self, wish: Join) -> list[Message]:
        """Come in; return what the joiner is told: who they are, the state, and what they missed."""
        self._require_own(wish.session_id)
        with self._inside(atomic=True) as (actor, access):
            # The lock is held to the end: no update falls between the state and what follows it.
            access = presence_enter(actor=actor, session_id=access.session.pk, connection=self.connection)
            missed = missed_updates(access.session, wish.last_sequence)
            state = session_state(actor, access) | ({"request": wish.request} if wish.request else {})
            own = user_came("user_joined", access.session.pk, person_of(actor), clock.now())
        return [own, state] if missed is None else [own, {**state, "catching_up": True}, *missed]

    def store(self, wish: Update) -> Message:
        """Store an update; return the acknowledgement. Raises as ``update_store``."""
        self._require_own(wish.session_id)
        with self._inside() as (actor, access):
            stored: SessionUpdate = update_store(
                actor=actor,
                session_id=access.session.pk,
                update=wish.update,
                request=wish.request,
                origin=self.connection,
            )
        return update_accepted(stored, wish.request)

    def renew(self) -> None:
        """Stay: the presence holds for another minute."""
        with self._inside() as (actor, access):
            presence_renew(actor=actor, session_id=access.session.pk, connection=self.connection)

    def missed(self, after: int, *, sweep: bool = False) -> Missed:
        """Return what was stored after number ``after``; with ``sweep`` let go first whose lease ran out."""
        with self._inside() as (_actor, access):
            if sweep:
                presence_sweep(session_id=access.session.pk)
            rows = updates_of(access.session.pk, after=after)[:MOST_AT_ONCE]
            return Missed([update_message(row) for row in rows], session_changed(access.session))

    def leave(self) -> None:
        """Go, whoever they are by now."""
        if self._tenant_id is None or self._session_id is None:
            return
        with tenant_scope(self._tenant_id):
            presence_leave(session_id=self._session_id, connection=self.connection)

    def _require_own(self, session_id: uuid.UUID) -> None:
        if session_id != self._session_id:
            raise NoSuchSession

    @contextmanager
    def _inside(self, *, atomic: bool = False) -> Iterator[tuple[Actor, Access]]:
        actor = self._caller.actor()
        with acting_as(actor), tenant_scope(actor.tenant_id, atomic=atomic):
            yield actor, self._access(actor)

    def _access(self, actor: Actor) -> Access:
        try:
            if self._session_id is None:
                raise NoSuchSession
            access = session_access(actor, self._session_id)
        except NoSuchSession:
            if self._tenant_id is None:
                raise
            raise PermissionDenied(_("You no longer take part in this session.")) from None
        self._tenant_id, self.user_id = actor.tenant_id, actor.user_id
        return access
