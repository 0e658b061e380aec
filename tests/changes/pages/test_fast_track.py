"""The fast track on the pages: before it is submitted, afterwards, in the list and on the board."""

from __future__ import annotations

from django.test import Client

from changes.models import ChangePolicy
from changes.policy.conditions import conditions_read
from changes.services import approval_rule_add, change_policy_update, change_submit
from tests.changes.conftest import Lamp, People, make_draft, make_lamp
from tests.changes.pages.conftest import text_of, url


def small(people: People) -> None:
    changes = {"fast_track_conditions": conditions_read("cost_impact at most 500")}
    change_policy_update(actor=people.manager, policy_id=ChangePolicy.objects.get().pk, changes=changes)
    approval_rule_add(actor=people.manager, data={"name": "Boss", "role": "plm_manager", "on_fast_track": False})


def test_the_page_says_who_is_left_out_and_why(people: People, lamp: Lamp, author: Client) -> None:
    small(people)
    draft = make_draft(people.author, lamp)
    shown = text_of(author.get(draft.get_absolute_url()))
    assert "<strong>Fast track</strong>: cost impact at most 500 EUR" in shown
    assert "Not asked on the fast track" in shown and "Boss" in shown
    assert 'data-state="fast_track"' not in shown, "a draft has not gone it yet"
    change_submit(actor=people.author, change_id=draft.pk)
    shown = text_of(author.get(draft.get_absolute_url()))
    assert 'data-state="fast_track"' in shown and "Not asked for that: Boss (every change)" in shown


def test_list_and_board_find_it(people: People, lamp: Lamp, author: Client) -> None:
    for page in ("change-list", "change-board"):
        assert "Fast track" not in text_of(author.get(url(page))), "who has none is not bothered with it"
    small(people)
    fast = change_submit(actor=people.author, change_id=make_draft(people.author, lamp).pk)
    slow = make_draft(people.author, make_lamp("OTHER"), cost_impact=501)
    change_submit(actor=people.author, change_id=slow.pk)
    for page in ("change-list", "change-board"):
        shown = text_of(author.get(url(page)))
        badges = (
            2 if page == "change-list" else 1
        )  # a row of the list says it in one place on a phone, in another elsewhere
        assert shown.count('data-state="fast_track"') == badges and "All rules asked" in shown
        only = text_of(author.get(url(page) + "?way=fast"))
        assert fast.change_number in only and slow.change_number not in only
        rest = text_of(author.get(url(page) + "?way=normal"))
        assert fast.change_number not in rest and slow.change_number in rest


def test_without_a_fast_track_the_page_is_as_it_was(people: People, lamp: Lamp, author: Client) -> None:
    draft = make_draft(people.author, lamp)
    assert "ast track" not in text_of(author.get(draft.get_absolute_url()))
