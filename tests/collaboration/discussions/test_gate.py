"""An open thread that must be resolved holds the release; everything else lets it pass."""

from __future__ import annotations

import pytest
from django.urls import reverse

from changes.exceptions import ReleaseHeld
from changes.services import change_gates, change_implement
from collaboration.services import thread_reopen, thread_resolve
from tests.changes.conftest import Lamp, People, approved, footprint, fresh, make_draft
from tests.collaboration.discussions.conftest import begin


def test_the_gate_holds_until_the_thread_is_resolved(people: People, lamp: Lamp) -> None:
    change = make_draft(people.author, lamp)
    begin(people.technical, change, "Just saying.", is_blocking=False)
    thread = begin(people.technical, change, line_id=lamp.screw.pk)
    whole = begin(people.technical, change)
    approved(people, change)
    (result,) = [found for found in change_gates(fresh(change)) if found.gate.key == "discussion"]
    assert [found.product_number for found in result.findings] == ["LAMP", "LAMP"]
    assert "LAMP-SCREW in LAMP, find 20" in result.findings[0].message
    assert result.findings[0].url == reverse("collaboration:discussion", args=[thread.pk])
    thread_resolve(actor=people.author, thread_id=whole.pk)
    before = footprint()
    with pytest.raises(ReleaseHeld) as held:
        change_implement(actor=people.analyst, change_id=change.pk)
    (texts,) = held.value.details.values()
    assert len(texts) == 1 and "LAMP-SCREW" in texts[0]
    assert footprint() == before and fresh(change).status == "approved"
    thread_resolve(actor=people.author, thread_id=thread.pk)
    thread_reopen(actor=people.author, thread_id=thread.pk)
    with pytest.raises(ReleaseHeld):
        change_implement(actor=people.analyst, change_id=change.pk)
    thread_resolve(actor=people.author, thread_id=thread.pk)
    assert all(found.passed for found in change_gates(fresh(change)))
    change_implement(actor=people.analyst, change_id=change.pk)
    assert fresh(change).status == "implemented"


def test_a_thread_of_another_change_holds_nothing(people: People, lamp: Lamp) -> None:
    change, other = make_draft(people.author, lamp), make_draft(people.author, lamp)
    begin(people.technical, other, line_id=lamp.screw.pk)
    approved(people, change)
    change_implement(actor=people.analyst, change_id=change.pk)
    assert fresh(change).status == "implemented"
