"""Two people at the same document at once, on two connections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.exceptions import CheckedOut
from products.models import Document, DocumentRevision
from products.services.document_files import document_check_out
from products.services.document_revisions import document_revision_move
from tests.factories import make_document, system_actor
from tests.parallel import at_once, refusals

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("attempt", range(3))
def test_one_of_several_takes_the_document_and_one_releases_it(
    tenant: Tenant, make_actor: Callable[..., Any], attempt: int
) -> None:
    people = [make_actor("engineer", email=f"{name}@acme.example") for name in ("ann", "bob", "cy")]
    with tenant_scope(tenant.pk):
        documents = [make_document("SPEC-1"), make_document("SPEC-2")]
        revision = DocumentRevision.objects.get(document=documents[1])
    answers = at_once(
        tenant,
        [lambda actor=actor: document_check_out(actor=actor, document_id=documents[0].pk) for actor in people],
    )
    assert len(refusals(answers)) == 2
    assert all(isinstance(refusal, CheckedOut) for refusal in refusals(answers))
    winner = next(answer for answer in answers if isinstance(answer, Document))
    with tenant_scope(tenant.pk):
        stored = Document.objects.get(pk=documents[0].pk)
        assert stored.checked_out_by_id == winner.checked_out_by_id
        assert all(str(stored.checked_out_by) in str(refusal) for refusal in refusals(answers))
        assert stored.history.filter(history_change_reason="checked out").count() == 1
    move = {"revision_id": revision.pk, "to": "released"}
    assert len(refusals(at_once(tenant, [lambda: document_revision_move(actor=system_actor(), **move)] * 2))) == 1
