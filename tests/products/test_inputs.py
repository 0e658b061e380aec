"""Checking some fields of a record finds what checking all of it finds there."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from plm_project.core.exceptions import ValidationFailed
from products.models import BomLine
from products.services.inputs import LINE_FIELDS, clean, clean_some
from tests.factories import make_line, make_product

pytestmark = pytest.mark.usefixtures("scope")

WRONG: dict[str, Any] = {
    "quantity": Decimal("-1"),
    "unit_of_measure": "furlong",
    "find_number": 0,
    "reference_designators": ["R1", "R1"],
    "effective_from": "no day",
    "effective_to": dt.date(2020, 1, 1),
    "serials": [{"end_item": "nobody", "first": 1}],
    "condition": "and and",
    "line_type": "imaginary",
    "attrition_percent": Decimal(-1),
    "setup_quantity": Decimal(-2),
    "rounding_multiple": Decimal("0.0000001"),
    "custom_attributes": ["no object"],
}


@pytest.fixture
def line() -> BomLine:
    return make_line(make_product("LAMP"), make_product("BULB"), effective_from=dt.date(2026, 1, 1))


def found(check: Any, line: BomLine, *args: Any, **kwargs: Any) -> dict[str, list[str]]:
    try:
        check(line, *args, prefix="lines[3].", **kwargs)
    except ValidationFailed as refusal:
        return {name: [str(message) for message in messages] for name, messages in refusal.details.items()}
    return {}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_field_is_named_as_by_the_whole_check(line: BomLine, name: str) -> None:
    setattr(line, name, WRONG[name])
    whole = found(clean, line, exclude=("child", "parent_revision"))
    assert f"lines[3].{name}" in whole
    assert found(clean_some, line, [name]) == whole


def test_what_is_right_passes_and_is_read_as_the_field_reads_it(line: BomLine) -> None:
    line.find_number = "30"  # type: ignore[assignment] # as a form gives it
    assert found(clean_some, line, [name for name in LINE_FIELDS if name != "child_id"]) == {}
    assert line.find_number == 30
