"""What happens to existing parts, on the pages: planned, assigned, done, and listed for who has to do it."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from changes.models import Disposition, EngineeringChange
from changes.services import change_implement, change_policy_update, disposition_add, disposition_complete
from tests.changes.conftest import Lamp, People, approved, fresh, make_draft, make_lamp, submitted
from tests.changes.pages.conftest import SignIn, text_of, url
from tests.changes.pages.test_detail import statements

pytestmark = pytest.mark.django_db


def plan(people: People, change: EngineeringChange, **values: Any) -> Disposition:
    return disposition_add(
        actor=people.author,
        change_id=change.pk,
        affected_id=change.affected.get().pk,
        values={"place": "stock", "action": "scrap", **values},
    )


def page(client: Client, change: EngineeringChange) -> str:
    return text_of(client.get(change.get_absolute_url()))


def test_planned_edited_and_removed_on_the_page(
    people: People, lamp: Lamp, draft: EngineeringChange, author: Client, viewer: Client
) -> None:
    affected = draft.affected.get()
    add = url("disposition-add", draft, affected)
    shown = page(author, draft)
    assert "What happens to existing parts" in shown and "Nobody has said yet" in shown and add in shown
    assert add not in page(viewer, draft)
    form = text_of(author.get(add))
    assert "LAMP-BULB" in form and "LAMP-SCREW" not in form.split("Existing parts of LAMP")[-1]
    given = {
        "part": str(lamp.bulb.child_id), "place": "stock", "action": "rework", "quantity": "12", "cost": "40",
        "owner": str(people.viewer.user_id), "due_on": "2020-01-01", "note": "sort them first",
        "expected_version": fresh(draft).version,
    }  # fmt: skip
    wrong = author.post(add, {**given, "quantity": "-3"})
    assert wrong.status_code == 422 and "sort them first" in wrong.content.decode()
    assert author.post(add, {**given, "part": ""}).status_code == 422
    assert author.post(add, {**given, "owner": "not-a-person"}).status_code == 422
    assert not Disposition.objects.exists()
    done = author.post(add, given)
    assert done.status_code == 302 and done.url == f"{draft.get_absolute_url()}#dispositions"
    row = Disposition.objects.get()
    shown = page(author, draft)
    for words in ("12 each", "overdue", "sort them first", "planned cost", "0 of one done"):
        assert words in shown, words
    again = author.post(add, {**given, "expected_version": ""})
    assert again.status_code == 422 and "is decided already" in again.content.decode()
    edit = url("disposition-edit", draft, row)
    assert 'value="12"' in author.get(edit).content.decode()
    stale = author.post(edit, {**given, "expected_version": row.version - 1})
    assert stale.status_code in (412, 422) and Disposition.objects.get().version == row.version
    assert author.post(edit, {**given, "place": "field", "expected_version": row.version}).status_code == 302
    assert Disposition.objects.get().place == "field"
    assert author.post(url("disposition-remove", draft, row)).status_code == 302
    assert not Disposition.objects.exists()


def test_nothing_to_dispose_of(people: People, draft: EngineeringChange, author: Client, viewer: Client) -> None:
    mark = url("no-disposition", draft, draft.affected.get())
    assert viewer.get(mark).status_code == 403
    assert author.post(mark, {"reason": "None was ever built."}).status_code == 302
    shown = page(viewer, draft)
    assert "None was ever built." in shown and "Nobody has said yet" not in shown
    assert author.post(mark, {"reason": ""}).status_code == 302
    assert "Nobody has said yet" in page(viewer, draft)


def test_what_is_missing_leads_to_the_panel(people: People, draft: EngineeringChange, author: Client) -> None:
    from changes.models import ChangePolicy

    change_policy_update(
        actor=people.manager, policy_id=ChangePolicy.objects.get().pk, changes={"dispositions_required": True}
    )
    shown = page(author, draft)
    assert f'<a href="{draft.get_absolute_url()}#dispositions">LAMP</a>: Say what happens to existing parts' in shown
    assert f'<a href="{draft.get_absolute_url()}#dispositions">Open<' in shown, "the gate leads there too"


def test_assigned_beyond_the_draft_and_done_by_the_owner(
    people: People, draft: EngineeringChange, author: Client, viewer: Client, analyst: Client,
    approver: Client, unchanged: Callable[[], None],
) -> None:  # fmt: skip
    row = plan(people, draft, quantity=Decimal(7))
    approved(people, draft)
    edit, complete = url("disposition-edit", draft, row), url("disposition-complete", draft, row)
    form = author.get(edit).content.decode()
    assert 'name="owner"' in form and 'name="quantity"' not in form
    assert complete not in page(viewer, draft)
    day = {"owner": str(people.viewer.user_id), "due_on": "2026-12-01", "quantity": "99"}
    assert author.post(edit, day).status_code == 302
    assert Disposition.objects.get().quantity == 7, "a planned fact is not taken from a forged form"
    change_implement(actor=people.analyst, change_id=draft.pk)
    assert complete in page(viewer, draft) and complete not in page(author, draft)
    assert [each.pk for each in viewer.get(f"{url('disposition-list')}?state=ready").context["page"]] == [row.pk]
    assert "Existing parts are not dealt with yet: LAMP (Stock)." in page(analyst, draft)
    assert "This is not possible for you" in text_of(approver.get(complete))
    assert 'value="7"' in viewer.get(complete).content.decode()
    assert viewer.post(complete, {"quantity_done": "6", "cost_done": "2.5", "note": "one kept"}).status_code == 302
    shown = page(viewer, draft)
    assert "one kept" in shown and "(done: 6)" in shown and "1 of one done" in shown
    assert "Existing parts: LAMP (Stock)" in shown, "the history tells of it"
    reopen = url("disposition-reopen", draft, row)
    unchanged()
    assert approver.post(complete, {}).status_code == 403
    assert viewer.post(complete, {}).status_code == 422, "it is done"
    assert viewer.post(reopen, {"reason": ""}).status_code == 422


def test_opened_again(people: People, draft: EngineeringChange, viewer: Client) -> None:
    row = plan(people, draft, owner_id=people.viewer.user_id)
    approved(people, draft)
    change_implement(actor=people.analyst, change_id=draft.pk)
    disposition_complete(actor=people.viewer, disposition_id=row.pk)
    assert viewer.post(url("disposition-reopen", draft, row), {"reason": "a box was found"}).status_code == 302
    assert not Disposition.objects.get().is_done and "a box was found" in page(viewer, draft)


def test_who_signs_sees_what_is_signed(people: People, draft: EngineeringChange, approver: Client) -> None:
    """The plan stands wherever a vote can be cast: among what waits, and beside the step."""
    plan(people, draft, place="on_order", action="return", quantity=Decimal(500), cost=Decimal(120))
    submitted(people, draft)
    for address in (url("my-approvals"), url("change-step", draft, "approve")):
        shown = text_of(approver.get(address))
        assert "On order: Return, 500 each, 120.00 EUR" in shown, address
    few = len(statements(approver, url("my-approvals")))
    other = make_draft(people.author, make_lamp("OTHER"))
    for place in ("stock", "field", "supplier"):
        plan(people, other, place=place)
    submitted(people, other)
    assert len(statements(approver, url("my-approvals"))) == few


def test_who_has_what_to_do(people: People, lamp: Lamp, draft: EngineeringChange, viewer: Client) -> None:
    address = url("disposition-list")
    assert "Nothing is to be done" in text_of(viewer.get(address))
    assert address in text_of(viewer.get(url("change-list")))
    plan(people, draft, owner_id=people.viewer.user_id, due_on=dt.date(2020, 1, 1), note="=HYPERLINK(1)")
    plan(people, draft, place="field", action="use_as_is", product_id=lamp.bulb.child_id, quantity=Decimal("2.5"))

    def places(query: str) -> list[str]:
        return [row.place for row in viewer.get(f"{address}?{query}").context["page"]]

    assert places("") == ["stock", "field"]
    assert places("whose=mine") == places("due=overdue") == places("action=scrap") == ["stock"]
    assert places("place=field&action=use_as_is") == ["field"]
    assert places("state=done") == places("state=ready") == [] and "Nothing matches" in text_of(
        viewer.get(f"{address}?state=done")
    )
    assert places("place=moon&page=x") == ["stock", "field"], "nonsense filters nothing"
    shown = text_of(viewer.get(f"{address}?due=overdue"))
    assert f'href="{url("disposition-export")}?due=overdue"' in shown and 'value="overdue" selected' in shown
    file = viewer.get(f"{url('disposition-export')}?place=field&place=field")
    assert file["Content-Disposition"] == 'attachment; filename="dispositions.csv"'
    rows = list(csv.DictReader(io.StringIO(file.getvalue().decode("utf-8-sig"))))
    assert [(row["Part"], row["Affected product"], row["Quantity"], row["Unit"]) for row in rows] == [
        ("LAMP-BULB", "LAMP", "2.5", "each")
    ]
    everything = viewer.get(url("disposition-export")).getvalue().decode("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(everything)))) == 2 and "\n=HYPERLINK" not in everything


def test_pages_and_statements_do_not_grow(people: People, draft: EngineeringChange, viewer: Client) -> None:
    def counted(change: EngineeringChange) -> tuple[int, int]:
        return len(statements(viewer, url("disposition-list"))), len(statements(viewer, change.get_absolute_url()))

    plan(people, draft, owner_id=people.viewer.user_id)
    submitted(people, draft)
    counted(draft)
    few = counted(draft)
    other = make_draft(people.author, make_lamp("OTHER"))
    for place in ("stock", "field", "supplier", "on_order"):
        plan(people, other, place=place, owner_id=people.viewer.user_id)
    submitted(people, other)
    assert counted(other) == few and few[0] <= 7, few
    many = [make_draft(people.author, make_lamp(f"LAMP{n}")) for n in range(4)]
    for change in many:
        for place in ("stock", "field", "supplier", "on_order", "in_transit", "work_in_progress"):
            plan(people, change, place=place)
    shown = viewer.get(url("disposition-list"))
    assert len(shown.context["page"]) == 25 and shown.context["page"].paginator.count == 29
    assert len(viewer.get(f"{url('disposition-list')}?page=2").context["page"]) == 4


def test_the_administration_shows_them_and_switches_the_policy(
    people: People, draft: EngineeringChange, make_member: Any
) -> None:
    from changes.models import ChangePolicy
    from tests.admin.conftest import address, form_of, saved

    plan(people, draft, quantity=Decimal(3))
    client = Client()
    user = make_member("plm_manager", "tenant_admin")[0]
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert "3 each" in client.get(address(EngineeringChange, "change", draft.pk)).content.decode()
    policy = address(ChangePolicy, "change", ChangePolicy.objects.get().pk)
    saved(client.post(policy, {**form_of(client.get(policy)), "dispositions_required": "on"}))
    assert ChangePolicy.objects.get().dispositions_required is True
    assert client.get(address(ChangePolicy, "add")).status_code == 403


def test_another_changes_rows_are_not_found(
    people: People, draft: EngineeringChange, author: Client, sign_in: SignIn
) -> None:
    row = plan(people, draft)
    other = make_draft(people.author, make_lamp("OTHER"))
    for name in ("disposition-edit", "disposition-complete", "disposition-reopen"):
        assert author.get(url(name, other, row)).status_code == 404, name
    assert author.post(url("disposition-remove", other, row)).status_code == 404
    assert Disposition.objects.count() == 1
