"""One's own notices by page and by API: reading, marking, undoing, choosing. Nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from changes.services import change_withdraw
from collaboration.models import Notice, NoticePreference
from collaboration.selectors import notice_choices, notice_unread_count
from collaboration.services import Wish, notice_mark, notice_preferences_update, notices_read_all
from plm_project.accounts.models import User
from plm_project.accounts.services import token_issue
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound, PermissionDenied, ValidationFailed
from tests.collaboration.notices.conftest import Team, key, only, submitted
from tests.conftest import MakeActor
from tests.tenancy.records import notice_values

pytestmark = pytest.mark.usefixtures("scope")

API = "/api/v1/plm/notices/"
LIST = "/collaboration/notices/"
CONTROL = (
    "SAVEPOINT",
    "RELEASE",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SELECT set_config",
    "SELECT COALESCE(current_setting",
)

SignIn = Callable[[Actor], Client]


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


def fill(actor: Actor, count: int) -> list[Notice]:
    user = User.objects.get(pk=actor.user_id)
    return Notice.objects.bulk_create(Notice(**notice_values(user, f"ECO-{n}")) for n in range(count))


def page(client: Client, address: str = LIST) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def statements(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return sum(not query["sql"].startswith(CONTROL) for query in captured.captured_queries)


def undo_of(html: str) -> str:
    return html.split('name="marked" value="')[1].split('"')[0]


def test_the_bell_the_sheet_and_the_way_to_the_change(team: Team, sign_in: SignIn) -> None:
    change = submitted(team, priority="high", change_title="<b>Brighter</b> lamp")
    client = sign_in(team.boss)
    home = page(client, "/")
    assert 'aria-hidden="true">1</span>' in home
    assert "unread: 1" in home
    assert 'aria-hidden="true" hidden>0</span>' in page(sign_in(team.author), "/")
    assert "data-notices" not in client.get("/nowhere/").content.decode()  # error pages ask nothing
    sheet = page(client, reverse("collaboration:notice-sheet"))
    assert f"{change.change_number} needs your approval" in sheet
    assert "High priority" in sheet
    assert "&lt;b&gt;Brighter&lt;/b&gt; lamp · submitted by Ada Author" in sheet
    notice = only(team.boss)
    opened = reverse("collaboration:notice-open", args=[notice.pk])
    for ahead in ({"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}):
        assert client.get(opened, headers=ahead).status_code == 302
    assert client.head(opened).status_code == 302
    assert notice_unread_count(team.boss) == 1
    response = client.get(opened)
    assert (response.status_code, response["Location"]) == (302, change.get_absolute_url())
    assert notice_unread_count(team.boss) == 0
    first = only(team.boss).read_at
    client.get(opened)
    assert only(team.boss).read_at == first
    assert client.post(opened).status_code == 405
    Notice.objects.update(target_route="a:page-that-is-gone")
    assert client.get(opened)["Location"] == LIST


def test_filters_paging_marking_and_undo(team: Team, sign_in: SignIn) -> None:
    client = sign_in(team.author)
    assert "No notices yet" in page(client)
    fill(team.author, 27)
    html = page(client)
    assert "27 are unread." in html
    assert html.count('class="is-unread"') == 25
    assert page(client, f"{LIST}?page=2").count('class="is-unread"') == 2
    assert "No notice matches" in page(client, f"{LIST}?kind=mentioned")
    assert page(client, f"{LIST}?kind=nonsense&state=nonsense&page=x&marked=x").count('class="is-unread"') == 25
    one = Notice.objects.first()
    assert one is not None
    mark = reverse("collaboration:notice-mark", args=[one.pk])
    answer = client.post(mark, {"read": "1", "next": f"{LIST}?state=unread"})
    assert answer["Location"] == f"{LIST}?state=unread"
    assert client.post(mark, {"read": "1", "next": "https://evil.example/"})["Location"] == LIST
    assert notice_unread_count(team.author) == 26
    client.post(mark, {"read": "0"})
    assert notice_unread_count(team.author) == 27
    client.post(mark, {"read": "1"})
    done = client.post(reverse("collaboration:notices-read-all"), follow=True)
    html = done.content.decode()
    assert "26 notices were marked as read." in html
    assert notice_unread_count(team.author) == 0
    undone = client.post(reverse("collaboration:notices-read-all-undo"), {"marked": undo_of(html)}, follow=True)
    assert "26 notices are unread again." in undone.content.decode()
    assert notice_unread_count(team.author) == 26  # what was read before stays read
    for nonsense in ("", "yesterday", "2026-13-45T00:00:00+00:00", "2026-01-01T00:00:00"):
        bad = client.post(reverse("collaboration:notices-read-all-undo"), {"marked": nonsense}, follow=True)
        assert "There is nothing to undo." in bad.content.decode()
    notices_read_all(actor=team.author)
    assert "Nothing was unread." in client.post(reverse("collaboration:notices-read-all"), follow=True).text


def test_a_settled_question_stays_read(team: Team, sign_in: SignIn) -> None:
    change = submitted(team)
    change_withdraw(actor=team.author, change_id=change.pk)
    client = sign_in(team.technical)
    html = page(client)
    assert f"{change.change_number} no longer waits for your approval" in html
    assert "Mark as" not in html
    notice = only(team.technical)
    answer = client.post(reverse("collaboration:notice-mark", args=[notice.pk]), {"read": "0"}, follow=True)
    assert "Nobody waits for this any more" in answer.content.decode()


def test_settings(team: Team, sign_in: SignIn) -> None:
    client = sign_in(team.author)
    address = reverse("collaboration:notice-settings")
    form = client.get(address).context["form"]
    data = {bound.html_name: bound.value() for bound in form if not bound.field.disabled}
    data = {name: "on" if value is True else value for name, value in data.items()}
    assert client.post(address, data, follow=True).status_code == 200
    assert not NoticePreference.objects.exists()  # saved as it was: the defaults go on holding
    del data["change_decided-in_page"]
    data["approval_needed-by_mail"] = "never"
    assert "Your settings were saved." in client.post(address, data, follow=True).text
    chosen = {choice.kind: (choice.in_page, choice.by_mail) for choice in notice_choices(team.author)}
    assert chosen["change_decided"] == (False, "at_once")
    assert chosen["approval_needed"] == (True, "never")
    assert chosen["change_implemented"] == (True, "never")
    row = NoticePreference.objects.get(kind="approval_needed")
    assert row.history.get().history_actor == team.author.label
    assert client.post(address, {**data, "invited-by_mail": "weekly"}).status_code == 422
    assert NoticePreference.objects.count() == 2
    assert notice_choices(team.boss)[1].in_page  # one's own alone


def test_the_services_refuse_what_is_wrong_whole(team: Team) -> None:
    wishes = [Wish("invited", by_mail="never"), Wish("approval_needed", in_page=False), Wish("weather")]
    with pytest.raises(ValidationFailed) as refused:
        notice_preferences_update(actor=team.author, wishes=[*wishes, Wish("mentioned", by_mail="x"), wishes[0]])
    assert sorted(refused.value.details) == ["approval_needed", "invited", "mentioned", "weather"]
    assert not NoticePreference.objects.exists()
    (notice,) = fill(team.author, 1)
    with pytest.raises(NotFound):
        notice_mark(actor=team.boss, notice_id=notice.pk, read=True)
    bare = Actor("user", team.tenant.pk, user_id=team.author.user_id)
    for attempt in (
        lambda: notice_mark(actor=bare, notice_id=notice.pk, read=True),
        lambda: notices_read_all(actor=bare),
        lambda: notice_preferences_update(actor=bare, wishes=wishes[:1]),
        lambda: notice_preferences_update(actor=Actor.system(team.tenant.pk), wishes=wishes[:1]),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    assert notice_unread_count(team.author) == 1


def test_a_manager_sees_what_was_not_sent_and_has_it_sent_again(
    team: Team, sign_in: SignIn, make_actor: MakeActor
) -> None:
    one, other = fill(team.author, 2)
    Notice.objects.filter(pk=one.pk).update(mail_state="failed", mail_error="nobody of that name", mail_attempts=12)
    address = reverse("admin:collaboration_notice_changelist")
    action = {"action": "send_again", "_selected_action": [one.pk, other.pk]}
    assert sign_in(team.boss).post(address, action, follow=True).status_code == 403
    assert Notice.objects.get(pk=one.pk).mail_state == "failed"
    manager = sign_in(make_actor("plm_manager"))
    assert "nobody of that name" in page(manager, f"{address}?mail_state__exact=failed")
    assert "1 mail is sent again." in manager.post(address, action, follow=True).text
    states = dict(Notice.objects.values_list("pk", "mail_state"))
    assert states == {one.pk: "due", other.pk: "not_wanted"}
    assert page(manager, reverse("admin:collaboration_notice_change", args=[one.pk])).count("Ada Author") >= 1


def test_the_api(team: Team) -> None:
    change = submitted(team, priority="high")
    fill(team.boss, 3)
    user = User.objects.get(pk=team.boss.user_id)
    _token, text = token_issue(actor=Actor.system(team.tenant.pk), user=user, name="t")
    client = Client(headers={"Authorization": f"Bearer {text}"})

    def data(response: Any, status: int = 200) -> Any:
        assert response.status_code == status, response.content
        return response.json()["data"]

    def send(method: str, path: str, body: Any = None) -> Any:
        return getattr(client, method)(API + path, body or {}, content_type="application/json")

    rows = client.get(API, {"page_size": 2}).json()
    assert rows["pagination"]["total_count"] == 4
    (asked,) = data(client.get(API, {"kind": "approval_needed", "state": "unread"}))
    assert (asked["priority"], asked["url"], asked["subject_id"]) == (
        "high",
        change.get_absolute_url(),
        str(change.pk),
    )
    assert (asked["is_read"], asked["is_settled"], asked["read_at"]) == (False, False, None)
    assert client.get(API, {"kind": "weather"}).status_code == 400
    one = f"{asked['notice_id']}/"
    assert data(client.get(API + one))["title"] == f"{change.change_number} needs your approval"
    assert data(send("post", one + "read/"))["is_read"]
    assert data(client.get(API + "unread-count/")) == {"unread": 3}
    assert not data(send("post", one + "unread/"))["is_read"]
    assert data(send("post", "read-all/")) == {"marked": 4, "unread": 0}
    change_withdraw(actor=team.author, change_id=change.pk)
    assert send("post", one + "unread/").status_code == 409
    foreign = only(team.technical)
    for path in ("", "read/", "unread/"):
        call = client.get if not path else client.post
        assert call(f"{API}{foreign.pk}/{path}").status_code == 404
    assert only(team.technical).read_at is None
    wanted = {"preferences": [{"kind": "mentioned", "by_mail": "never"}, {"kind": "invited", "in_page": False}]}
    chosen = {row["kind"]: row for row in data(send("patch", "preferences/", wanted))}
    assert chosen["mentioned"] == {
        "kind": "mentioned", "in_page": True, "by_mail": "never", "always_in_page": False,
    }  # fmt: skip
    assert data(client.get(API + "preferences/")) == list(chosen.values())
    for bad in ({}, {"preferences": []}, {"preferences": [{"kind": "approval_needed", "in_page": False}]}):
        assert send("patch", "preferences/", bad).status_code == 400
    assert NoticePreference.objects.filter(person_id=key(team.boss)).count() == 2


def test_a_token_that_may_not_read_changes_sees_nothing_of_them(team: Team) -> None:
    submitted(team)
    user = User.objects.get(pk=team.technical.user_id)
    issuer = Actor.system(team.tenant.pk)
    _token, text = token_issue(actor=issuer, user=user, name="t", permissions=["plm.notices.read"])
    client = Client(headers={"Authorization": f"Bearer {text}"})
    assert client.get(API).json()["data"] == []
    assert client.get(f"{API}{only(team.technical).pk}/").status_code == 404


def test_statements_do_not_grow_with_the_notices(team: Team, sign_in: SignIn) -> None:
    """Pages: session, person, memberships and tenant, and one each for bell and jobs. The list: count and rows beside."""
    budgets = {LIST: 8, f"{LIST}?state=unread&kind=change_decided": 8, reverse("collaboration:notice-sheet"): 5}
    client = sign_in(team.author)
    fill(team.author, 3)
    few = {address: statements(client, address) for address in budgets}
    fill(team.author, 60)
    many = {address: statements(client, address) for address in budgets}
    assert few == many
    assert {address: count for address, count in many.items() if count > budgets[address]} == {}
