"""Dispositions by the API: nested under their change, and all of them in one list."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from changes.models import AffectedProduct, Disposition, EngineeringChange
from changes.services import change_implement, disposition_add
from plm_project.accounts.models import User
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from tests.changes.api_calls import Api
from tests.changes.conftest import Lamp, People, approved, footprint, make_draft, make_lamp
from tests.products.api.test_query_budgets import CONTROL

pytestmark = pytest.mark.django_db


def api(actor: Actor, tenant: Tenant) -> Api:
    return Api(User.objects.get(pk=actor.user_id), tenant)


def data_of(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.content
    return response.json()["data"]


def test_from_the_plan_to_the_closing(people: People, lamp: Lamp, draft: EngineeringChange, tenant: Tenant) -> None:
    author, owner, analyst = (api(actor, tenant) for actor in (people.author, people.viewer, people.analyst))
    path = f"changes/{draft.pk}/dispositions/"
    affected = draft.affected.get()
    body = {
        "affected_id": str(affected.pk), "product_id": str(lamp.bulb.child_id), "place": "stock", "action": "rework",
        "quantity": "12.5", "cost": "90", "owner_id": str(people.viewer.user_id), "due_on": "2026-12-01",
    }  # fmt: skip
    made = author.post(path, body)
    row = data_of(made, 201)
    assert (row["product_number"], row["affected_number"], row["quantity"], row["cost"]) == (
        "LAMP-BULB", "LAMP", "12.5", "90")  # fmt: skip
    assert (row["owner"]["user_id"], row["change_status"], row["completed_at"]) == (
        str(people.viewer.user_id), "draft", None)  # fmt: skip
    assert made.headers["Location"].endswith(f"{path}{row['disposition_id']}/")
    one = f"{path}{row['disposition_id']}/"
    etag = author.get(one).headers["ETag"]
    before = footprint()
    assert author.post(path, body).status_code == 409
    assert author.post(path, {**body, "place": "moon"}).status_code == 400
    assert author.post(path, {**body, "place": "field", "cost": "-1"}).json()["details"].keys() == {"cost"}
    assert owner.post(path, {**body, "place": "field"}).status_code == 403
    assert author.post(f"{one}complete/", {}).status_code == 403, "not the owner"
    assert owner.post(f"{one}complete/", {}).status_code == 409, "a draft"
    assert author.patch(one, {"note": "x"}, if_match='"99"').status_code == 412
    assert footprint() == before
    assert data_of(author.patch(one, {"note": "with care"}, if_match=etag))["note"] == "with care"
    mark = f"changes/{draft.pk}/affected/{affected.pk}/"
    assert author.patch(mark, {"no_disposition_reason": "none"}).status_code == 409
    approved(people, draft)
    assert author.patch(one, {"note": "again"}).status_code == 409
    assert data_of(author.patch(one, {"due_on": "2026-12-24"}))["due_on"] == "2026-12-24"
    assert author.delete(one).status_code == 409
    change_implement(actor=people.analyst, change_id=draft.pk)
    assert analyst.post(f"changes/{draft.pk}/close/").status_code == 409
    done = data_of(owner.post(f"{one}complete/", {"quantity_done": "12", "cost_done": "88", "note": "one broke"}))
    assert (done["quantity_done"], done["cost_done"], done["completed_by"]["user_id"]) == (
        "12", "88", str(people.viewer.user_id))  # fmt: skip
    assert owner.post(f"{one}complete/", {}).status_code == 409
    assert owner.post(f"{one}reopen/", {}).status_code == 400
    assert data_of(owner.post(f"{one}reopen/", {"reason": "miscounted"}))["completed_at"] is None
    data_of(owner.post(f"{one}complete/", {}))
    assert data_of(analyst.post(f"changes/{draft.pk}/close/"))["status"] == "closed"
    assert "disposition" in {entry["record"] for entry in data_of(author.get(f"changes/{draft.pk}/history/"))}


def test_the_mark_that_there_is_nothing(people: People, draft: EngineeringChange, tenant: Tenant) -> None:
    author = api(people.author, tenant)
    path = f"changes/{draft.pk}/affected/{draft.affected.get().pk}/"
    said = data_of(author.patch(path, {"no_disposition_reason": "None was built."}))
    assert said["no_disposition_reason"] == "None was built."
    assert api(people.viewer, tenant).patch(path, {"no_disposition_reason": ""}).status_code == 403
    assert author.patch(path, {}).status_code == 200, "nothing said, nothing changed"
    assert AffectedProduct.objects.get().no_disposition_reason == "None was built."
    assert data_of(author.patch(path, {"no_disposition_reason": ""}))["no_disposition_reason"] == ""


def test_removed_from_a_draft(people: People, draft: EngineeringChange, tenant: Tenant) -> None:
    row = plan(people, draft)
    other = make_draft(people.author, make_lamp("OTHER"))
    author = api(people.author, tenant)
    assert author.delete(f"changes/{other.pk}/dispositions/{row.pk}/").status_code == 404
    assert author.delete(f"changes/{draft.pk}/dispositions/{row.pk}/?reason=none").status_code == 204
    assert not Disposition.objects.exists()


def test_one_list_of_all_with_filters(people: People, draft: EngineeringChange, tenant: Tenant) -> None:
    plan(people, draft, place="stock", owner_id=people.viewer.user_id, due_on=dt.date(2020, 1, 1))
    plan(people, draft, place="field", action="use_as_is")
    viewer = api(people.viewer, tenant)

    def places(**query: Any) -> list[str]:
        return [row["place"] for row in data_of(viewer.get("dispositions/", query))]

    assert places() == ["stock", "field"], "the first due first"
    assert places(mine="true") == ["stock"] == places(overdue="true") == places(action="scrap")
    assert places(owner=str(people.viewer.user_id)) == ["stock"] and places(place="field") == ["field"]
    assert places(state="done") == [] and places(state="all") == ["stock", "field"]
    assert viewer.get("dispositions/", {"place": "moon"}).status_code == 400
    count = statements(viewer)
    for n in range(3):
        plan(people, make_draft(people.author, make_lamp(f"LAMP{n}")), owner_id=people.viewer.user_id)
    assert statements(viewer) == count


def plan(people: People, change: EngineeringChange, **values: Any) -> Disposition:
    return disposition_add(
        actor=people.author,
        change_id=change.pk,
        affected_id=change.affected.get().pk,
        values={"place": "stock", "action": "scrap", **values},
    )


def statements(client: Api) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get("dispositions/").status_code == 200
    return len([query for query in captured.captured_queries if not query["sql"].startswith(CONTROL)])
