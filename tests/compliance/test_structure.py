"""The worst of a structure and the way to it: against brute force, at past and later dates, on dense graphs."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.choices import GRAVITY
from compliance.selectors import structure_statuses
from compliance.services import product_markets_set, records_expire
from plm_project.core import clock
from products.models import Product
from products.selectors.graph import structure_load
from products.selectors.resolution import Resolution
from tests.compliance.conftest import Lamp, assess, make_regulation
from tests.factories import make_assembly, make_line, make_product, system_actor

pytestmark = pytest.mark.django_db


def of(product: Product, day: dt.date | None = None) -> dict[str, tuple[str, list[str]]]:
    found = structure_statuses(structure_load(product, Resolution.of(None, day)))
    return {row.regulation.code: (row.status, [part.number for part in row.path]) for row in found}


def test_the_worst_part_and_the_way_to_it(lamp: Lamp) -> None:
    rohs = make_regulation("RoHS")
    assert of(lamp.product) == {"RoHS": ("not_assessed", ["LAMP"])}
    for product in (lamp.product, lamp.housing):
        assess(product, rohs, "compliant")
    assert of(lamp.product) == {"RoHS": ("not_assessed", ["LAMP", "LAMP-HOUSING", "LAMP-BULB"])}
    for status in ("in_progress", "waived", "non_compliant"):
        assess(lamp.bulb, rohs, status)
        assert of(lamp.product) == {"RoHS": (status, ["LAMP", "LAMP-HOUSING", "LAMP-BULB"])}
    assess(lamp.bulb, rohs, "compliant", valid_until=clock.today() + dt.timedelta(days=3))
    assert of(lamp.product) == {"RoHS": ("compliant", ["LAMP"])}
    # a later date: by the last valid day; and then, swept or not
    later = clock.today() + dt.timedelta(days=4)
    assert of(lamp.product, later)["RoHS"] == ("expired", ["LAMP", "LAMP-HOUSING", "LAMP-BULB"])
    with clock.fixed(clock.now() + dt.timedelta(days=4)):
        assert of(lamp.product)["RoHS"][0] == "expired"
        assert (records_expire(actor=system_actor()), records_expire(actor=system_actor())) == (1, 0)
        assert of(lamp.product)["RoHS"][0] == "expired"


def test_scope_by_type_market_and_the_shortest_of_two_ways(lamp: Lamp) -> None:
    red = make_regulation("RED", product_types=["purchased"], markets=["EU"])
    assert of(lamp.product) == {"RED": ("not_assessed", ["LAMP", "LAMP-HOUSING", "LAMP-BULB"])}
    make_line(lamp.product, lamp.bulb, 2)  # a shorter way
    assert of(lamp.product) == {"RED": ("not_assessed", ["LAMP", "LAMP-BULB"])}
    product_markets_set(actor=system_actor(), product_id=lamp.product.pk, markets=["FR"])
    assert of(lamp.product)["RED"][0] == "not_assessed"
    product_markets_set(actor=system_actor(), product_id=lamp.product.pk, markets=["US"])
    assert of(lamp.product) == {"RED": ("not_applicable", [])}
    assert red.holds_on(clock.today())


def test_a_past_date_shows_what_was_known_then(lamp: Lamp) -> None:
    rohs = make_regulation("RoHS")
    for product in (lamp.product, lamp.housing, lamp.bulb):
        assess(product, rohs, "compliant")
    start = clock.now()
    with clock.fixed(start + dt.timedelta(days=10)):
        assess(lamp.bulb, rohs, "non_compliant", reason="lead")
        assert of(lamp.product)["RoHS"][0] == "non_compliant"
        assert of(lamp.product, (start + dt.timedelta(days=9)).date())["RoHS"][0] == "compliant"
        assert of(lamp.product, start.date() - dt.timedelta(days=1))["RoHS"] == ("not_assessed", ["LAMP"])


def test_eight_million_paths_are_26_products(scope: None) -> None:
    rohs = make_regulation("RoHS")
    products = [make_product(f"D-{number:02}") for number in range(26)]
    for at, parent in enumerate(products):
        for child in products[at + 1 :]:
            make_line(parent, child)
    assess(products[-1], rohs, "non_compliant")
    started = time.monotonic()
    with CaptureQueriesContext(connection) as asked:
        assert of(products[0]) == {"RoHS": ("non_compliant", ["D-00", "D-25"])}
    assert time.monotonic() - started < 2
    assert len(asked) <= 6


STATUSES = ("not_assessed", "in_progress", "compliant", "non_compliant", "waived")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_it_agrees_with_walking_every_path(scope: None, data: Any) -> None:
    size = data.draw(st.integers(2, 6))
    pairs = [(low, high) for low in range(size) for high in range(low + 1, size)]
    chosen = data.draw(st.lists(st.sampled_from(pairs), unique=True))
    given_statuses = data.draw(st.lists(st.sampled_from(STATUSES), min_size=size, max_size=size))
    with transaction.atomic():
        rohs = make_regulation("RoHS")
        products = [make_product() for _number in range(size)]
        for low, high in chosen:
            make_line(products[low], products[high])
        for product, status in zip(products, given_statuses, strict=True):
            if status != "not_assessed":
                assess(product, rohs, status)
        paths = [[0]]
        for path in paths:
            paths += [[*path, high] for low, high in chosen if low == path[-1]]
        worst = min((given_statuses[path[-1]] for path in paths), key=GRAVITY.__getitem__)
        shortest = min(len(path) for path in paths if given_statuses[path[-1]] == worst)
        status, way = of(products[0])["RoHS"]
        numbers = [[products[at].product_number for at in path] for path in paths]
        assert status == worst and len(way) == shortest and way in numbers
        transaction.set_rollback(True)


def test_own_assembly_counts_too(scope: None) -> None:
    rohs = make_regulation("RoHS")
    part = make_product("PART")
    top = make_assembly("TOP", [(part, 1)])
    assess(part, rohs, "compliant")
    assess(top, rohs, "non_compliant")
    assert of(top) == {"RoHS": ("non_compliant", ["TOP"])}
