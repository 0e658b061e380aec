"""Replacing a product everywhere: edited where in work, drafted where released, refused as a whole."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from changes.models import EngineeringChange, Redline
from changes.services import change_problems, product_replace
from plm_project.accounts.models import User
from plm_project.core.exceptions import Conflict, PermissionDenied, ValidationFailed
from products.models import BomLine, Product
from products.selectors.replacement import AffectedUses, Way
from products.services import lines_replace, revision_create, revision_submit
from tests.changes.conftest import People, events_of, footprint
from tests.factories import make_line, make_product, release, revision_of, system_actor


@pytest.fixture
def bolts(scope: None) -> dict[str, Product]:
    """BOLT stands in WORK (twice) and FREE in work, in DONE released, in NEXT released with B in work, in LOOK in review."""
    parts = {name: make_product(name) for name in ("BOLT", "SCREW", "WORK", "FREE", "DONE", "NEXT", "LOOK")}
    for name, quantity in (("WORK", 2), ("WORK", 3), ("FREE", 1), ("DONE", 4), ("NEXT", 5), ("LOOK", 6)):
        make_line(parts[name], parts["BOLT"], quantity)
    release(parts["DONE"])
    release(parts["NEXT"])
    revision_create(actor=system_actor(), product_id=parts["NEXT"].pk)
    revision_submit(actor=system_actor(), revision_id=revision_of(parts["LOOK"]).pk)
    return parts


def uses(child: Product) -> list[tuple[str, str, Decimal]]:
    rows = BomLine.objects.filter(child=child).order_by("parent_revision__product__product_number", "find_number")
    return list(rows.values_list("parent_revision__product__product_number", "parent_revision__label", "quantity"))


def test_everything_that_can_be_replaced_is(people: People, bolts: dict[str, Product]) -> None:
    found = AffectedUses(bolts["BOLT"])
    ways = [(use.revision.product.product_number, use.revision.label, use.way.value) for use in found[:]]
    assert ways == [("DONE", "A", "change"), ("FREE", "A", "edit"), ("LOOK", "A", "rests"), ("NEXT", "B", "edit"),
                    ("NEXT", "A", "rests"), ("WORK", "A", "edit")]  # fmt: skip
    assert found.counts == {Way.EDIT: 3, Way.CHANGE: 1, Way.RESTS: 2} and len(found) == 6
    arguments: Any = {
        "product_id": bolts["BOLT"].pk,
        "by_id": bolts["SCREW"].pk,
        "factor": Decimal(2),
        "reason": "stock",
    }
    before = footprint()
    dry = product_replace(actor=people.author, dry_run=True, **arguments)
    assert (dry.edited, dry.released, dry.plan.problems, footprint() == before) == (3, 1, {}, True)
    events = len(events_of("bom_changed"))
    done = product_replace(actor=people.author, **arguments)
    assert uses(bolts["SCREW"]) == [("FREE", "A", 2), ("NEXT", "B", 10), ("WORK", "A", 4), ("WORK", "A", 6)]
    assert [row[:2] for row in uses(bolts["BOLT"])] == [("DONE", "A"), ("LOOK", "A"), ("NEXT", "A")]
    change = done.change
    assert change is not None and change.reason_for_change == "stock" and change_problems(change) == []
    (redline,) = change.redlines.all()
    assert (redline.operation, redline.child_id, redline.quantity) == ("replace", bolts["SCREW"].pk, 8)
    assert len(events_of("bom_changed")) == events + 3
    line = BomLine.objects.get(child=bolts["SCREW"], quantity=2)
    newest = line.history.latest()
    assert (newest.history_change_reason, line.version) == ("BOLT replaced by SCREW: stock", 2)
    assert line.parent_revision.history.latest().version == line.parent_revision.version


def test_one_that_cannot_stops_all(people: People, bolts: dict[str, Product]) -> None:
    make_line(bolts["SCREW"], bolts["WORK"])  # WORK stands in SCREW: the other way round would be a cycle
    foil = make_product("FOIL", unit_of_measure="kg")
    line = BomLine.objects.get(child=bolts["BOLT"], quantity=1)
    BomLine.objects.filter(pk=line.pk).update(reference_designators=["B1"])
    before, changes = footprint(), EngineeringChange.objects.count()
    by_screw: Any = {"actor": people.author, "product_id": bolts["BOLT"].pk, "by_id": bolts["SCREW"].pk}
    with pytest.raises(ValidationFailed) as refused:
        product_replace(**by_screw, factor=Decimal(2))
    assert refused.value.details.keys() == {"WORK A", "FREE A"}
    assert "cycle" in refused.value.details["WORK A"][0] and "Line 10: " in refused.value.details["FREE A"][0]
    seen = {revision_of(bolts["FREE"]).pk: 99, revision_of(bolts["LOOK"]).pk: None, uuid.uuid4(): None}
    with pytest.raises(Conflict) as conflict:
        product_replace(**by_screw, revisions=seen)
    assert conflict.value.details.keys() == {"chosen revisions", "FREE A", "LOOK A"}
    with pytest.raises(ValidationFailed) as units:
        product_replace(**{**by_screw, "by_id": foil.pk})
    assert units.value.details.keys() == {"WORK A", "FREE A", "NEXT B", "DONE A"}
    for arguments in ({"by_id": bolts["BOLT"].pk}, {"by_id": uuid.uuid4()}, {"factor": Decimal(0)}):
        with pytest.raises(ValidationFailed):
            product_replace(**{**by_screw, **arguments})
    with pytest.raises(PermissionDenied):
        product_replace(**{**by_screw, "actor": people.viewer})
    assert (footprint(), EngineeringChange.objects.count()) == (before, changes)


def test_chosen_revisions_alone_and_few_statements(people: People, bolts: dict[str, Product]) -> None:
    chosen = {revision_of(bolts["FREE"]).pk: revision_of(bolts["FREE"]).version}
    made = lines_replace(
        actor=people.author, product_id=bolts["BOLT"].pk, by_id=bolts["SCREW"].pk, revisions=chosen, reason="try"
    )
    assert [line.quantity for line in made] == [1] and len(uses(bolts["SCREW"])) == 1
    for at in range(30):
        product = make_product(f"MANY-{at}")
        make_line(product, bolts["SCREW"], 2)
        if at % 2:
            release(product)
    few: Any = {"actor": people.author, "product_id": bolts["SCREW"].pk, "by_id": bolts["BOLT"].pk}
    with CaptureQueriesContext(connection) as queries:
        done = product_replace(**few)
    assert (done.edited, done.released, Redline.objects.count()) == (16, 15, 15)
    assert len(queries) <= 60, "the number of statements does not grow with the number of revisions"


def test_by_page_and_api(people: People, bolts: dict[str, Product]) -> None:
    client = Client()
    client.force_login(User.objects.get(pk=people.author.user_id))
    used = client.get(reverse("products:product-where-used", args=[bolts["BOLT"].pk])).content.decode()
    page = reverse("changes:product-replace", args=[bolts["BOLT"].pk])
    assert f'href="{page}"' in used
    shown = client.get(f"{page}?by=SCREW&factor=2")
    assert [use.way.value for use in shown.context["page"]].count("rests") == 2
    assert "rests: revision B is under way" in shown.content.decode()
    work, done = revision_of(bolts["WORK"]), revision_of(bolts["DONE"])
    ticked = {
        "scope": "ticked",
        "reason": "stock",
        "revision": [f"{work.pk}:{work.version}", f"{done.pk}:{done.version}"],
    }
    stale = client.post(f"{page}?by=SCREW", {**ticked, "revision": [f"{work.pk}:0"]})
    assert stale.status_code == 422 and "opened this list" in stale.content.decode()
    assert uses(bolts["SCREW"]) == []
    made = client.post(f"{page}?by=SCREW&factor=2", ticked)
    assert uses(bolts["SCREW"]) == [("WORK", "A", 4), ("WORK", "A", 6)]
    change = EngineeringChange.objects.get()
    result = client.get(made["Location"]).content.decode()
    assert change.change_number in result and "One revision in work was edited." in result
    assert client.get(f"{page}?by=NOTHING").context["asked"].errors.keys() == {"by"}
    # the API
    address = f"/api/v1/plm/products/{bolts['BOLT'].pk}/replace/"
    listed = client.get(address).json()
    assert [(row["product_number"], row["way"]) for row in listed["data"]][:2] == [
        ("DONE", "change"),
        ("FREE", "edit"),
    ]
    send: Any = {"content_type": "application/json"}
    dry = client.post(address, {"by_number": "SCREW", "dry_run": True}, **send).json()["data"]
    assert (dry["edited_revisions"], dry["released_revisions"], dry["change_id"]) == (2, 1, None)
    free = revision_of(bolts["FREE"])
    chosen = {"by_number": "SCREW", "revisions": [{"revision_id": str(free.pk), "version": free.version}]}
    assert client.post(address, chosen, **send).json()["data"]["lines_edited"] == 1
    assert client.post(address, chosen, **send).status_code == 409
