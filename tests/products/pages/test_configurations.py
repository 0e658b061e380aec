"""The configurations tab: choosing, saving, the check; options, rules and families; BOM and comparison by a configuration."""

from __future__ import annotations

import html

import pytest
from django.test import Client
from django.urls import reverse

from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.configuration_words import count_words
from products.models import Configuration, OptionChoice, OptionFamily, OptionRule, Product, ProductOption
from tests.conftest import MakeMember
from tests.factories import make_assembly, make_configuration, make_line, make_option, make_product, make_rule

HTMX = {"HX-Request": "true"}


@pytest.fixture
def bike(scope: None) -> Product:
    """BIKE with a motor e or d at 10, a GPS that requires motor e, and a frame."""
    bike = make_assembly("BIKE", [(make_product("FRAME"), 1)])
    for motor in ("e", "d"):
        make_line(bike, make_product(f"MOTOR-{motor.upper()}"), find_number=20, condition=f"motor:{motor}")
    make_option(bike, "motor", ("e", "d"))
    make_option(bike, "gps", ("yes",), is_required=False)
    make_rule(bike, "gps:yes", "requires", "motor:e")
    return bike


def address(name: str, *args: object) -> str:
    return reverse(f"products:{name}", args=args)


def signed_in(make_member: MakeMember, role: str = "plm_manager") -> Client:
    client = Client()
    client.force_login(make_member(role)[0])
    return client


def text(client: Client, url: str, query: dict[str, str] | None = None, **kwargs: object) -> str:
    response = client.get(url, query or {}, **kwargs)  # type: ignore[arg-type]
    assert response.status_code == 200, response.content
    return html.unescape(response.content.decode())


def test_a_product_without_options_says_what_they_are(bike: Product, make_member: MakeMember) -> None:
    frame = Product.objects.get(product_number="FRAME")
    manager, viewer = signed_in(make_member), signed_in(make_member, "viewer")
    assert "No options yet" in text(manager, address("product-configurations", frame.pk))
    assert address("option-add", frame.pk) in text(manager, address("product-configurations", frame.pk))
    assert address("option-add", frame.pk) not in text(viewer, address("product-configurations", frame.pk))


def test_choosing_rules_out_with_the_reason_and_leads_to_the_bom(bike: Product, make_member: MakeMember) -> None:
    client, tab = signed_in(make_member), address("product-configurations", bike.pk)
    part = text(client, tab, {"picked": "1", "f-motor": "motor:d"}, headers=HTMX)
    assert "<html" not in part and "A valid configuration" in part
    assert "gps:yes requires motor:e" in part and "Motor: D" in part
    field = part.partition('id="f-gps:yes"')[2].partition(">")[0]
    assert "disabled" in field and 'aria-describedby="why-gps:yes"' in field
    assert f"{address('product-bom', bike.pk)}?options=motor%3Ad" in part
    assert "3 valid configurations have" in text(client, tab, {"picked": "1"}, headers=HTMX)
    incomplete = text(client, tab, {"options": "gps:yes"})
    assert "Not complete yet" in incomplete and "That leaves only:" in incomplete and "<html" in incomplete
    clash = text(client, tab, {"options": "gps:yes,motor:d"})
    assert "These do not go together" in clash and "A valid configuration" not in clash
    assert "no choice sail:big" in text(client, tab, {"options": "motor:e,sail:big"})


def test_one_is_saved_asked_by_compared_and_removed(bike: Product, make_member: MakeMember, tenant: Tenant) -> None:
    client, tab = signed_in(make_member), address("product-configurations", bike.pk)
    add = address("configuration-add", bike.pk)
    assert "motor:e, gps:yes" in text(client, add, {"options": "motor:e,gps:yes"})
    given = {"name": "City", "code": "city", "choices": "motor:d, gps:yes"}
    refused = client.post(add, given)
    assert refused.status_code == 422 and "gps:yes requires motor:e" in refused.content.decode()
    assert client.post(add, {**given, "choices": "motor:e, gps:yes"}).status_code == 302
    assert client.post(add, {"name": "Plain", "code": "plain", "choices": "motor:d"}).status_code == 302
    page = text(client, tab)
    assert "Motor: E, Gps: Yes" in page and page.count("Buildable BOM") >= 2
    bom = text(client, address("product-bom", bike.pk), {"configuration": "plain", "view": "indented"})
    assert "MOTOR-D" in bom and "MOTOR-E" not in bom
    compared = text(
        client,
        address("revision-compare", bike.pk),
        {"from_configuration": "city", "to_configuration": "plain", "levels": "all"},
    )
    assert "configuration City" in compared and "configuration Plain" in compared and "MOTOR-D" in compared
    with tenant_scope(tenant.pk):
        city = Configuration.objects.get(code="city")
        rule = make_rule(bike, "motor:e", "excludes", "gps:yes")
    assert "Breaks rules" in text(client, tab)
    broken = text(client, address("product-bom", bike.pk), {"configuration": "city"})
    assert "This cannot be built" in broken and rule.then in broken and "MOTOR-D" not in broken
    export = client.get(address("product-bom-export", bike.pk), {"configuration": "city"})
    assert export.status_code == 400
    edit = address("configuration-edit", city.pk)
    assert "gps:yes, motor:e" in text(client, edit)
    values = {"name": "Town", "choices": "motor:e", "note": "x"}
    assert client.post(edit, {**values, "expected_version": city.version}).status_code == 302
    assert client.post(edit, {**values, "expected_version": city.version}).status_code in (409, 422)
    with tenant_scope(tenant.pk):
        city.refresh_from_db()
        assert (city.name, city.choices) == ("Town", ["motor:e"])
    gone = {"reason": "sold no more", "expected_version": city.version}
    assert client.post(address("configuration-remove", city.pk), gone).status_code == 302
    with tenant_scope(tenant.pk):
        assert list(Configuration.objects.values_list("code", flat=True)) == ["plain"]


def test_the_check_shows_findings_with_proof_and_the_matrix(
    bike: Product, make_member: MakeMember, tenant: Tenant
) -> None:
    client, check = signed_in(make_member), address("configuration-check", bike.pk)
    assert check in text(client, address("product-configurations", bike.pk))
    assert "Nothing found" in text(client, check)
    with tenant_scope(tenant.pk):
        make_configuration(bike, "city", ["motor:e"])
        make_line(bike, make_product("HOLDER"), find_number=30, condition="gps:yes and motor:d")
        make_line(bike, make_product("CABLE"), find_number=20, condition="gps:yes")
    part = text(client, check, headers=HTMX)
    assert "<html" not in part
    for words in (
        "2 findings", "Line that is in no configuration", "HOLDER", "gps:yes requires motor:e",
        "Position with two lines", "Motor: E, Gps: Yes", "Lines by configuration",
    ):  # fmt: skip
        assert words in part
    assert part.count("is-taken") == 1  # MOTOR-E in city; the other conditioned lines are not in it


def test_options_rules_and_families_are_kept_on_pages(bike: Product, make_member: MakeMember, tenant: Tenant) -> None:
    client = signed_in(make_member)
    assert client.post(address("option-family-add"), {"name": "Colour", "code": "Bad Code"}).status_code == 422
    assert client.post(address("option-family-add"), {"name": "Colour", "code": "colour"}).status_code == 302
    with tenant_scope(tenant.pk):
        family = OptionFamily.objects.get(code="colour")
    for code in ("red", "blue"):
        given = {"name": code.capitalize(), "code": code, "rank": ""}
        assert client.post(address("option-choice-add", family.pk), given).status_code == 302
    assert "colour:red" in text(client, address("option-families"))
    add = address("option-add", bike.pk)
    assert client.post(add, {"family_id": str(family.pk), "is_required": "on"}).status_code == 302
    with tenant_scope(tenant.pk):
        option = ProductOption.objects.get(family=family)
        red, blue = OptionChoice.objects.filter(family=family)
    edit = {"allowed": ["red"], "default_choice_id": str(blue.pk), "rank": "1", "expected_version": option.version}
    assert client.post(address("option-edit", option.pk), edit).status_code == 422  # blue is not allowed
    right = {**edit, "default_choice_id": str(red.pk)}
    assert client.post(address("option-edit", option.pk), right).status_code == 302
    choice = {"name": "Ruby", "rank": "2", "expected_version": red.version}
    assert client.post(address("option-choice-edit", red.pk), choice).status_code == 302
    assert "Ruby" in text(client, address("product-configurations", bike.pk))
    rule = {"condition": "colour:blue", "kind": "requires", "then": "motor:e", "note": ""}
    wrong = client.post(address("option-rule-add", bike.pk), rule)
    assert wrong.status_code == 422 and b"has no choice colour:blue" in wrong.content
    rule["condition"] = "colour:red"
    assert client.post(address("option-rule-add", bike.pk), rule).status_code == 302
    with tenant_scope(tenant.pk):
        stored = OptionRule.objects.get(condition="colour:red")
    changed = {**rule, "then": "motor:d", "expected_version": stored.version}
    assert client.post(address("option-rule-edit", stored.pk), changed).status_code == 302
    assert "colour:red Requires motor:d" in text(client, address("option-rule-remove", stored.pk))
    assert client.post(address("option-rule-remove", stored.pk), {"reason": ""}).status_code == 302
    assert client.post(address("option-family-remove", family.pk), {"reason": ""}).status_code == 422
    assert client.post(address("option-remove", option.pk), {"reason": ""}).status_code == 302
    assert client.post(address("option-choice-remove", blue.pk), {"reason": ""}).status_code == 302
    named = {"name": "Paint", "expected_version": family.version}
    assert client.post(address("option-family-edit", family.pk), named).status_code == 302
    assert client.post(address("option-family-remove", family.pk), {"reason": ""}).status_code == 302
    with tenant_scope(tenant.pk):
        assert not OptionFamily.objects.filter(code="colour").exists()
        assert not OptionRule.objects.filter(condition="colour:red").exists()


def test_counts_are_readable() -> None:
    assert [count_words(number) for number in (0, 12345, 10**12, 4936 * 10**43)] == [
        "0", "12\u202f345", "about 1.0 × 10¹²", "about 4.9 × 10⁴⁶",
    ]  # fmt: skip
    assert count_words(None) == "too many rules to count"
