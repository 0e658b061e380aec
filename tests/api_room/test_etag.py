"""ETag, If-Match, If-None-Match."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api_room.conftest import token_names


@pytest.fixture
def record(admin: Any) -> Any:
    return admin.post("tokens/", {"name": "press line"}).json()["data"]


def test_the_tag_is_the_version(admin: Any, record: Any) -> None:
    assert admin.get(f"tokens/{record['id']}/")["ETag"] == f'"{record["version"]}"'
    changed = admin.patch(f"tokens/{record['id']}/", {"name": "paint line"})
    assert changed["ETag"] == f'"{record["version"] + 1}"'


@pytest.mark.parametrize("form", ['"{}"', 'W/"{}"', ' "{}" ', "*"])
def test_an_edit_of_the_present_version_passes(admin: Any, record: Any, form: str) -> None:
    answer = admin.patch(f"tokens/{record['id']}/", {"name": "paint line"}, If_Match=form.format(record["version"]))
    assert (answer.status_code, answer.json()["data"]["name"]) == (200, "paint line")


@pytest.mark.parametrize("tag", ['"0"', '"99"', '"abc"', '""', '"99999999999999999999"'])
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_an_edit_of_another_version_is_refused(admin: Any, record: Any, method: str, tag: str) -> None:
    answer = admin.call(method, f"tokens/{record['id']}/", {"name": "paint line"}, If_Match=tag)
    assert (answer.status_code, answer.json()["error_code"]) == (412, "PRECONDITION_FAILED")
    assert "press line" in token_names(admin)
    assert admin.get(f"tokens/{record['id']}/").json()["data"] == record


@pytest.mark.parametrize("tag", ["1", "'1'", '"1', '"1" "2"', '"1", "2"', "", '""1""'])
def test_a_malformed_tag_is_a_bad_request(admin: Any, record: Any, tag: str) -> None:
    answer = admin.patch(f"tokens/{record['id']}/", {"name": "paint line"}, If_Match=tag)
    assert (answer.status_code, set(answer.json()["details"])) == (400, {"If-Match"})
    assert "press line" in token_names(admin)


def test_actions_on_a_record_honour_it_too(admin: Any, record: Any) -> None:
    assert admin.post(f"tokens/{record['id']}/refused/", If_Match='"99"').status_code == 412


def test_unchanged_is_304_without_a_body(admin: Any, record: Any) -> None:
    tag = f'"{record["version"]}"'
    for header in (tag, f"W/{tag}", f'"77", {tag}', "*"):
        answer = admin.get(f"tokens/{record['id']}/", If_None_Match=header)
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)


@pytest.mark.parametrize("header", ['"77"', "nonsense", ""])
def test_otherwise_the_record_comes(admin: Any, record: Any, header: str) -> None:
    answer = admin.get(f"tokens/{record['id']}/", If_None_Match=header)
    assert (answer.status_code, answer.json()["data"]["name"]) == (200, "press line")


def test_if_none_match_is_for_reading(admin: Any, record: Any) -> None:
    answer = admin.patch(f"tokens/{record['id']}/", {"name": "paint line"}, If_None_Match="*")
    assert answer.status_code == 200
