"""The discussion in browsers without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from changes.models import EngineeringChange
from changes.services import change_cancel
from collaboration.models import Comment, DiscussionThread
from collaboration.services import comment_add, thread_resolve
from plm_project.accounts.models import User
from plm_project.core.actor import Actor
from tests.changes.conftest import Lamp, People, footprint
from tests.collaboration.discussions.conftest import addition, begin

SignIn = Callable[[Actor], Client]


@pytest.fixture
def sign_in() -> SignIn:
    def make(actor: Actor) -> Client:
        client = Client()
        client.force_login(User.objects.get(pk=actor.user_id))
        return client

    return make


def url(name: str, *args: Any) -> str:
    return reverse(f"collaboration:{name}", args=[getattr(entry, "pk", entry) for entry in args])


def page(client: Client, change: EngineeringChange, query: str = "") -> str:
    answer = client.get(reverse("changes:change-detail", args=[change.pk]) + query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_thread_is_begun_on_a_line_and_answered(
    people: People, lamp: Lamp, draft: EngineeringChange, sign_in: SignIn
) -> None:
    approver, author = sign_in(people.technical), sign_in(people.author)
    begin_url = f"{url('discussion-new', draft)}?line={lamp.screw.pk}"
    assert begin_url in page(approver, draft)
    form = approver.get(begin_url)
    assert (
        b"LAMP-SCREW in LAMP, find 20, quantity 6 pack" in form.content and str(lamp.screw.pk) in form.content.decode()
    )
    answer = approver.post(begin_url, {"line": str(lamp.screw.pk), "text": "Is six <enough>?", "is_blocking": "on"})
    thread = DiscussionThread.objects.get()
    assert thread.line == lamp.screw and thread.is_blocking
    there = reverse("changes:change-detail", args=[draft.pk])
    assert answer.status_code == 302 and answer.headers["Location"] == f"{there}#thread-{thread.pk}"
    seen = page(author, draft)
    assert f'href="?discussion=open#thread-{thread.pk}"' in seen and "1 open comment here" in seen
    assert "Is six &lt;enough&gt;?" in seen and begin_url not in seen.split('id="discussion"')[0]
    answer = author.post(url("discussion-reply", thread), {"text": "Twice the load."})
    assert answer.headers["Location"].endswith(f"#thread-{thread.pk}")
    assert "Twice the load." in page(approver, draft)
    thread.refresh_from_db()
    answer = approver.post(url("discussion-resolve", thread), {"expected_version": thread.version})
    assert answer.headers["Location"] == f"{there}?discussion=all#thread-{thread.pk}"
    assert "Twice the load." not in page(approver, draft) and "Everything is resolved." in page(approver, draft)
    assert "Twice the load." in page(approver, draft, "?discussion=all")
    approver.post(url("discussion-reopen", thread))
    thread.refresh_from_db()
    assert thread.is_open


def test_what_is_refused_comes_back_as_it_was_typed(
    people: People, lamp: Lamp, draft: EngineeringChange, sign_in: SignIn
) -> None:
    author = sign_in(people.author)
    thread = begin(people.technical, draft)
    before = footprint()
    long = "far too long " * 400
    for address in (url("discussion-new", draft), url("discussion-reply", thread)):
        for text in (long, "  "):
            answer = author.post(address, {"text": text, "line": str(lamp.screw.pk)})
            assert answer.status_code == 422 and text.strip()[:200] in answer.content.decode()
    assert b"LAMP-SCREW in LAMP" in author.post(url("discussion-new", draft), {"line": str(lamp.screw.pk)}).content
    assert author.get(f"{url('discussion-new', draft)}?line=nonsense").status_code == 404
    stale = author.post(url("discussion-resolve", thread), {"expected_version": thread.version + 5})
    assert stale.status_code == 302
    assert "Somebody changed this" in page(author, draft)
    assert footprint() == before


def test_ones_own_comment_is_edited_and_removed(people: People, draft: EngineeringChange, sign_in: SignIn) -> None:
    approver, author = sign_in(people.technical), sign_in(people.author)
    thread = begin(people.technical, draft, "Wrong words")
    comment = thread.comments.get()
    edit, remove = url("comment-edit", comment), url("comment-remove", comment)
    assert edit in page(approver, draft) and edit not in page(author, draft)
    assert author.get(edit).status_code == 404 and author.post(remove).status_code == 403
    assert b"Wrong words" in approver.get(edit).content
    assert approver.post(edit, {"text": "Late", "expected_version": 77}).status_code == 422
    assert approver.post(edit, {"text": "Right words", "expected_version": comment.version}).status_code == 302
    assert "Right words" in page(author, draft) and "edited" in page(author, draft)
    before = url("comment-versions", comment)
    assert before in page(author, draft) and "Wrong words" not in page(author, draft)
    shown = author.get(before).content.decode()
    assert shown.index("as it stands") < shown.index("Right words") < shown.index("Wrong words")
    assert b"Right words" in approver.get(remove).content
    approver.post(remove)
    assert "Right words" not in page(author, draft) and "This comment was removed." in page(author, draft)
    assert not Comment.objects.exists() and approver.get(edit).status_code == 404
    assert author.get(before).status_code == 404 and before not in page(author, draft)


def test_a_viewer_reads(people: People, lamp: Lamp, draft: EngineeringChange, sign_in: SignIn) -> None:
    thread = begin(people.technical, draft, "To be read", line_id=lamp.screw.pk)
    viewer = sign_in(people.viewer)
    seen = page(viewer, draft)
    assert "To be read" in seen and "1 open comment here" in seen
    assert "Comment on this" not in seen and url("discussion-reply", thread) not in seen
    before = footprint()
    for address in (url("discussion-new", draft), url("discussion-reply", thread), url("discussion-resolve", thread)):
        assert viewer.post(address, {"text": "No"}).status_code == 403
    assert b"You can read the discussion" in viewer.get(url("discussion-new", draft)).content
    assert footprint() == before


def test_marks_stand_on_additions_and_products_and_old_threads_say_so(
    people: People, lamp: Lamp, draft: EngineeringChange, sign_in: SignIn
) -> None:
    redline = addition(people.author, draft, lamp)
    author = sign_in(people.author)
    affected = draft.affected.get()
    seen = page(author, draft)
    assert f"?redline={redline.pk}" in seen and f"?affected={affected.pk}" in seen
    on_redline = begin(people.technical, draft, redline_id=redline.pk)
    author.post(reverse("changes:addition-remove", args=[draft.pk, redline.pk]))
    assert "Outdated: what this is about is not in the change any more." in page(author, draft)
    assert "LAMP-SOCKET in LAMP" in page(author, draft)
    thread_resolve(actor=people.author, thread_id=on_redline.pk)
    comment_add(actor=people.technical, thread_id=on_redline.pk, text="Good.")
    change_cancel(actor=people.analyst, change_id=draft.pk, reason="not now")
    seen = page(author, draft, "?discussion=all")
    assert "Good." in seen and "Begin a discussion" not in seen and 'name="text"' not in seen
