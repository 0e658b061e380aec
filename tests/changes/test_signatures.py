"""A vote is signed with the password, for exactly what was read, and says so for ever."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from changes import services
from changes.content import FIELDS, content_hash
from changes.models import Approval, ChangeDocument, EngineeringChange, SignedContent
from changes.services import Signature, change_implement, change_reopen, change_submit, change_withdraw
from plm_project.accounts.models import User
from plm_project.accounts.reentry import MOST_WRONG
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, RateLimited, ValidationFailed
from plm_project.tenancy.models import Tenant
from products.models import BomLine
from products.services import line_update
from tests.changes.api_calls import Api
from tests.changes.conftest import Lamp, People, footprint, fresh, make_draft, submitted
from tests.conftest import PASSWORD, MakeActor
from tests.factories import make_document, make_line, make_product, release
from tests.signing import SIGNED, change_approve, change_reject

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_wrong_passwords_yet() -> None:
    cache.clear()


@pytest.fixture
def asked(people: People, draft: EngineeringChange) -> EngineeringChange:
    """A change that waits for the technical approver."""
    return submitted(people, draft)


def vote_of(change: EngineeringChange, actor: Actor) -> Approval:
    return fresh(change).round_approvals().get(approver_id=actor.user_id)


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD.upper(), f" {PASSWORD}"])
def test_without_the_password_nothing_is_signed(people: People, asked: EngineeringChange, password: str) -> None:
    before = footprint()
    for vote in (services.change_approve, services.change_reject):
        with pytest.raises(ValidationFailed) as refusal:
            vote(actor=people.technical, change_id=asked.pk, signature=Signature(password), comment="yes")
        assert list(refusal.value.details) == ["signature.password"]
    assert footprint() == before
    assert vote_of(asked, people.technical).decision == "pending"


def test_guessing_ends(people: People, asked: EngineeringChange, make_actor: MakeActor) -> None:
    for _each in range(MOST_WRONG):
        with pytest.raises(ValidationFailed):
            services.change_approve(actor=people.technical, change_id=asked.pk, signature=Signature("guess"))
    with pytest.raises(RateLimited):
        change_approve(actor=people.technical, change_id=asked.pk)
    other = make_actor("technical_approver", email="other@acme.example")
    with pytest.raises(Exception, match="not one of the approvers"):  # another person's count is their own
        change_approve(actor=other, change_id=asked.pk)


def test_a_signature_keeps_name_meaning_time_and_content(people: People, asked: EngineeringChange) -> None:
    person = User.objects.get(pk=people.technical.user_id)
    person.full_name = "Tamara Tate"
    person.save()
    moment = clock.now()
    with clock.fixed(moment):
        services.change_approve(
            actor=people.technical, change_id=asked.pk, signature=Signature(PASSWORD, "responsibility"), comment="fine"
        )
    person.full_name = "Tamara Thorne"
    person.save()
    vote = vote_of(asked, people.technical)
    assert (vote.signed_name, vote.meaning, vote.decided_at) == ("Tamara Tate", "responsibility", moment)
    signed = SignedContent.objects.get(change=asked)
    assert vote.content_hash == signed.content_hash == hashlib.sha256(signed.text.encode()).hexdigest()
    read = json.loads(signed.text)
    assert read["change_title"] == asked.change_title and read["round"] == 1
    assert [(line["operation"], line["quantity"]) for line in read["redlines"]] == [
        ("quantity", "6"),
        ("replace", None),
    ]
    last = vote.history.order_by("-history_date", "-history_id").first()
    assert (last.signed_name, last.content_hash) == ("Tamara Tate", vote.content_hash)


def test_a_rejection_means_nothing_else(people: People, asked: EngineeringChange) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        services.change_reject(
            actor=people.technical, change_id=asked.pk, signature=Signature(PASSWORD, "approval"), comment="no"
        )
    assert list(refusal.value.details) == ["signature.meaning"]
    change_reject(actor=people.technical, change_id=asked.pk, comment="no")
    assert vote_of(asked, people.technical).meaning == "rejection"


def test_every_edit_makes_another_content(people: People, lamp: Lamp) -> None:
    """Each field and each part of the change counts; reading it again does not."""
    change = make_draft(people.author, lamp)
    seen = {content_hash(change)}
    assert content_hash(fresh(change)) in seen

    def is_new() -> bool:
        found = content_hash(fresh(change))
        return found not in seen and not seen.add(found)  # type: ignore[func-returns-value] # None, on purpose

    other = {"cost_impact": 7, "effective_from": "2031-01-01", "round": 9, "change_type": "safety", "priority": "low",
             "urgency": "urgent"}  # fmt: skip
    for name in FIELDS:
        EngineeringChange.objects.filter(pk=change.pk).update(**{name: other.get(name, f"another {name}"[:20])})
        assert is_new(), name
    redline = change.redlines.get(operation="quantity")
    for name, value in (("quantity", 8), ("note", "why"), ("position", 40)):
        type(redline).objects.filter(pk=redline.pk).update(**{name: value})
        assert is_new(), name
    document = make_document("DRW-1")
    ChangeDocument(tenant_id=change.tenant_id, change=change, document=document).save_as(
        people.author, reason="attached"
    )
    assert is_new(), "document"
    services.affected_add(actor=people.author, change_id=change.pk, product_id=lamp.glass.pk)
    assert is_new(), "affected"


@pytest.fixture
def fixture_line(people: People, draft: EngineeringChange) -> BomLine:
    """The change also releases STAND, which is still in work: its line can be edited while people vote."""
    stand = make_product("STAND")
    line = make_line(stand, foot := make_product("FOOT"), 3)
    release(foot)
    services.affected_add(actor=people.author, change_id=draft.pk, product_id=stand.pk)
    return line


def edit(people: People, line: BomLine, quantity: int) -> None:
    line_update(actor=people.author, line_id=line.pk, changes={"quantity": Decimal(quantity)})


def test_an_edit_voids_the_votes_and_they_are_given_again(
    people: People, draft: EngineeringChange, fixture_line: BomLine, make_actor: MakeActor
) -> None:
    second = make_actor("technical_approver", email="second@acme.example")
    submitted(people, draft)
    change_approve(actor=people.technical, change_id=draft.pk, comment="three feet")
    edit(people, fixture_line, 4)
    assert change_approve(actor=second, change_id=draft.pk, comment="four feet").status == "submitted"
    with pytest.raises(Conflict, match="decided already"):
        change_approve(actor=second, change_id=draft.pk)
    assert change_approve(actor=people.technical, change_id=draft.pk, comment="four, then").status == "approved"
    texts = [json.loads(text) for text in SignedContent.objects.filter(change=draft).values_list("text", flat=True)]
    assert len(texts) == 2
    comments = vote_of(draft, people.technical).history.order_by("history_date", "history_id")
    assert [row.comment for row in comments] == ["", "three feet", "four, then"]


def test_what_was_edited_after_the_last_vote_is_not_released(
    people: People, draft: EngineeringChange, fixture_line: BomLine
) -> None:
    submitted(people, draft)
    change_approve(actor=people.technical, change_id=draft.pk)
    edit(people, fixture_line, 5)
    before = footprint()
    with pytest.raises(Conflict, match="content has changed since it was signed by technical_approver@"):
        change_implement(actor=people.analyst, change_id=draft.pk)
    assert footprint() == before and fresh(draft).status == "approved"
    change_withdraw(actor=people.author, change_id=draft.pk, reason="five feet now")
    change_reopen(actor=people.author, change_id=draft.pk)
    change_submit(actor=people.author, change_id=draft.pk)
    change_approve(actor=people.technical, change_id=draft.pk)
    assert change_implement(actor=people.analyst, change_id=draft.pk).status == "implemented"


def test_a_forged_row_is_seen(people: People, asked: EngineeringChange) -> None:
    """Whoever edits a redline in the database behind the services releases nothing by it."""
    change_approve(actor=people.technical, change_id=asked.pk)
    redline = asked.redlines.get(operation="quantity")
    type(redline).objects.filter(pk=redline.pk).update(quantity=600)
    with pytest.raises(Conflict, match="content has changed"):
        change_implement(actor=people.analyst, change_id=asked.pk)


def test_by_the_api(people: People, asked: EngineeringChange, tenant: Tenant) -> None:
    approver = Api(User.objects.get(pk=people.technical.user_id), tenant)
    path = f"changes/{asked.pk}/approve/"
    for body, field in (
        ({}, "signature"),
        ({"signature": {}}, "signature.password"),
        ({"signature": {"password": "no"}}, "signature.password"),
    ):
        answer = approver.post(path, body)
        assert (answer.status_code, list(answer.json()["details"])) == (400, [field]), answer.json()
    answer = approver.post(path, {"signature": {"password": PASSWORD, "meaning": "review"}, "comment": "read"})
    assert PASSWORD not in answer.content.decode()
    data = answer.json()["data"]
    assert (data["status"], data["void_approvals"]) == ("approved", [])
    (vote,) = data["approvals"]
    assert (vote["meaning"], len(vote["content_hash"])) == ("review", 64) and vote["signed_name"]
    redline = asked.redlines.get(operation="quantity")
    type(redline).objects.filter(pk=redline.pk).update(quantity=600)
    assert approver.get(f"changes/{asked.pk}/").json()["data"]["void_approvals"] == [vote["approval_id"]]


def test_on_the_page(people: People, asked: EngineeringChange) -> None:
    client = Client()
    client.force_login(User.objects.get(pk=people.technical.user_id))
    step = reverse("changes:change-step", args=[asked.pk, "approve"])
    page = client.get(asked.get_absolute_url()).content.decode()
    assert page.count('autocomplete="current-password"') == 2  # approve and reject
    data: dict[str, Any] = {"expected_version": asked.version, "seen_round": 1, "comment": "fine"}
    refused = client.post(step, {**data, "password": "open sesame"})
    text = refused.content.decode()
    assert refused.status_code == 422 and "The password is wrong." in text
    assert "open sesame" not in text and "fine" in text
    assert refused.context["form"].errors == {"password": ["The password is wrong."]}  # said where it is typed
    client.post(step, {**data, "password": PASSWORD, "meaning": "review"})
    vote = vote_of(asked, people.technical)
    page = client.get(asked.get_absolute_url()).content.decode()
    assert f"Signed by {vote.signed_name}: Review" in page and vote.content_hash[:12] in page
    assert "this vote does not count" not in page
    redline = asked.redlines.get(operation="quantity")
    type(redline).objects.filter(pk=redline.pk).update(quantity=600)
    assert "this vote does not count" in client.get(asked.get_absolute_url()).content.decode()
    assert SIGNED.password not in repr(SIGNED)
