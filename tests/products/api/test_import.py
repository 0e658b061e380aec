"""A bill of materials uploaded through HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from products.importing.table import MAX_BYTES
from tests.products.api.conftest import Api, counts, data_of, refused

GOOD = b"Part Number,Description,Qty,UoM\nRIM-1,Rim,1,EA\nSPK-1,Spoke,32,pcs\n"
BAD = b"Part Number,Description,Qty,UoM\nRIM-1,Rim,1,EA\nSPK-1,Spoke,-3,pcs\nNIP-1,Nipple,four,EA\n"


def upload(content: bytes = GOOD, name: str = "wheel.csv", **fields: Any) -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, content, content_type="text/csv"), "parent": "WHL-9", **fields}


def send(api: Api, body: dict[str, Any], **headers: str) -> Any:
    return api.post("products/import/", body, format="multipart", **headers)


def test_import_answers_like_the_command(engineer: Api) -> None:
    found = data_of(send(engineer, upload(parent_name="Wheel")))
    assert {name: found[name] for name in ("parent", "rows_read", "lines_created", "products_created", "errors")} == {
        "parent": "WHL-9", "rows_read": 2, "lines_created": 2, "products_created": 3, "errors": []}  # fmt: skip
    assert found["mapping"]["quantity"] == "Qty"
    [wheel] = data_of(engineer.get("products/", {"q": "WHL-9"}))
    assert wheel["product_name"] == "Wheel"
    lines = data_of(engineer.get(f"products/{wheel['product_id']}/explosion/", {"mode": "latest"}))["lines"]
    assert [(line["product_number"], line["quantity"]) for line in lines] == [("RIM-1", "1"), ("SPK-1", "32")]


def test_a_dry_run_writes_nothing(engineer: Api) -> None:
    before = counts(engineer.tenant)
    found = data_of(send(engineer, upload(dry_run="true")))
    assert (found["lines_created"], found["products_created"]) == (2, 3)
    faults = data_of(send(engineer, upload(BAD, dry_run="true")))["errors"]
    assert [(fault["row"], fault["code"]) for fault in faults] == [(3, "negative_qty"), (4, "not_a_number")]
    assert counts(engineer.tenant) == before


def test_faults_refuse_the_whole_file(engineer: Api) -> None:
    before = counts(engineer.tenant)
    answer = send(engineer, upload(BAD), Idempotency_Key="k1")
    assert set(refused(answer, 400, "VALIDATION_ERROR")) == {"rows[3].Qty", "rows[4].Qty"}
    assert [fault["code"] for fault in answer.json()["data"]["errors"]] == ["negative_qty", "not_a_number"]
    assert counts(engineer.tenant) == before
    data_of(send(engineer, upload(), Idempotency_Key="k1"))  # a refusal does not use the key up


def test_one_key_imports_once(engineer: Api) -> None:
    first, second = (send(engineer, upload(), Idempotency_Key="k1") for _ in range(2))
    assert data_of(first) == data_of(second)
    assert counts(engineer.tenant)["lines"] == 2


@pytest.mark.parametrize("given", [json.dumps({"quantity": "Menge"}), ["quantity=Menge"]])
def test_the_mapping_is_corrected(engineer: Api, given: Any) -> None:
    content = GOOD.replace(b"Qty", b"Qty,Menge").replace(b",1,", b",1,7,").replace(b",32,", b",32,8,")
    found = data_of(send(engineer, upload(content, map=given)))
    assert found["mapping"]["quantity"] == "Menge"


def test_cells_are_corrected_and_rows_left_out(engineer: Api) -> None:
    before = counts(engineer.tenant)
    cells = [{"row": 3, "field": "quantity", "value": "5"}]
    given = {"cells": cells, "leave_out": [4]}
    wrong: list[Any] = [
        [],
        {"cells": [{"row": 3}]},
        {"cells": [{**cells[0], "field": "colour"}]},
        {"leave_out": ["4"]},
    ]
    for corrections in wrong:
        answer = send(engineer, upload(BAD, corrections=json.dumps(corrections)))
        assert set(refused(answer, 400, "VALIDATION_ERROR")) == {"corrections"}
    assert counts(engineer.tenant) == before
    found = data_of(send(engineer, upload(BAD, corrections=json.dumps(given))))
    assert found["errors"] == [] and {"row": 4, "reason": "left out by you"} in found["rows_skipped"]


def test_a_file_too_large_is_not_read(engineer: Api) -> None:
    large = upload(b"x" * (MAX_BYTES + 1))
    assert "file" in refused(send(engineer, large), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"map": "quantity"}, "map"),
        ({"map": "{broken"}, "map"),
        ({"map": '{"quantity": 3}'}, "map"),
        ({"dialect": "klingon"}, "dialect"),
        ({"parent": "X"}, "parent"),
        ({"dry_run": "perhaps"}, "dry_run"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_fields_are_named(engineer: Api, fields: Any, field: str) -> None:
    before = counts(engineer.tenant)
    assert field in refused(send(engineer, upload(**fields)), 400, "VALIDATION_ERROR")
    assert counts(engineer.tenant) == before


def test_only_a_form_with_a_file(engineer: Api) -> None:
    assert "file" in refused(send(engineer, {"parent": "WHL-9"}), 400, "VALIDATION_ERROR")
    refused(engineer.post("products/import/", {"parent": "WHL-9"}), 415, "VALIDATION_ERROR")
    refused(send(engineer, upload(b"", name="empty.csv")), 400, "VALIDATION_ERROR")
    refused(engineer.post("products/", {"product_number": "X-1"}, format="multipart"), 415, "VALIDATION_ERROR")


def test_a_large_file_is_a_jobs_work(
    engineer: Api, settings: Any, django_capture_on_commit_callbacks: Any, tmp_path: Any
) -> None:
    """202 with the job; its result is the answer that a small file gets, its failure the refusal, and nothing is written."""
    settings.IMPORT_IN_REQUEST_ROWS = 2  # GOOD has three with its headings
    settings.MEDIA_ROOT = tmp_path
    before = counts(engineer.tenant)
    assert data_of(send(engineer, upload(dry_run="true")))["lines_created"] == 2
    with django_capture_on_commit_callbacks(execute=True):
        refusal = send(engineer, upload(BAD))
    assert refusal.status_code == 202 and counts(engineer.tenant) == before
    failed = data_of(engineer.get(f"jobs/{refusal.json()['data']['job_id']}/"))
    assert (failed["state"], failed["result"]["errors_count"]) == ("failed", 2)
    assert [(fault["row"], fault["column"]) for fault in failed["result"]["errors"]] == [(3, "Qty"), (4, "Qty")]
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(engineer, upload(map="quantity=Qty", corrections='{"leave_out": [2]}'))
    assert answer.status_code == 202 and answer.json()["data"]["state"] == "waiting"
    job = data_of(engineer.client.get(answer["Location"]))
    assert (job["state"], job["error"], job["done"]) == ("done", "", job["total"])
    found = job["result"]
    assert (found["rows_read"], found["lines_created"], found["products_created"], found["errors"]) == (1, 1, 2, [])
    assert [row["job_id"] for row in data_of(engineer.get("jobs/", {"state": "done"}))] == [job["job_id"]]
    assert refused(engineer.post(f"jobs/{job['job_id']}/cancel/"), 409, "CONFLICT") == {}


def test_a_roll_up_of_everything_is_a_job_with_a_file(
    engineer: Api, settings: Any, django_capture_on_commit_callbacks: Any, tmp_path: Any
) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "files": {**settings.STORAGES["files"], "OPTIONS": {"location": str(tmp_path), "base_url": None}},
    }
    send(
        engineer,
        upload(
            b"Part Number,Description,Qty,UoM,Unit cost\nRIM-1,Rim,1,EA,8.50\nSPK-1,Spoke,32,pcs,0.25\nTAP-1,Rim tape,1,EA,\n"
        ),
    )
    with django_capture_on_commit_callbacks(execute=True):
        answer = engineer.post("products/rollup-all/", {"mode": "latest"})
        again = engineer.post("products/rollup-all/", {"mode": "latest"})
    assert answer.status_code == 202 and again.json()["data"]["job_id"] == answer.json()["data"]["job_id"]
    job = data_of(engineer.client.get(answer["Location"]))
    assert (job["state"], job["result"]["products"], job["result"]["incomplete"]) == ("done", 4, 2)
    file = engineer.client.get(job["file"])
    text = b"".join(file.streaming_content).decode("utf-8-sig")
    assert text.splitlines() == [
        "number,unit_cost,currency,mass_kg,cost_complete", "RIM-1,8.5,EUR,0,true", "SPK-1,0.25,EUR,0,true",
        "TAP-1,0,EUR,0,false", "WHL-9,16.5,EUR,0,false"]  # fmt: skip
    assert len(text.encode("utf-8-sig")) == int(file["Content-Length"]) == job["result"]["file"]["size"]
    assert set(refused(engineer.post("products/rollup-all/", {"mode": "best"}), 400, "VALIDATION_ERROR")) == {"mode"}
