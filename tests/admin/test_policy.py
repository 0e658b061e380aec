"""The approval policy in the admin: rules written, refused, added and deleted; deputies of others."""

from __future__ import annotations

import datetime as dt

from django.test import Client

from changes.models import ApprovalRule, ChangePolicy, Delegation, EngineeringChange
from changes.policy.conditions import conditions_read
from changes.services import (
    affected_add,
    approval_rule_add,
    change_create,
    change_policy_update,
    change_submit,
)
from plm_project.core import clock
from tests.admin.conftest import World, address, errors_of, form_of, saved
from tests.admin.test_journey import fresh
from tests.conftest import MakeMember
from tests.factories import make_product


def test_a_rule_is_written_in_lines(manager: Client, scope: None) -> None:
    rule = ApprovalRule.objects.get(code="quality")
    page = address(ApprovalRule, "change", rule.pk)
    data = form_of(manager.get(page))
    assert data["conditions"] == "change_type in quality_improvement, regulatory, safety"
    saved(manager.post(page, data))  # nothing changed: the rule goes on with the standard's conditions
    assert fresh(rule).conditions is None
    data = form_of(manager.get(page))
    bad = manager.post(page, {**data, "conditions": "priority is high\nor\ncolour is red"})
    assert "Line 3" in errors_of(bad) and "there is no attribute colour" in errors_of(bad)
    assert "colour is red" in bad.content.decode() and fresh(rule).conditions is None
    saved(manager.post(page, {**data, "conditions": " priority  is high \n\nor\ntag is ul", "name": "Quality gate"}))
    kept = fresh(rule)
    assert kept.label == "Quality gate" and [[one["attribute"] for one in group] for group in kept.conditions] == [
        ["priority"], ["tag"]
    ]  # fmt: skip
    assert "priority is high" in manager.get(address(ApprovalRule, "changelist")).content.decode()
    assert kept.history.count() == 2
    wrong = manager.post(page, {**form_of(manager.get(page)), "decides": "count"})
    assert "Give the number" in errors_of(wrong)


def test_a_rule_of_ones_own_is_added_and_deleted(manager: Client, scope: None) -> None:
    add = address(ApprovalRule, "add")
    data = form_of(manager.get(add))
    assert "This field is required" in errors_of(manager.post(add, {**data, "role": "plm_manager"}))
    saved(manager.post(add, {**data, "name": "Boss", "role": "plm_manager", "step": "2", "conditions": ""}))
    rule = ApprovalRule.objects.get(code="boss")
    assert (rule.step, rule.conditions) == (2, [])
    for found, status in ((ApprovalRule.objects.get(code="technical"), 403), (rule, 200)):
        assert manager.get(address(ApprovalRule, "delete", found.pk)).status_code == status
    given = {"reason": "not needed", "expected_version": rule.version}
    assert manager.post(address(ApprovalRule, "delete", rule.pk), given).status_code == 302
    assert not ApprovalRule.objects.filter(code="boss").exists()


def test_deputies_of_others(manager: Client, make_member: MakeMember, theirs: World, scope: None) -> None:
    person, _one = make_member("technical_approver", email="away@acme.example")
    deputy, _two = make_member("technical_approver", email="deputy@acme.example")
    add, today = address(Delegation, "add"), clock.today()
    data = {**form_of(manager.get(add)), "person": person.pk, "first_day": str(today), "note": "ill",
            "last_day": str(today + dt.timedelta(days=9))}  # fmt: skip
    assert "deputy" in errors_of(manager.post(add, {**data, "deputy": theirs.user.pk}))
    assert not Delegation.objects.exists()
    saved(manager.post(add, {**data, "deputy": deputy.pk}))
    record = Delegation.objects.get()
    assert (record.person_id, record.deputy_id, record.note) == (person.pk, deputy.pk, "ill")


def test_what_is_small_is_written_in_lines(manager: Client, scope: None) -> None:
    policy = ChangePolicy.objects.get()
    page = address(ChangePolicy, "change", policy.pk)
    data = form_of(manager.get(page))
    assert data["fast_track_conditions"] == "" and "there is no fast track" in manager.get(page).content.decode()
    bad = manager.post(page, {**data, "fast_track_conditions": "cost_impact at most threshold"})
    assert "stands for the amount of a rule" in errors_of(bad) and fresh(policy).fast_track_conditions is None
    bad = manager.post(page, {**data, "fast_track_conditions": "colour is red"})
    assert "there is no attribute colour" in errors_of(bad)
    saved(manager.post(page, {**data, "fast_track_conditions": "cost_impact at most 500\nredlines below 4"}))
    assert "redlines below 4" in manager.get(address(ChangePolicy, "changelist")).content.decode()
    kept = fresh(policy)
    assert kept.fast_track_conditions == [
        [
            {"attribute": "cost_impact", "operator": "at most", "values": ["500"]},
            {"attribute": "redlines", "operator": "below", "values": ["4"]},
        ]
    ]
    saved(manager.post(page, form_of(manager.get(page))))
    assert fresh(policy).version == kept.version
    saved(manager.post(page, {**form_of(manager.get(page)), "fast_track_conditions": ""}))
    assert fresh(policy).fast_track_conditions is None


def test_a_rule_is_spared_small_changes(manager: Client, scope: None) -> None:
    rule = ApprovalRule.objects.get(code="quality")
    page = address(ApprovalRule, "change", rule.pk)
    data = form_of(manager.get(page))
    assert data["on_fast_track"] == "on"
    saved(manager.post(page, {name: value for name, value in data.items() if name != "on_fast_track"}))
    assert fresh(rule).on_fast_track is False and fresh(rule).conditions is None


def test_the_page_of_a_change_shows_its_fast_track(manager: Client, ours: World, scope: None) -> None:
    draft = change_create(actor=ours.actor, data={"change_title": "Small", "reason_for_change": "Because"})
    page = address(EngineeringChange, "change", draft.pk)
    assert "Fast tracks" not in manager.get(page).content.decode()
    changes = {"fast_track_conditions": conditions_read("cost_impact at most 500")}
    change_policy_update(actor=ours.actor, policy_id=ChangePolicy.objects.get().pk, changes=changes)
    approval_rule_add(actor=ours.actor, data={"name": "Boss", "role": "plm_manager", "on_fast_track": False})
    affected_add(actor=ours.actor, change_id=draft.pk, product_id=make_product("SMALL-PART").pk)
    change_submit(actor=ours.actor, change_id=draft.pk)
    shown = manager.get(page).content.decode()
    assert "Fast tracks" in shown and "cost impact at most 500" in shown and "Boss" in shown
