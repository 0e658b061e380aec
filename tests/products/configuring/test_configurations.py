"""Options, rules and configurations of a product: kept by the services, asked by every door."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from plm_project.core.exceptions import Conflict, PreconditionFailed, ValidationFailed
from plm_project.tenancy.models import Tenant
from products.configuring.choosing import choosing_of, completed
from products.models import Configuration, OptionChoice, Product
from products.selectors.compare import compare_sides
from products.selectors.compare_question import sides_asked, sides_read
from products.selectors.configuration_check import configuration_check
from products.selectors.configurations import problem_of
from products.selectors.explosion import Explosion
from products.selectors.questions import resolution_asked
from products.selectors.structures import structure_asked
from products.services.configurations import configuration_update
from products.services.option_families import option_choice_remove, option_family_remove
from products.services.product_options import option_rule_add, option_rule_update, product_option_update
from tests.factories import (
    make_assembly,
    make_baseline,
    make_configuration,
    make_family,
    make_line,
    make_option,
    make_product,
    make_rule,
    release,
    system_actor,
)

pytestmark = pytest.mark.usefixtures("scope")
CHOICES = {"motor": ("e", "d"), "colour": ("red", "blue"), "gps": ("yes",)}


@pytest.fixture
def bike() -> Product:
    """BIKE: motor e or d and a colour are asked for, GPS is optional and needs motor e. At 10 one motor or the other; in
    FRAME at 10 paint by colour; at 30 a GPS holder.
    """
    frame = make_assembly("FRAME", [])
    for colour in CHOICES["colour"]:
        make_line(frame, make_product(f"PAINT-{colour.upper()}"), find_number=10, condition=f"colour:{colour}")
    bike = make_assembly("BIKE", [])
    for motor in CHOICES["motor"]:
        make_line(bike, make_product(f"MOTOR-{motor.upper()}"), find_number=10, condition=f"motor:{motor}")
    make_line(bike, frame, find_number=20)
    make_line(bike, make_product("HOLDER"), find_number=30, condition="gps:yes")
    for code, choices in CHOICES.items():
        make_option(bike, code, choices, is_required=code != "gps")
    make_rule(bike, "gps:yes", "requires", "motor:e")
    return bike


def numbers(product: Product, **query: Any) -> list[str]:
    return [row.product_number for row in Explosion(structure_asked(product, query))[:]]


def kinds(product: Product) -> list[str]:
    return [entry.finding.kind.value for entry in configuration_check(product).findings]


def test_a_configuration_makes_the_structure_buildable(bike: Product) -> None:
    make_configuration(bike, "city", ["motor:e", "colour:red", "gps:yes"])
    make_configuration(bike, "plain", ["motor:d", "colour:blue"])
    assert len(numbers(bike)) == 6  # 150 %
    assert numbers(bike, configuration="city") == ["MOTOR-E", "FRAME", "PAINT-RED", "HOLDER"]
    assert numbers(bike, configuration="Plain ") == ["MOTOR-D", "FRAME", "PAINT-BLUE"]
    frame = Product.objects.get(product_number="FRAME")  # a part is asked by the configuration of its end item
    assert numbers(frame, configuration="plain", end_item="BIKE") == ["PAINT-BLUE"]
    found = compare_sides(
        sides_read(*sides_asked(bike, {"from_configuration": "city", "to_configuration": "plain"})), levels="all"
    )
    answer = found.as_answer()
    swapped = {(row["from"], row["to"]) for row in answer["changed"]}
    assert {("MOTOR-E", "MOTOR-D"), ("PAINT-RED", "PAINT-BLUE")} <= swapped
    assert ([row["product_number"] for row in answer["removed"]], answer["added"]) == (["HOLDER"], [])


def test_what_cannot_be_asked_by_a_configuration_is_named(bike: Product) -> None:
    city = make_configuration(bike, "city", ["motor:e", "colour:red"])
    make_baseline(bike, "Pilot")
    for query, product, field in (
        ({"configuration": "none-such"}, bike, "configuration"),
        ({"configuration": "city", "options": "motor:e"}, bike, "options"),
        ({"configuration": "city"}, None, "configuration"),
        ({"configuration": "city"}, Product.objects.get(product_number="FRAME"), "configuration"),
    ):
        with pytest.raises(ValidationFailed) as caught:
            resolution_asked(query, product)
        assert field in caught.value.details
    with pytest.raises(ValidationFailed) as caught:
        structure_asked(bike, {"configuration": "city", "baseline": "Pilot"})
    assert "configuration" in caught.value.details
    make_rule(bike, "motor:e", "excludes", "colour:red")  # rules may change after it was saved
    for text in ("city", str(city.pk)):
        with pytest.raises(ValidationFailed, match="motor:e excludes colour:red"):
            resolution_asked({"configuration": text}, bike)
    with pytest.raises(ValidationFailed, match="motor:e excludes colour:red") as caught:
        sides_asked(bike, {"from_configuration": "city", "to": "A"})
    assert "from_configuration" in caught.value.details


def test_only_valid_choices_are_saved_each_code_once(bike: Product) -> None:
    for choices, words in (
        (["motor:d", "colour:red", "gps:yes"], "gps:yes requires motor:e"),
        (["motor:e"], "Colour must be chosen"),
        (["motor:e", "motor:d", "colour:red"], "Motor takes one choice"),
        (["motor:e", "colour:red", "sail:big"], "no choice sail:big"),
    ):
        with pytest.raises(ValidationFailed) as caught:
            make_configuration(bike, "wrong", choices)
        assert any(words in text for text in caught.value.details["choices"])
    saved = make_configuration(bike, "city", [" Motor:E", "colour:red"])
    assert saved.choices == ["colour:red", "motor:e"]
    with pytest.raises(Conflict):
        make_configuration(bike, "city", ["motor:d", "colour:red"])
    with pytest.raises(ValidationFailed):
        make_configuration(bike, "Not A Code", ["motor:d", "colour:red"])
    configuration_update(actor=system_actor(), configuration_id=saved.pk, changes={"note": "x"}, expected_version=1)
    with pytest.raises(PreconditionFailed):
        configuration_update(
            actor=system_actor(), configuration_id=saved.pk, changes={"note": "y"}, expected_version=1
        )
    assert Configuration.objects.get().note == "x"


def test_families_and_rules_keep_to_what_there_is(bike: Product) -> None:
    motor = make_family("motor")
    with pytest.raises(Conflict, match="option of a product"):
        option_family_remove(actor=system_actor(), family_id=motor.pk)
    for given, field in (
        ({"condition": "motor:e", "then": "sail:big"}, "then"),
        ({"condition": "motor:e and", "then": "motor:d"}, "condition"),
        ({"condition": "", "then": "motor:d"}, "condition"),
    ):
        with pytest.raises(ValidationFailed) as caught:
            option_rule_add(actor=system_actor(), product_id=bike.pk, data=given)
        assert field in caught.value.details
    rule = make_rule(bike, "Colour:Red", "excludes", "motor:d")
    assert rule.condition == "colour:red"
    with pytest.raises(Conflict):
        make_rule(bike, "colour:red", "excludes", "motor:d")
    with pytest.raises(PreconditionFailed):
        option_rule_update(actor=system_actor(), rule_id=rule.pk, changes={"note": "x"}, expected_version=99)
    option = bike.options.get(family=motor)
    electric = OptionChoice.objects.get(family=motor, code="e")
    with pytest.raises(ValidationFailed, match="no choice steam"):
        product_option_update(actor=system_actor(), option_id=option.pk, changes={"allowed": ["steam"]})
    with pytest.raises(ValidationFailed):  # the default is none of the allowed ones
        product_option_update(
            actor=system_actor(), option_id=option.pk, changes={"allowed": ["d"], "default_choice_id": electric.pk}
        )
    product_option_update(actor=system_actor(), option_id=option.pk, changes={"default_choice_id": electric.pk})
    with pytest.raises(Conflict, match="BIKE names it"):
        option_choice_remove(actor=system_actor(), choice_id=electric.pk)
    assert completed(problem_of(bike), {"colour:red"}) == {"colour:red", "motor:e"}


def test_the_check_finds_what_is_wrong_at_any_depth(bike: Product) -> None:
    clean = configuration_check(bike)
    assert (clean.findings, clean.count, clean.lines, clean.conditioned) == ((), 6, 6, 5)
    frame = Product.objects.get(product_number="FRAME")
    make_line(bike, make_assembly("KIT", [(make_product("CLIP"), 1)]), find_number=40, condition="gps:yes and motor:d")
    make_line(frame, make_product("GLOSS"), find_number=10, condition="colour:red and motor:e")
    make_line(frame, make_product("MATT"), find_number=20, condition="colour:red and motor:e")
    make_line(frame, make_product("RAW"), find_number=20, condition="finish:raw")
    found = {entry.finding.kind.value: entry for entry in configuration_check(bike).findings}
    assert found.keys() == {"never_selectable", "position_empty", "position_double", "unknown_choice"}
    never = [entry for entry in configuration_check(bike).findings if entry.finding.kind == "never_selectable"]
    assert sorted([line.product_number for line in entry.lines] for entry in never) == [["KIT", "CLIP"], ["RAW"]]
    kit = next(entry for entry in never if entry.lines[0].product_number == "KIT")
    assert kit.finding.because == ("gps:yes requires motor:e",)
    assert {"gps:yes", "motor:d"} <= {*kit.finding.example}
    double = found["position_double"]
    assert [line.product_number for line in double.lines] == ["PAINT-RED", "GLOSS"]
    assert {"colour:red", "motor:e"} <= {*double.finding.example}
    assert [line.parent_number for line in found["position_empty"].lines] == ["FRAME", "FRAME"]
    assert found["unknown_choice"].finding.choice == "finish:raw"
    make_rule(bike, "motor:e or motor:d", "requires", "colour:blue")
    make_rule(bike, "colour:blue", "excludes", "motor:e or motor:d")
    contradictory = configuration_check(bike)
    assert (contradictory.count, contradictory.findings[0].finding.kind.value) == (0, "contradictory")
    assert "colour:blue excludes motor:e or motor:d" in contradictory.findings[0].finding.because


def test_a_check_takes_as_many_statements_for_many_lines_as_for_few(bike: Product) -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            configuration_check(bike)
        return len(captured)

    few = statements()
    for number in range(40):
        make_line(bike, make_product(f"MORE-{number}"), condition=f"motor:{'ed'[number % 2]}")
    assert statements() == few <= 7


def test_rules_change_beside_a_released_revision_and_baselines_keep_what_was(bike: Product) -> None:
    make_configuration(bike, "city", ["motor:e", "colour:red"])
    for number in ("MOTOR-E", "MOTOR-D", "FRAME", "HOLDER"):
        release(Product.objects.get(product_number=number))
    release(bike)
    baseline = make_baseline(bike, "As sold", resolution=resolution_asked({"configuration": "city"}, bike))
    make_rule(bike, "motor:e", "excludes", "colour:red")
    assert [entry.product_number for entry in Explosion(structure_asked(bike, {"baseline": "As sold"}))[:]] == [
        "MOTOR-E", "FRAME", "PAINT-RED",
    ]  # fmt: skip
    assert baseline.choices == ["colour:red", "motor:e"]


def test_choosing_rules_out_with_the_reason(bike: Product) -> None:
    answer = choosing_of(problem_of(bike), {"motor:d"})
    states = {state.choice.word: state for entry in answer.options for state in entry.choices}
    assert not states["gps:yes"].is_possible
    assert states["gps:yes"].because == ("gps:yes requires motor:e", "motor:d") or set(states["gps:yes"].because) == {
        "gps:yes requires motor:e",
        "motor:d",
    }
    assert (answer.is_valid, answer.can_be_completed, answer.forced) == (False, True, [])
    assert choosing_of(problem_of(bike), {"gps:yes"}).forced == ["motor:e"]
    clash = choosing_of(problem_of(bike), {"gps:yes", "motor:d"})
    assert set(clash.conflict) == {"gps:yes requires motor:e", "gps:yes", "motor:d"}


def test_by_api(bike: Product, make_member: Any) -> None:
    client = Client()
    client.force_login(make_member("plm_manager")[0], backend="django.contrib.auth.backends.ModelBackend")
    base = "/api/v1/plm/"

    def send(method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = getattr(client, method)(base + path, body, content_type="application/json")
        assert answer.status_code == status, answer.content
        return answer.json() if answer.content else None

    family = send("post", "option-families/", {"code": "size", "name": "Size"}, 201)["data"]
    send("post", "option-families/", {"code": "size", "name": "Again"}, 409)
    for code in ("s", "l"):
        choices = f"option-families/{family['family_id']}/choices/"
        send("post", choices, {"code": code, "name": code.upper()}, 201)
    listed = send("get", f"option-families/{family['family_id']}/")["data"]["choices"]
    assert [(entry["code"], entry["rank"]) for entry in listed] == [("s", 1), ("l", 2)]
    choice = send("patch", f"option-choices/{listed[1]['choice_id']}/", {"name": "Large"})["data"]
    assert (choice["name"], choice["code"]) == ("Large", "l")
    product = f"products/{bike.pk}/"
    option = send("post", f"{product}options/", {"family_id": family["family_id"], "allowed": ["l"]}, 201)["data"]
    send("patch", f"product-options/{option['option_id']}/", {"allowed": []})
    assert [entry["family"] for entry in send("get", f"{product}options/")["data"]] == [*CHOICES, "size"]
    rule = {"kind": "excludes", "condition": "size:s", "then": "motor:d"}
    stored = send("post", f"{product}option-rules/", rule, 201)["data"]
    assert [entry["condition"] for entry in send("get", f"{product}option-rules/")["data"]] == ["gps:yes", "size:s"]
    wrong = {"code": "small", "name": "Small", "choices": ["motor:d", "colour:red", "size:s"]}
    refused = send("post", f"{product}configurations/", wrong, 400)
    assert refused["details"] == {"choices": ["size:s excludes motor:d"]}
    right = {**wrong, "choices": ["motor:e", "colour:red", "size:s"]}
    saved = send("post", f"{product}configurations/", right, 201)["data"]
    assert (saved["valid"], saved["broken"]) == (True, [])
    rows = send("get", f"{product}explosion/?configuration=small")["data"]["lines"]
    assert [row["product_number"] for row in rows] == ["MOTOR-E", "FRAME", "PAINT-RED"]
    open_choices = send("get", f"{product}choices/?options=size:s")["data"]
    assert (open_choices["valid"], open_choices["can_be_completed"]) == (False, True)
    assert (open_choices["forced"], open_choices["configurations"]) == (["motor:e"], "4")
    check = send("get", f"{product}configuration-check/")["data"]
    assert (check["clean"], check["configurations"]) == (True, "10")
    send("patch", f"option-rules/{stored['rule_id']}/", {"then": "motor:e"})
    address = f"configurations/{saved['configuration_id']}/"
    assert send("get", address)["data"]["broken"] == ["size:s excludes motor:e"]
    answer = send("get", f"{product}explosion/?configuration=small", status=400)
    assert "size:s excludes motor:e" in answer["details"]["configuration"][0]
    send("patch", address, {"choices": ["motor:d", "colour:red", "size:s"]})
    send("delete", address, status=204)
    send("delete", f"option-rules/{stored['rule_id']}/", status=204)
    send("delete", f"option-families/{family['family_id']}/", status=409)
    send("delete", f"product-options/{option['option_id']}/", status=204)
    send("delete", f"option-families/{family['family_id']}/", status=204)


def test_the_command_tells_a_shell_what_it_found(bike: Product, tenant: Tenant) -> None:
    def run(*words: str) -> str:
        out = io.StringIO()
        call_command("configuration_check", "BIKE", "--tenant", tenant.slug, *words, stdout=out)
        return out.getvalue()

    assert json.loads(run("--json"))["configurations"] == "6"
    make_line(bike, make_product("NEVER"), condition="motor:e and motor:d")
    with pytest.raises(CommandError) as caught:
        run()
    assert caught.value.returncode == 1
    exploded = io.StringIO()
    make_configuration(bike, "city", ["motor:e", "colour:red"])
    call_command("bom_explode", "BIKE", "--configuration", "city", "--tenant", tenant.slug, "--json", stdout=exploded)
    assert [row["product_number"] for row in json.loads(exploded.getvalue())["lines"]] == [
        "MOTOR-E", "FRAME", "PAINT-RED",
    ]  # fmt: skip
