"""A first release without a change asks the same rule: the parts are released before it."""

from __future__ import annotations

import datetime as dt

import pytest

from changes.services.children import NAMED
from plm_project.accounts.models import User
from plm_project.core import clock
from plm_project.core.exceptions import Conflict
from plm_project.tenancy.models import Tenant
from products.choices import RevisionState
from products.models import Product
from products.services import products_retire, revision_release
from products.services.retiring import Retirement
from tests.changes.api_calls import Api
from tests.changes.conftest import People, footprint, parts_first
from tests.factories import make_line, make_product, make_substitute, release, revision_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shade() -> Product:
    """SHADE of RING and RIM, neither released."""
    shade = make_product("SHADE")
    make_line(shade, make_product("RING"), 1)
    make_line(shade, make_product("RIM"), 2)
    return shade


def alone(people: People, product: Product, **kwargs: dt.date) -> None:
    revision_release(actor=people.manager, revision_id=revision_of(product).pk, reason="first", **kwargs)


def test_it_is_refused_and_names_the_parts(people: People, shade: Product) -> None:
    before = footprint()
    with pytest.raises(Conflict, match=r"^Not released yet: RIM, RING\. Release these parts first") as refusal:
        alone(people, shade)
    assert footprint() == before and "by one change" in refusal.value.message
    release(Product.objects.get(product_number="RIM"))
    with pytest.raises(Conflict, match=r"yet: RING\."):
        alone(people, shade)
    release(Product.objects.get(product_number="RING"))
    alone(people, shade)
    assert revision_of(shade).state == RevisionState.RELEASED


def test_many_parts_are_counted(people: People, shade: Product) -> None:
    for at in range(NAMED):
        make_line(shade, make_product(f"A-{at}"), 1)
    with pytest.raises(Conflict, match=r"A-0, .*A-9 and 2 more"):
        alone(people, shade)


def test_a_part_that_once_was_released_is_enough(people: People, shade: Product) -> None:
    for number in ("RIM", "RING"):
        release(Product.objects.get(product_number=number))
    newer = make_product("NEWER")
    make_line(newer, shade, 1)
    alone(people, shade)
    alone(people, newer)


def test_what_is_not_built_in_is_not_asked_for(people: People) -> None:
    today = clock.today()
    bare = make_product("BARE")
    make_line(bare, make_product("COLOUR"), 1, line_type="reference")
    make_line(bare, make_product("OVER"), 1, effective_from=today - dt.timedelta(days=9), effective_to=today)
    alone(people, bare)
    later = make_product("LATER")
    make_line(later, make_product("COMES"), 1, effective_from=today + dt.timedelta(days=9))
    with pytest.raises(Conflict, match="COMES"):
        alone(people, later)


def test_a_substitute_is_asked_for_as_its_part_is(people: People) -> None:
    rim = make_product("RIM")
    release(rim)
    shade = make_product("SHADE")
    make_substitute(make_line(shade, rim, 1), make_product("OTHER-RIM"))
    with pytest.raises(Conflict, match="OTHER-RIM"):
        alone(people, shade)


def test_an_obsolete_part_names_what_replaces_it(people: People, shade: Product) -> None:
    rim, better = Product.objects.get(product_number="RIM"), make_product("BETTER-RIM")
    release(better)
    gone = Retirement("rim", rim.pk, release(rim).pk, replaced_by_id=better.pk)
    products_retire(actor=people.manager, retirements=[gone], reason="weak")
    with pytest.raises(Conflict, match=r"Not released yet: RING\..* RIM is obsolete; BETTER-RIM replaces it\."):
        alone(people, shade)
    release(Product.objects.get(product_number="RING"))
    with pytest.raises(Conflict, match=r"^RIM is obsolete"):
        alone(people, shade)


def test_a_tenant_may_do_without(people: People, shade: Product) -> None:
    parts_first(people, False)
    alone(people, shade)
    assert revision_of(shade).state == RevisionState.RELEASED
    parts_first(people, True)


def test_the_api_says_so(people: People, shade: Product, tenant: Tenant) -> None:
    manager = Api(User.objects.get(pk=people.manager.user_id), tenant)
    answer = manager.post(f"revisions/{revision_of(shade).pk}/transitions/", {"to": "released"})
    assert answer.status_code == 409 and "RIM, RING" in answer.json()["error"]
