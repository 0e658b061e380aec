"""The OpenAPI description of the products routes."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import call_command

BASE = "/api/v1/plm/"


@pytest.fixture(scope="module")
def schema() -> Any:
    out = io.StringIO()
    call_command("spectacular", "--fail-on-warn", "--validate", "--format", "openapi-json", stdout=out)
    return json.loads(out.getvalue())


def test_paged_objects_carry_their_pagination(schema: Any) -> None:
    for route in ("explosion", "where-used", "compare", "history"):
        answer = schema["paths"][f"{BASE}products/{{id}}/{route}/"]["get"]["responses"]["200"]
        name = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert "pagination" in schema["components"]["schemas"][name]["required"], route


def test_examples_are_shown(schema: Any) -> None:
    created = schema["paths"][f"{BASE}products/"]["post"]
    examples = created["requestBody"]["content"]["application/json"]["examples"]
    assert any("structure" in example["value"] for example in examples.values())
    moved = schema["paths"][f"{BASE}products/{{id}}/transitions/"]["post"]["requestBody"]["content"]
    assert moved["application/json"]["examples"]
    exploded = schema["paths"][f"{BASE}products/{{id}}/explosion/"]["get"]["responses"]["200"]["content"]
    assert all(example["value"]["success"] for example in exploded["application/json"]["examples"].values())


def test_amounts_are_strings(schema: Any) -> None:
    product = schema["components"]["schemas"]["Product"]["properties"]
    assert {product[name]["type"] for name in ("target_cost", "current_cost", "mass_kg")} == {"string"}
    line = schema["components"]["schemas"]["IndentedLine"]["properties"]
    assert {line[name]["type"] for name in ("quantity", "total_quantity")} == {"string"}
