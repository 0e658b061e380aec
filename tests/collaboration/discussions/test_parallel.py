"""A comment and a release at once, on two connections."""

from __future__ import annotations

import pytest

from changes.exceptions import ReleaseHeld
from changes.models import EngineeringChange
from changes.services import change_implement, change_submit
from collaboration.models import DiscussionThread
from collaboration.services import thread_resolve
from plm_project.core.exceptions import Conflict
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from tests.changes.conftest import make_draft, make_lamp
from tests.collaboration.discussions.conftest import begin
from tests.conftest import MakeActor
from tests.parallel import at_once, refusals
from tests.signing import change_approve

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("attempt", range(4))
def test_a_comment_is_in_time_or_waits_until_the_release(tenant: Tenant, make_actor: MakeActor, attempt: int) -> None:
    author, manager, approver = (make_actor(role) for role in ("engineer", "plm_manager", "technical_approver"))
    with tenant_scope(tenant.pk):
        lamp = make_lamp()
        change = make_draft(author, lamp)
        change_submit(actor=author, change_id=change.pk)
        change_approve(actor=approver, change_id=change.pk)
    works = [
        lambda: change_implement(actor=manager, change_id=change.pk),
        lambda: begin(approver, change, line_id=lamp.screw.pk),
    ]
    answers = at_once(tenant, works if attempt % 2 else works[::-1])
    with tenant_scope(tenant.pk):
        thread = DiscussionThread.objects.get()
        stored = EngineeringChange.objects.get()
        if refused := refusals(answers):
            assert isinstance(refused[0], ReleaseHeld) and stored.status == "approved"
        else:  # it waited for the release: nothing was held, and it was said afterwards
            assert stored.implemented_at is not None and thread.created_at >= stored.implemented_at


def test_two_people_resolve_once(tenant: Tenant, make_actor: MakeActor) -> None:
    author, approver = make_actor("engineer"), make_actor("technical_approver")
    with tenant_scope(tenant.pk):
        thread = begin(approver, make_draft(author, make_lamp()))
    answers = at_once(
        tenant,
        [lambda who=who: thread_resolve(actor=who, thread_id=thread.pk) for who in (author, approver)],  # type: ignore[misc]
    )
    (refusal,) = refusals(answers)
    assert isinstance(refusal, Conflict)
