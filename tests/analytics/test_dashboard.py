from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plm_project.analytics.selectors import activity, products_by_phase, recent_activity, revisions_open, waiting_for
from plm_project.core.actor import Actor
from plm_project.tenancy.scope import tenant_scope
from products.services import product_lifecycle_change, product_update
from tests.factories import make_line, make_product, release

HOME = reverse("dashboard")


def sign_in(make_member: Callable[..., Any], role: str) -> Client:
    user, _member = make_member(role)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_stranger_is_sent_to_sign_in(db: None) -> None:
    assert Client().get(HOME).headers["Location"].startswith(reverse("accounts:login"))


def test_an_empty_tenant_is_shown_how_to_start(make_member: Callable[..., Any]) -> None:
    text = sign_in(make_member, "engineer").get(HOME).content.decode()
    assert "Start with your first product" in text
    assert reverse("products:import") in text and reverse("products:product-create") in text
    text = sign_in(make_member, "viewer").get(HOME).content.decode()
    assert reverse("products:product-create") not in text and "Engineer or PLM manager" in text


def test_counts_chart_and_own_work(
    make_member: Callable[..., Any], make_actor: Callable[..., Actor], tenant: Any
) -> None:
    actor = make_actor("engineer")
    with tenant_scope(tenant.pk):
        mine = make_product("MINE-1", actor=actor)
        make_product("OTHER-1")
        product_lifecycle_change(actor=actor, product_id=mine.pk, to="design")
    page = sign_in(make_member, "engineer").get(HOME)
    counts = {phase.code: phase.count for phase in page.context["phases"]}
    assert (counts["design"], counts["concept"], counts["obsolete"]) == (1, 1, 0)
    assert page.context["phase_chart"]["series"][0]["values"][:2] == [1, 1]
    assert [entry.product.product_number for entry in page.context["waiting"].revisions] == ["MINE-1"]
    text = page.content.decode()
    assert "phases-data" in text and "moved from Concept to Design" in text
    assert not sign_in(make_member, "viewer").get(HOME).context["waiting"].revisions


def test_nothing_of_another_tenant(make_member: Callable[..., Any], other_tenant: Any) -> None:
    with tenant_scope(other_tenant.pk):
        make_product("SECRET-1")
    page = sign_in(make_member, "plm_manager").get(HOME)
    assert "SECRET" not in page.content.decode() and page.context["products_total"] == 0


def test_number_of_queries_does_not_grow(
    make_member: Callable[..., Any], tenant: Any, django_assert_max_num_queries: Any
) -> None:
    client = sign_in(make_member, "plm_manager")
    with tenant_scope(tenant.pk):
        make_product("ONE-1")
    client.get(HOME)
    with django_assert_max_num_queries(22) as few:  # three are the scope's own on PostgreSQL
        client.get(HOME)
    with tenant_scope(tenant.pk):
        for number in range(20):
            make_product(f"MORE-{number}")
    with django_assert_max_num_queries(len(few)):
        client.get(HOME)


@pytest.mark.usefixtures("scope")
class TestSelectors:
    def test_activity_in_words(self, make_actor: Callable[..., Actor]) -> None:
        actor = make_actor("plm_manager", full_name="Ilse van Houten")
        bolt = make_product("BOLT-1", actor=actor)
        release(bolt)
        wheel = make_product("WHEEL-1")
        make_line(wheel, bolt, 2)
        product_update(actor=actor, product_id=bolt.pk, changes={"current_cost": 3})
        release(wheel)
        told = [(entry.who, entry.text, entry.subject) for entry in recent_activity()]
        assert ("Ilse van Houten", "changed a product", "BOLT-1") in told
        assert ("The system", "released revision A", "WHEEL-1") in told
        assert ("The system", "changed the BOM of revision A (lines: 1 added)", "WHEEL-1") in told
        assert not any("cost" in text for _who, text, _subject in told)
        assert all(entry.url for entry in recent_activity() if entry.subject)

    def test_many_of_a_kind_are_told_as_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for number in range(6):
            make_product(f"PART-{number}")
        monkeypatch.setattr(activity, "READ", 4)
        told = recent_activity()
        assert [entry.text for entry in told] == ["created 6 products"]
        assert told[0].subject == "" and told[0].url == ""

    def test_counts(self, system: Actor) -> None:
        release(make_product("ONE-1"))
        make_product("TWO-1")
        assert {entry.code: entry.count for entry in revisions_open()} == {"in_work": 1, "in_review": 0}
        assert sum(entry.count for entry in products_by_phase()) == 2
        assert waiting_for(system).is_empty
