"""Who hears of what is said: each person once for each comment, and never who said it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from changes.models import EngineeringChange
from changes.services import change_submit
from collaboration.choices import NoticeKind
from collaboration.models import Notice
from collaboration.notice_showing import target_url
from collaboration.notice_wording import wording_of
from collaboration.services import (
    Wish,
    comment_add,
    comment_edit,
    comment_remove,
    notice_preferences_update,
    thread_resolve,
)
from plm_project.accounts.models import User
from tests.changes.conftest import Lamp, People, fresh, make_draft
from tests.collaboration.discussions.conftest import begin, told
from tests.conftest import MakeActor


@pytest.fixture
def named(people: People) -> dict[str, str]:
    """People with names that a text can call."""
    names = {
        "author": "Ada Author",
        "technical": "Tim Technical",
        "analyst": "Tim Technicallo",
        "viewer": "Vic Viewer",
    }
    for part, name in names.items():
        User.objects.filter(pk=getattr(people, part).user_id).update(full_name=name)
    return names


def test_a_thread_tells_the_author_and_the_approvers_of_the_running_round(
    people: People, lamp: Lamp, named: Any
) -> None:
    change = make_draft(people.author, lamp)
    begin(people.analyst, change)
    assert told(people.author) == ["discussion_started"] and told(people.technical) == []
    change_submit(actor=people.author, change_id=change.pk)
    begin(people.author, fresh(change), line_id=lamp.screw.pk)
    assert told(people.author) == ["discussion_started"] and told(people.technical) == ["discussion_started"]
    notice = Notice.objects.get(recipient_id=people.technical.user_id, kind="discussion_started")
    words = wording_of(notice.kind, notice.facts)
    assert words.title.endswith(f"began a discussion on {change.change_number}")
    assert words.detail == "LAMP-SCREW in LAMP, find 20, quantity 6 pack, S1, S2 · “Is it enough?”"


def test_a_reply_tells_who_took_part_and_a_mention_tells_instead(
    people: People, draft: EngineeringChange, named: Any
) -> None:
    thread = begin(people.technical, draft)
    assert told(people.author) == ["discussion_started"]
    comment_add(actor=people.author, thread_id=thread.pk, text="@Tim Technical, @ada author and @Vic Viewer: yes")
    assert told(people.technical) == ["discussion_mention"]  # took part and is called: once
    assert told(people.viewer) == ["discussion_mention"] and told(people.analyst) == []
    assert told(people.author) == ["discussion_started"]  # calling oneself tells nobody
    comment_add(actor=people.technical, thread_id=thread.pk, text="@Tim Technicallo?")
    assert told(people.analyst) == ["discussion_mention"]
    assert told(people.author) == ["discussion_started", "discussion_reply"]
    comment_add(actor=people.analyst, thread_id=thread.pk, text="Mail me@Tim Technical.com")
    assert told(people.technical) == ["discussion_mention", "discussion_reply"]
    assert told(people.viewer) == ["discussion_mention"]


def test_an_edit_tells_whom_it_newly_calls(people: People, draft: EngineeringChange, named: Any) -> None:
    thread = begin(people.technical, draft, "Look, @Ada Author")
    comment = thread.comments.get()
    comment_edit(actor=people.technical, comment_id=comment.pk, text="Look, @Ada Author and @Vic Viewer")
    comment_edit(actor=people.technical, comment_id=comment.pk, text="Look here, @Ada Author and @Vic Viewer")
    assert told(people.author) == ["discussion_mention"] and told(people.viewer) == ["discussion_mention"]
    comment_remove(actor=people.technical, comment_id=comment.pk)
    assert {notice.facts["text"] for notice in Notice.objects.filter(source=comment.pk)} == {""}
    assert not Notice.objects.filter(source=comment.pk, mail_state="due").exists()


def test_whoever_began_it_hears_that_it_is_resolved(people: People, draft: EngineeringChange) -> None:
    thread = begin(people.technical, draft)
    thread_resolve(actor=people.author, thread_id=thread.pk)
    assert told(people.technical) == ["discussion_resolved"]
    own = begin(people.author, draft)
    thread_resolve(actor=people.author, thread_id=own.pk)
    assert told(people.author) == ["discussion_started"]


def test_everybody_chooses_by_kind(people: People, draft: EngineeringChange, named: Any) -> None:
    wish = Wish(NoticeKind.DISCUSSION_MENTION, in_page=False, by_mail="never")
    notice_preferences_update(actor=people.technical, wishes=[wish])
    thread = begin(people.technical, draft)
    comment_add(actor=people.author, thread_id=thread.pk, text="@Tim Technical yes")
    assert told(people.technical) == ["discussion_reply"]  # wants no mentions, but replies
    notice_preferences_update(
        actor=people.technical, wishes=[Wish(NoticeKind.DISCUSSION_REPLY, in_page=False, by_mail="never")]
    )
    comment_add(actor=people.author, thread_id=thread.pk, text="@Tim Technical yes?")
    assert told(people.technical) == ["discussion_reply"]


def test_a_notice_leads_to_the_thread_on_the_change_page(
    people: People, draft: EngineeringChange, make_actor: MakeActor
) -> None:
    thread = begin(people.technical, draft)
    notice = Notice.objects.get(recipient_id=people.author.user_id, kind="discussion_started")
    assert target_url(notice) == reverse("collaboration:discussion", args=[thread.pk])
    client = Client()
    client.force_login(User.objects.get(pk=people.author.user_id))
    page = reverse("changes:change-detail", args=[draft.pk])
    assert client.get(target_url(notice)).headers["Location"] == f"{page}#thread-{thread.pk}"
    thread_resolve(actor=people.author, thread_id=thread.pk)
    assert client.get(target_url(notice)).headers["Location"] == f"{page}?discussion=all#thread-{thread.pk}"
