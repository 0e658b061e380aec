"""Asking about a product: off until configured, answered with evidence, judged by people; it changes nothing."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from integrations.models import Delivery, Suggestion
from integrations.services import suggestion_ask, suggestion_judge
from integrations.services.suggestions import suggestion_answer
from integrations.simulators.server import Simulator
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, ValidationFailed
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import Product
from tests.conftest import MakeActor, MakeMember
from tests.factories import make_assembly, make_product
from tests.integrations.conftest import configure
from tests.integrations.test_api import Caller, send

pytestmark = pytest.mark.usefixtures("scope")
AI, PATH = "ai_orchestration", "/api/v1/ai/suggestions"


@pytest.fixture
def lamp() -> Product:
    return make_assembly("LAMP", [(make_product("BULB"), 3)])


def test_a_question_gets_an_answer_with_what_it_rests_on(
    system: Actor, simulator: Simulator, lamp: Product, make_actor: MakeActor
) -> None:
    engineer = make_actor("engineer")
    with pytest.raises(Conflict, match="No AI is configured"):
        suggestion_ask(actor=engineer, product_id=lamp.pk, question="cost")
    assert Suggestion.objects.count() == 0
    configure(system, simulator, AI)
    before = Product.objects.get(pk=lamp.pk).version
    asked = suggestion_ask(actor=engineer, product_id=lamp.pk, question="cost")
    with pytest.raises(Conflict, match="asked already"):
        suggestion_ask(actor=engineer, product_id=lamp.pk, question="cost")
    suggestion_ask(actor=engineer, product_id=lamp.pk, question="alternates")
    send(system)
    (cost, _alternates) = simulator.done(PATH)
    assert cost["payload"]["task"] == "cost" and cost["payload"]["subject"]["number"] == "LAMP"
    assert [part["quantity"] for part in cost["payload"]["subject"]["parts"]] == ["3"]
    assert str(engineer.user_id) not in str(cost)
    found = Suggestion.objects.get(pk=asked.pk)
    assert (found.state, found.model_name, str(found.confidence)) == ("answered", "simulated", "0.500")
    assert found.evidence[0]["source"] == "product LAMP" and found.text
    again = suggestion_answer(
        actor=system, suggestion_id=found.pk, text="Other", confidence=found.confidence, evidence=[], model_name="x"
    )
    assert again.text == found.text  # an answer is kept once
    assert Product.objects.get(pk=lamp.pk).version == before


def test_an_answer_without_evidence_is_not_taken(system: Actor, simulator: Simulator, lamp: Product) -> None:
    configure(system, simulator, AI)
    simulator.say("POST", PATH, 200, {"suggestion": "Trust me", "confidence": 1, "evidence": [], "model": "m"})
    asked = suggestion_ask(actor=system, product_id=lamp.pk, question="cost")
    send(system)
    asked.refresh_from_db()
    delivery = Delivery.objects.get(entity_id=asked.pk)
    assert (asked.state, asked.text, delivery.state) == ("asked", "", "review")
    assert "evidence" in delivery.reason


def test_people_judge_it(
    system: Actor, simulator: Simulator, lamp: Product, make_actor: MakeActor, other_tenant: Tenant
) -> None:
    engineer, viewer = make_actor("engineer"), make_actor("viewer")
    configure(system, simulator, AI)
    asked = suggestion_ask(actor=engineer, product_id=lamp.pk, question="cost")
    with pytest.raises(Conflict):
        suggestion_judge(actor=engineer, suggestion_id=asked.pk, to="accepted")
    send(system)
    with pytest.raises(ValidationFailed):
        suggestion_judge(actor=engineer, suggestion_id=asked.pk, to="dismissed")
    with pytest.raises(ValidationFailed):
        suggestion_judge(actor=engineer, suggestion_id=asked.pk, to="asked")
    for refused in (suggestion_judge, suggestion_ask):
        with pytest.raises(PermissionDenied):
            given = {"suggestion_id": asked.pk, "to": "accepted"}
            other = {"product_id": lamp.pk, "question": "cost"}
            refused(actor=viewer, **(given if refused is suggestion_judge else other))  # type: ignore[operator]
    dismissed = suggestion_judge(actor=engineer, suggestion_id=asked.pk, to="dismissed", reason="we buy by the year")
    assert (dismissed.state, dismissed.reason) == ("dismissed", "we buy by the year")
    assert suggestion_judge(actor=engineer, suggestion_id=asked.pk, to="accepted").state == "accepted"
    assert dismissed.history.filter(history_actor=engineer.label).count() == 3
    with pytest.raises(ValidationFailed):
        suggestion_ask(actor=engineer, product_id=lamp.pk, question="weather")
    with pytest.raises(NotFound):
        suggestion_ask(actor=engineer, product_id=uuid.uuid4(), question="cost")
    with tenant_scope(other_tenant.pk), pytest.raises(NotFound):
        suggestion_judge(actor=Actor.system(other_tenant.pk), suggestion_id=asked.pk, to="accepted")


def test_the_api(system: Actor, simulator: Simulator, lamp: Product, make_member: MakeMember) -> None:
    engineer = Caller(make_member("engineer", email="engineer@acme.example")[0])
    body = {"product_id": str(lamp.pk), "question": "description"}
    engineer("post", "suggestions/", body, 409)
    configure(system, simulator, AI)
    made = engineer("post", "suggestions/", body, 201)["data"]
    assert (made["state"], made["product_number"], made["confidence"]) == ("asked", "LAMP", None)
    send(system)
    one = f"suggestions/{made['suggestion_id']}/"
    assert engineer("get", one)["data"]["evidence"][0]["source"] == "product LAMP"
    assert engineer("get", f"suggestions/?product={lamp.pk}&state=answered&question=description")["data"]
    assert engineer("get", "suggestions/?question=cost")["data"] == []
    assert "reason" in engineer("post", one + "judge/", {"to": "dismissed"}, 400)["details"]
    assert engineer("post", one + "judge/", {"to": "accepted"})["data"]["state"] == "accepted"


def test_the_pages(system: Actor, simulator: Simulator, lamp: Product, make_member: MakeMember) -> None:
    browser = Client()
    user, _member = make_member("engineer", email="engineer@acme.example")
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    tab = f"/integrations/suggestions/of/{lamp.pk}/"

    def page(path: str, data: Any = None) -> str:
        answer = browser.get(path) if data is None else browser.post(path, data, follow=True)
        assert answer.status_code == 200, path
        return answer.content.decode()

    assert tab in page(f"/products/{lamp.pk}/")
    assert "No AI is configured" in page(tab)
    configure(system, simulator, AI)
    assert "It is asked." in page(tab + "ask/", {"question": "cost"})
    assert "the answer comes by itself" in page(tab) and 'value="cost"' not in page(tab)
    assert "Unknown question" in page(tab + "ask/", {"question": "weather"})
    send(system)
    shown = page(tab)
    assert "Ask for a price at twice the quantity." in shown and "product LAMP" in shown
    suggestion = Suggestion.objects.get()
    judge = f"/integrations/suggestions/{suggestion.pk}/judge/"
    assert "It is accepted." in page(judge, {"to": "accepted"})
    assert "It is dismissed." in page(judge, {"to": "dismissed", "reason": "no"})
    everything = page("/integrations/suggestions/")
    assert "LAMP" in everything and "Because: no" in everything
    assert "Nothing stands here" in page("/integrations/suggestions/?state=accepted")
