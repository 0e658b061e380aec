"""Every part of what is released is released already, or with it; what is missing is offered, as deep as it goes."""

from __future__ import annotations

import pytest
from django.test import Client

from changes.models import EngineeringChange
from changes.services import (
    affected_add,
    change_approve,
    change_create,
    change_gates,
    change_implement,
    change_submit,
    children_add,
    children_missing,
    redline_add,
)
from changes.services.gating import change_release
from plm_project.core.exceptions import Conflict, PermissionDenied
from products.choices import RevisionState
from products.models import Product
from tests.changes.conftest import COMPLETE, Lamp, People, footprint, fresh, make_draft, parts_first
from tests.changes.pages.conftest import SignIn, text_of, url
from tests.conftest import MakeActor
from tests.factories import make_line, make_product, release, revision_of
from tests.signing import SIGNED


@pytest.fixture
def shade(people: People) -> Product:
    """SHADE (in work) of RING (in work) of WIRE (in work) and PLATE (released), with COLOUR for reference."""
    shade, ring, plate = make_product("SHADE"), make_product("RING"), make_product("PLATE")
    make_line(shade, ring, 1)
    make_line(ring, make_product("WIRE"), 2)
    make_line(ring, plate, 1)
    make_line(plate, make_product("BELOW-A-RELEASED-ONE"), 1)
    make_line(ring, make_product("COLOUR"), 1, line_type="reference")
    parts_first(people, False)  # as imported structures are
    release(plate, with_parts=False)
    parts_first(people, True)
    return shade


def with_shade(people: People, lamp: Lamp, shade: Product) -> EngineeringChange:
    change = change_create(actor=people.author, data=COMPLETE, affected=[lamp.product.pk])
    redline_add(
        actor=people.author, change_id=change.pk, operation="add", affected_id=change.affected.get().pk,
        values={"child_id": shade.pk, "quantity": 1},
    )  # fmt: skip
    return fresh(change)


def held(change: EngineeringChange) -> list[str]:
    results = [result for result in change_gates(fresh(change)) if result.gate.key == "children"]
    return [found.message for result in results for found in result.findings]


def carried(people: People, change: EngineeringChange) -> EngineeringChange:
    change_submit(actor=people.author, change_id=change.pk)
    change_approve(actor=people.technical, change_id=change.pk, signature=SIGNED)
    return change_implement(actor=people.analyst, change_id=change.pk)


def test_a_part_that_is_not_released_holds_the_release(people: People, lamp: Lamp, shade: Product) -> None:
    change = with_shade(people, lamp, shade)
    assert held(change) == ["SHADE is not released, and not in this change."]
    change_submit(actor=people.author, change_id=change.pk)
    change_approve(actor=people.technical, change_id=change.pk, signature=SIGNED)
    before = footprint()
    with pytest.raises(Conflict, match="SHADE is not released") as refusal:
        change_implement(actor=people.analyst, change_id=change.pk)
    assert list(refusal.value.details) == ["affected[0]"] and footprint() == before
    release(shade)
    assert held(change) == []
    assert change_implement(actor=people.analyst, change_id=change.pk).status == "implemented"


def test_what_is_missing_is_added_as_deep_as_it_goes(people: People, lamp: Lamp, shade: Product) -> None:
    change = with_shade(people, lamp, shade)
    assert [part.product_number for part in children_missing(change_release(change))] == ["RING", "SHADE", "WIRE"]
    version = change.version
    added = children_add(actor=people.author, change_id=change.pk, expected_version=version)
    assert [entry.product.product_number for entry in added] == ["RING", "SHADE", "WIRE"]
    assert fresh(change).version == version + 1
    assert held(change) == [] and children_missing(change_release(fresh(change))) == []
    assert children_add(actor=people.author, change_id=change.pk) == []
    carried(people, change)
    for number in ("SHADE", "RING", "WIRE"):
        assert revision_of(Product.objects.get(product_number=number)).state == RevisionState.RELEASED


def test_only_a_draft_by_who_may_edit_it(people: People, lamp: Lamp, shade: Product) -> None:
    change, before = with_shade(people, lamp, shade), footprint()
    with pytest.raises(PermissionDenied):
        children_add(actor=people.viewer, change_id=change.pk)
    change_submit(actor=people.author, change_id=change.pk)
    with pytest.raises(Conflict):
        children_add(actor=people.author, change_id=change.pk)
    assert footprint()["changes.AffectedProduct"] == before["changes.AffectedProduct"]


def test_the_product_itself_and_parts_of_the_same_change_count(people: People, lamp: Lamp, shade: Product) -> None:
    change = with_shade(people, lamp, shade)
    affected_add(actor=people.author, change_id=change.pk, product_id=shade.pk)
    assert held(change) == ["RING is not released, and not in this change."]


def test_a_tenant_may_do_without(people: People, lamp: Lamp, shade: Product) -> None:
    parts_first(people, False)
    change = with_shade(people, lamp, shade)
    assert "children" not in {result.gate.key for result in change_gates(change)}
    assert carried(people, change).status == "implemented"


def test_the_page_offers_it(
    people: People, lamp: Lamp, shade: Product, sign_in: SignIn, make_actor: MakeActor
) -> None:
    author, viewer = sign_in(people.author), sign_in(people.viewer)
    change = with_shade(people, lamp, shade)
    shown = text_of(author.get(change.get_absolute_url()))
    assert "3 parts are not released, and not in this change" in shown and "Release them with this change" in shown
    assert "Release them with this change" not in text_of(viewer.get(change.get_absolute_url()))
    answer = author.post(url("children-add", change), follow=True)
    assert "Added: RING, SHADE, WIRE." in text_of(answer) and change.affected.count() == 4
    assert "Every part is released" in text_of(author.post(url("children-add", change), follow=True))
    assert "not in this change" not in text_of(author.get(change.get_absolute_url()))


def test_a_quiet_draft_asks_nothing_more(people: People, lamp: Lamp, sign_in: SignIn) -> None:
    client: Client = sign_in(people.author)
    shown = text_of(client.get(make_draft(people.author, lamp).get_absolute_url()))
    assert "Parts released" in shown and "not in this change" not in shown
