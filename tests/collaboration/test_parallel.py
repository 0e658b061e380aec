"""Two people at once, on two connections."""

from __future__ import annotations

import pytest

from collaboration.models import CollaborationSession
from collaboration.services import participant_remove, session_end, update_store
from plm_project.core.exceptions import Conflict, NotFound
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.collaboration.conftest import Cast, chat, events_of, key, log_of
from tests.parallel import at_once, refusals

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_updates_at_once_are_numbered_without_gaps_or_repeats(
    tenant: Tenant, cast: Cast, room: CollaborationSession
) -> None:
    actors = [cast.host, cast.editor] * 3
    answers = at_once(
        tenant,
        [
            lambda n=n, a=actor: update_store(actor=a, session_id=room.pk, update=chat(f"{n}"), request=f"{n // 2}")  # type: ignore[misc]
            for n, actor in enumerate(actors)
        ],
    )
    assert sorted(answer.sequence for answer in answers) == [1, 2, 3, 4, 5, 6]
    repeated = at_once(
        tenant,
        [lambda: update_store(actor=cast.host, session_id=room.pk, update=chat("once"), request="same")] * 4,
    )
    assert {answer.sequence for answer in repeated} == {7}
    with tenant_scope(tenant.pk):
        assert [number for number, _payload in log_of(room)] == list(range(1, 8))


@pytest.mark.parametrize("attempt", range(3))
def test_the_end_and_a_removal_against_an_update(
    tenant: Tenant, cast: Cast, room: CollaborationSession, attempt: int
) -> None:
    """Whoever comes first: nothing is stored after the end, or by somebody who is out."""
    stored, removed = at_once(
        tenant,
        [
            lambda: update_store(actor=cast.editor, session_id=room.pk, update=chat("a")),
            lambda: participant_remove(actor=cast.host, session_id=room.pk, user_id=key(cast.editor)),
        ],
    )
    assert removed.is_deleted and (isinstance(stored, NotFound) or stored.sequence == 1)
    answers = at_once(
        tenant,
        [
            lambda: update_store(actor=cast.host, session_id=room.pk, update=chat("b")),
            lambda: session_end(actor=cast.host, session_id=room.pk),
            lambda: session_end(actor=cast.manager, session_id=room.pk),
        ],
    )
    assert all(isinstance(refusal, Conflict) for refusal in refusals(answers))
    with tenant_scope(tenant.pk):
        (event,) = events_of("collaboration_ended")
        assert event.event_data["update_count"] == len(log_of(room))
