"""Threads and comments: who may what, what an anchor keeps, and when it is outdated."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from changes.models import EngineeringChange
from changes.services import (
    affected_remove,
    change_cancel,
    change_implement,
    change_rebase,
    line_redraw,
    line_strike,
    redline_remove,
)
from collaboration.models import Comment, DiscussionThread
from collaboration.selectors.discussions import open_by_place, thread_counts, thread_list
from collaboration.services import (
    comment_add,
    comment_edit,
    comment_remove,
    thread_reopen,
    thread_resolve,
    thread_start,
)
from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, PreconditionFailed, ValidationFailed
from tests.changes.conftest import Lamp, People, approved, footprint, fresh, make_draft, make_lamp
from tests.collaboration.discussions.conftest import addition, begin, shown

SCREW = "LAMP-SCREW in LAMP, find 20, quantity 6 pack, S1, S2"


def test_a_thread_keeps_what_its_line_said(people: People, lamp: Lamp, draft: EngineeringChange) -> None:
    thread = begin(people.technical, draft, line_id=lamp.screw.pk)
    assert shown(thread).about == SCREW and not shown(thread).place.is_outdated
    assert thread.is_blocking and thread.is_open and thread.change.version == draft.version
    line_redraw(actor=people.author, change_id=draft.pk, line_id=lamp.screw.pk, values={**values(lamp), "quantity": 8})
    entry = shown(thread)
    assert entry.about == SCREW and entry.place.is_outdated and not entry.place.is_gone
    assert entry.now == "find 20, quantity 8 pack, S1, S2"
    line_strike(actor=people.author, change_id=draft.pk, line_id=lamp.screw.pk)
    assert shown(thread).now.endswith("to be removed")
    assert open_by_place(draft.pk) == {lamp.screw.pk: [thread.pk]}


def test_what_a_line_is_used_for_counts_too(people: People, lamp: Lamp, draft: EngineeringChange) -> None:
    thread = begin(people.technical, draft, line_id=lamp.screw.pk)
    old = begin(people.technical, draft, line_id=lamp.screw.pk)
    del old.said["more"]  # as it was kept before
    DiscussionThread.objects.filter(pk=old.pk).update(said=old.said)
    line_redraw(
        actor=people.author, change_id=draft.pk, line_id=lamp.screw.pk, values={**values(lamp), "is_optional": True}
    )
    assert shown(thread).place.is_outdated and not shown(old).place.is_outdated
    line_redraw(
        actor=people.author, change_id=draft.pk, line_id=lamp.screw.pk, values={**values(lamp), "is_optional": False}
    )
    assert not shown(thread).place.is_outdated


def values(lamp: Lamp) -> dict[str, Any]:
    return {
        "child_id": lamp.screw.child_id, "quantity": 6, "unit_of_measure": "pack", "find_number": 20,
        "reference_designators": ["S1", "S2"],
    }  # fmt: skip


def test_a_redline_a_product_and_the_whole_change_are_anchors_too(
    people: People, lamp: Lamp, draft: EngineeringChange
) -> None:
    redline = addition(people.author, draft, lamp)
    on_redline = begin(people.technical, draft, redline_id=redline.pk)
    on_product = begin(people.technical, draft, affected_id=draft.affected.get().pk)
    whole = begin(people.technical, draft, is_blocking=False)
    on_edit = begin(people.technical, draft, redline_id=draft.redlines.get(operation="quantity").pk)
    assert on_edit.line == lamp.screw and on_edit.redline is None
    assert shown(on_redline).about == "LAMP-SOCKET in LAMP, quantity 2 each, to be added"
    assert shown(on_product).about == "LAMP, revision A" and shown(whole).about == "The change as a whole"
    redline_remove(actor=people.author, redline_id=redline.pk)
    assert shown(on_redline).place.is_gone and "LAMP-SOCKET" in shown(on_redline).about
    affected_remove(actor=people.author, affected_id=draft.affected.get().pk)
    assert shown(on_product).place.is_gone and shown(on_edit).place.is_gone and not shown(whole).place.is_outdated
    assert thread_counts(draft.pk) == {"open": 4, "blocking": 3, "all": 4}


def test_a_thread_follows_its_line_to_the_released_revision(people: People, lamp: Lamp) -> None:
    ours, theirs = make_draft(people.author, lamp), make_draft(people.author, lamp)
    thread = begin(people.technical, ours, line_id=lamp.screw.pk)
    cable = begin(people.technical, ours, line_id=lamp.cable.pk)
    line_redraw(actor=people.author, change_id=theirs.pk, line_id=lamp.cable.pk,
                values={"child_id": lamp.cable.child_id, "quantity": 2, "unit_of_measure": "m", "find_number": 30,
                        "reference_designators": []})  # fmt: skip
    approved(people, theirs)
    change_implement(actor=people.analyst, change_id=theirs.pk)
    change_rebase(actor=people.author, change_id=ours.pk)
    base = fresh(ours).affected.get().base_revision
    assert base.label == "B"
    screw = shown(thread)
    assert screw.place.key == base.lines.get(find_number=20).pk != lamp.screw.pk
    assert screw.about == SCREW and not screw.place.is_outdated
    assert shown(cable).place.is_outdated and shown(cable).now == "find 30, quantity 2 m"
    (again,) = [begin(people.technical, ours, line_id=screw.place.key)]
    assert open_by_place(ours.pk)[screw.place.key] == [thread.pk, again.pk]  # type: ignore[index]


def test_an_anchor_of_something_else_is_refused(people: People, lamp: Lamp, draft: EngineeringChange) -> None:
    other = make_draft(people.author, make_lamp("OTHER"))
    affected = other.affected.get()
    foreign = other.redlines.all()[0]
    before = footprint()
    for named in (
        {"line_id": affected.base_revision.lines.all()[0].pk},
        {"line_id": lamp.screw.pk, "affected_id": affected.pk},
        {"affected_id": affected.pk},
        {"redline_id": foreign.pk},
        {"redline_id": draft.redlines.all()[0].pk, "line_id": lamp.screw.pk},
        {"line_id": uuid.uuid4()},
    ):
        with pytest.raises(ValidationFailed):
            begin(people.technical, draft, **named)
    for text in ("", "  \n", "x" * 4001):
        with pytest.raises(ValidationFailed):
            begin(people.technical, draft, text)
    with pytest.raises(NotFound):
        thread_start(actor=people.technical, change_id=uuid.uuid4(), text="Who?")
    with pytest.raises(PreconditionFailed):
        begin(people.technical, draft, expected_version=draft.version + 1)
    with pytest.raises(PermissionDenied):
        begin(people.viewer, draft)
    assert footprint() == before


def test_only_its_author_edits_or_removes_a_comment(people: People, draft: EngineeringChange) -> None:
    thread = begin(people.technical, draft)
    first = thread.comments.get()
    for actor in (people.author, people.manager, people.viewer):
        with pytest.raises(PermissionDenied):
            comment_edit(actor=actor, comment_id=first.pk, text="Not mine")
        with pytest.raises(PermissionDenied):
            comment_remove(actor=actor, comment_id=first.pk)
    with pytest.raises(PreconditionFailed):
        comment_edit(actor=people.technical, comment_id=first.pk, text="Late", expected_version=99)
    assert comment_edit(actor=people.technical, comment_id=first.pk, text=" Is it enough? ").edited_at is None
    edited = comment_edit(actor=people.technical, comment_id=first.pk, text="Enough?", expected_version=first.version)
    assert edited.edited_at is not None
    assert [row.text for row in first.history.order_by("history_date", "version")] == ["Is it enough?", "Enough?"]
    comment_remove(actor=people.technical, comment_id=first.pk)
    (kept,) = shown(thread).thread.comments.all()
    assert kept.is_deleted and str(kept) == ""
    for again in (comment_remove, lambda **named: comment_edit(text="Again", **named)):
        with pytest.raises(NotFound):
            again(actor=people.technical, comment_id=first.pk)


def test_who_resolves_and_reopens(people: People, draft: EngineeringChange, make_actor: Any) -> None:
    thread = begin(people.technical, draft)
    stranger = make_actor("engineer", email="stranger@acme.example")
    for actor in (stranger, people.viewer):
        with pytest.raises(PermissionDenied):
            thread_resolve(actor=actor, thread_id=thread.pk)
    for actor in (people.technical, people.author, people.analyst):
        done = thread_resolve(actor=actor, thread_id=thread.pk)
        assert done.resolved_by_id == actor.user_id and done.resolved_at is not None
        with pytest.raises(Conflict):
            thread_resolve(actor=actor, thread_id=thread.pk)
        with pytest.raises(PermissionDenied):
            thread_reopen(actor=stranger, thread_id=thread.pk)
        assert thread_reopen(actor=actor, thread_id=thread.pk).resolved_by_id is None
        with pytest.raises(Conflict):
            thread_reopen(actor=actor, thread_id=thread.pk)


def test_nobody_resolves_what_they_have_not_read(people: People, draft: EngineeringChange) -> None:
    thread = begin(people.technical, draft)
    comment_add(actor=people.author, thread_id=thread.pk, text="Six hold.", expected_version=thread.version)
    with pytest.raises(PreconditionFailed):
        thread_resolve(actor=people.technical, thread_id=thread.pk, expected_version=thread.version)


def test_a_released_change_is_discussed_and_a_cancelled_one_is_read(people: People, lamp: Lamp) -> None:
    change = make_draft(people.author, lamp)
    approved(people, change)
    change_implement(actor=people.analyst, change_id=change.pk)
    thread = begin(people.technical, change, line_id=lamp.screw.pk)
    assert shown(thread).about == SCREW and not shown(thread).place.is_outdated
    other = make_draft(people.author, make_lamp("OTHER"))
    old = begin(people.technical, other)
    change_cancel(actor=people.analyst, change_id=other.pk, reason="not now")
    comment = old.comments.get()
    for refused in (
        lambda: begin(people.technical, other),
        lambda: comment_add(actor=people.technical, thread_id=old.pk, text="But"),
        lambda: comment_edit(actor=people.technical, comment_id=comment.pk, text="But"),
        lambda: thread_resolve(actor=people.technical, thread_id=old.pk),
    ):
        with pytest.raises(Conflict):
            refused()
    comment_remove(actor=people.technical, comment_id=comment.pk)
    assert not Comment.objects.filter(pk=comment.pk).exists()


def test_queries_do_not_grow_with_threads(
    people: People, lamp: Lamp, draft: EngineeringChange, django_assert_num_queries: Any
) -> None:
    from collaboration.selectors.discussions import discussed

    for count in (1, 3):
        for _each in range(count):
            for line in (lamp.screw, lamp.bulb, lamp.cable):
                thread = begin(people.technical, draft, line_id=line.pk)
                comment_add(actor=people.author, thread_id=thread.pk, text="Yes.")
        with django_assert_num_queries(5):
            discussed(list(thread_list(change_id=draft.pk)))
