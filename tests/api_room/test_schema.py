"""The OpenAPI description says what the room does, and is served without any outside address."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client

from tests.api_room.conftest import BASE

ROOM = Path(__file__).resolve().parents[2] / "plm_project" / "api"


def generated() -> Any:
    out = io.StringIO()
    call_command(
        "spectacular", "--fail-on-warn", "--validate", "--format", "openapi-json",
        urlconf="tests.api_room.sample_api", stdout=out,
    )  # fmt: skip
    return json.loads(out.getvalue())


@pytest.fixture(scope="module")
def schema() -> Any:
    return generated()


def operation(schema: Any, path: str, method: str) -> Any:
    return schema["paths"][BASE + path][method]


def resolved(schema: Any, node: Any) -> Any:
    return schema["components"]["schemas"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node


def answer_of(schema: Any, path: str, method: str, status: str) -> Any:
    content = operation(schema, path, method)["responses"][status]["content"]["application/json"]
    return resolved(schema, content["schema"])


def test_the_api_alone_is_described_once(schema: Any) -> None:
    assert all(path.startswith(BASE) and path.endswith("/") for path in schema["paths"])
    assert not any("schema" in path or "docs" in path for path in schema["paths"])
    ids = [op["operationId"] for path in schema["paths"].values() for op in path.values()]
    assert len(ids) == len(set(ids)) > 8


def test_it_is_the_same_every_time_and_complete(schema: Any) -> None:
    assert generated() == schema
    known = {f"#/components/schemas/{name}" for name in schema["components"]["schemas"]}
    assert set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(schema))) <= known


def test_success_is_the_envelope(schema: Any) -> None:
    created = answer_of(schema, "tokens/", "post", "201")
    assert list(created["properties"]) == ["success", "data", "message", "meta"]
    assert created["properties"]["data"] == {"$ref": "#/components/schemas/Token"}
    assert created["properties"]["success"] == {"type": "boolean", "enum": [True]}
    assert "x-plm-enum" not in json.dumps(schema)
    listed = answer_of(schema, "tokens/", "get", "200")
    assert "pagination" in listed["required"]
    assert resolved(schema, listed["properties"]["data"])["items"] == {"$ref": "#/components/schemas/Token"}
    numbers = answer_of(schema, "tokens/numbers/", "get", "200")
    assert "pagination" in numbers["required"]


def test_input_takes_no_unknown_fields_and_answers_may_grow(schema: Any) -> None:
    components = schema["components"]["schemas"]
    assert components["TokenRequest"]["additionalProperties"] is False
    assert components["LineRequest"]["additionalProperties"] is False
    assert "additionalProperties" not in components["Token"]


def test_examples_are_enveloped(schema: Any) -> None:
    content = operation(schema, "tokens/", "post")["responses"]["201"]["content"]["application/json"]
    assert content["examples"]["AToken"]["value"]["data"] == {"name": "press line"}
    request = operation(schema, "tokens/", "post")["requestBody"]["content"]["application/json"]
    assert request["examples"]["AToken"]["value"] == {"name": "press line"}


@pytest.mark.parametrize(
    ("path", "method", "statuses", "headers"),
    [
        ("tokens/", "get", {"400", "401", "403", "404", "429"}, {"X-Tenant-ID"}),
        ("tokens/{id}/", "get", {"400", "401", "403", "404", "429"}, {"X-Tenant-ID", "If-None-Match"}),
        ("tokens/", "post", {"409", "413", "415"}, {"X-Tenant-ID", "Idempotency-Key"}),
        ("tokens/{id}/", "patch", {"409", "412", "413", "415"}, {"X-Tenant-ID", "If-Match"}),
        ("tokens/{id}/", "delete", {"409", "412"}, {"X-Tenant-ID", "If-Match"}),
        ("tokens/{id}/fail/", "post", {"409", "412"}, {"X-Tenant-ID", "If-Match", "Idempotency-Key"}),
    ],
)
def test_errors_and_headers_are_declared(
    schema: Any, path: str, method: str, statuses: set[str], headers: set[str]
) -> None:
    found = operation(schema, path, method)
    assert statuses <= set(found["responses"])
    assert {p["name"] for p in found["parameters"] if p["in"] == "header"} == headers
    assert found["security"] == [{"BearerToken": []}, {"Session": []}]
    error = answer_of(schema, path, method, "401")
    assert error["required"] == ["success", "error", "details", "error_code", "meta"]


def test_paging_and_typed_keys(schema: Any) -> None:
    parameters = {p["name"]: p["schema"] for p in operation(schema, "tokens/", "get")["parameters"]}
    assert parameters["page_size"]["maximum"] == 100
    key = operation(schema, "tokens/{id}/", "get")["parameters"]
    assert next(p for p in key if p["name"] == "id")["schema"]["format"] == "uuid"


def test_served_to_everybody_as_yaml_and_json(db: Any) -> None:
    client = Client()
    assert client.get(BASE + "schema/")["Content-Type"].startswith("application/vnd.oai.openapi")
    assert client.get(BASE + "schema?format=json").json()["openapi"].startswith("3.")


def test_the_schema_is_limited_too(db: Any, settings: Any) -> None:
    settings.PLM_THROTTLE_MINUTE = 1
    client = Client()
    statuses = [client.get(BASE + "schema/?format=json") for _ in range(2)]
    assert [answer.status_code for answer in statuses] == [200, 429]


def test_the_page_loads_only_what_is_ours_and_has_nothing_inline(db: Any) -> None:
    page = Client().get(BASE + "docs").content.decode()
    assert not re.search(r"https?://", page)
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)
    assets = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    assert len(assets) == 5
    assert [asset for asset in assets if finders.find(asset) is None] == []
    assert not re.search(r"https?://", (ROOM / "static/api/docs.js").read_text())
