from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from products.models import BomLine, Product
from tests.factories import make_product

UPLOAD = reverse("products:import")
GOOD = b'Part Number,Description,Qty,Unit,Designator\nBOLT-1,Hex bolt,4,pcs,\nLED-1,LED red,2,pcs,"D1, D2"\n'
BAD = b"Part Number,Description,Qty,Unit\nBOLT-1,Hex bolt,many,pcs\nLED-1,LED red,2,furlong\n"


def upload(client: Client, content: bytes, name: str = "board.csv", parent: str = "BOARD-1") -> HttpResponse:
    file = SimpleUploadedFile(name, content)
    return client.post(UPLOAD, {"file": file, "parent_number": parent, "parent_name": "Board"})  # type: ignore[return-value]


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_upload_preview_confirm(engineer: Client, inside: Any, tmp_path: Path) -> None:
    with inside():
        make_product("BOLT-1")
    sent = upload(engineer, GOOD, name="../../etc/board.csv")
    assert sent.status_code == 302
    assert len(kept(tmp_path)) == 1 and "board" not in str(kept(tmp_path)[0])
    page = engineer.get(sent.headers["Location"])
    result = page.context["result"]
    assert (result.lines_created, result.products_created) == (2, 2)
    text = page.content.decode()
    assert "board.csv" in text and "etc" not in text and "Hex bolt" in text and "D1, D2" in text
    with inside():
        assert not BomLine.objects.exists() and Product.objects.count() == 1
    confirm = reverse("products:import-confirm", args=[page.context["token"]])
    done = engineer.post(confirm, {})
    with inside():
        board = Product.objects.get(product_number="BOARD-1")
        assert (board.product_name, BomLine.objects.count(), Product.objects.count()) == ("Board", 2, 3)
    assert done.status_code == 302 and done.headers["Location"] == reverse("products:product-bom", args=[board.pk])


@pytest.mark.django_db(transaction=True)
def test_a_second_click_does_no_harm(engineer: Client, inside: Any, tmp_path: Path) -> None:
    token = upload(engineer, GOOD).headers["Location"].split("/")[-2]
    confirm = reverse("products:import-confirm", args=[token])
    assert engineer.post(confirm).status_code == 302
    assert not kept(tmp_path)
    again = engineer.post(confirm, follow=True)
    assert "imported already" in again.content.decode()
    with inside():
        assert BomLine.objects.count() == 2


def test_faults_are_shown_and_nothing_is_written(engineer: Client, inside: Any) -> None:
    sent = upload(engineer, BAD)
    page = engineer.get(sent.headers["Location"])
    text = page.content.decode()
    assert "2 faults" in text and "not_a_number" in text and "unknown_uom" in text
    assert "import-confirm" not in text
    refused = engineer.post(reverse("products:import-confirm", args=[page.context["token"]]))
    assert refused.status_code == 422
    with inside():
        assert not Product.objects.exists()


def test_faulty_cells_are_put_right_in_the_page(engineer: Client, inside: Any) -> None:
    address = upload(engineer, BAD + b"NUT-1,Nut,-3,pcs\n,,,\n,note of somebody,,\n").headers["Location"]
    first = engineer.get(address)
    cells = {cell.name: cell.text for cell in first.context["cells"]}
    assert cells == {"cell_2_quantity": "many", "cell_3_unit": "furlong", "cell_4_quantity": "-3"}
    half = engineer.post(address, {"cell_2_quantity": "4", "cell_3_unit": "yards of", "leave_out": "4"})
    assert [(cell.name, cell.text) for cell in half.context["cells"]] == [("cell_3_unit", "yards of")]
    kept = dict(half.context["kept_corrections"])
    assert kept == {"cell_2_quantity": "4", "leave_out": "4"} and "left out by you" in half.content.decode()
    assert "note of somebody" not in engineer.post(address, {**kept, "skip_reason": "left_out"}).content.decode()
    whole = engineer.post(address, {**kept, "cell_3_unit": "pcs"})
    assert not whole.context["result"].faults and "3 corrections" in whole.content.decode()
    with inside():
        assert not Product.objects.exists()
    confirm = reverse("products:import-confirm", args=[whole.context["token"]])
    engineer.post(confirm, dict(whole.context["all_sent"]))
    with inside():
        assert dict(BomLine.objects.values_list("child__product_number", "quantity")) == {"BOLT-1": 4, "LED-1": 2}


def test_a_corrected_mapping_is_used_for_preview_and_import(engineer: Client, inside: Any) -> None:
    content = b"Part Number,Description,Qty,Spare\nBOLT-1,Hex bolt,4,7\nLED-1,LED red,2,5\n"
    sent = upload(engineer, content)
    first = engineer.get(sent.headers["Location"])
    assert [row.row.quantity for row in first.context["rows"]] == [4, 2]
    form = first.context["form"]
    asked = {name: form[name].value() or "" for name in form.fields}
    asked["map_quantity"] = "Spare"
    second = engineer.get(sent.headers["Location"], asked)
    assert [row.row.quantity for row in second.context["rows"]] == [7, 5]
    assert second.context["parsed"].mapping["quantity"] == "Spare"
    engineer.post(reverse("products:import-confirm", args=[first.context["token"]]), dict(second.context["sent"]))
    with inside():
        assert sorted(BomLine.objects.values_list("quantity", flat=True)) == [5, 7]
    taken_out = engineer.get(sent.headers["Location"], {**asked, "map_quantity": ""})
    assert taken_out.context["result"].faults


def test_a_file_without_headings_is_mapped_by_letters(engineer: Client) -> None:
    sent = upload(engineer, b"X-100;4;Hex bolt\nX-200;2;LED red\n")
    first = engineer.get(sent.headers["Location"])
    assert first.context["result"].faults
    chosen = {"map_part_number": "A", "map_quantity": "B", "map_name": "C", "map_unit": ""}
    second = engineer.get(sent.headers["Location"], chosen)
    assert [row.row.number for row in second.context["rows"]] == ["X-100", "X-200"]


def test_what_is_no_table_is_explained(engineer: Client) -> None:
    for content in (b"%PDF-1.7 nonsense", b"\x00\x01"):
        sent = upload(engineer, content)
        page = engineer.get(sent.headers["Location"])
        assert page.status_code == 200 and page.context["result"].faults
    assert upload(engineer, b"").status_code == 422


def test_too_large_a_file_is_refused_before_it_is_kept(
    engineer: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("products.forms.imports.MAX_BYTES", 10)
    assert upload(engineer, GOOD).status_code == 422
    assert not kept(tmp_path)


def test_a_token_is_one_persons_and_expires(
    engineer: Client, as_role: Callable[..., Client], other_tenant: Any
) -> None:
    url = upload(engineer, GOOD).headers["Location"]
    assert engineer.get(url).status_code == 200
    assert as_role("engineer", email="colleague@acme.example").get(url).status_code == 404
    assert as_role("engineer", tenant=other_tenant).get(url).status_code == 404
    assert engineer.get(url.replace("/import/", "/import/x")).status_code == 404
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=3)):
        signed_in_anew = as_role("engineer")
        assert signed_in_anew.get(url).status_code == 404


def test_throwing_the_file_away(engineer: Client, tmp_path: Path, inside: Any) -> None:
    token = upload(engineer, GOOD).headers["Location"].split("/")[-2]
    engineer.post(reverse("products:import-cancel", args=[token]))
    assert not kept(tmp_path)
    assert engineer.get(reverse("products:import-preview", args=[token])).status_code == 404
    with inside():
        assert not Product.objects.exists()


def test_old_files_and_too_many_go(engineer: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("products.services.import_files.MOST_WAITING", 2)
    for _number in range(4):
        upload(engineer, GOOD)
    assert len(kept(tmp_path)) == 2
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=3)):
        assert kept(tmp_path)  # nothing happens by itself
    monkeypatch.setattr("products.services.import_files.LIFETIME", dt.timedelta(0))
    upload(engineer, GOOD)
    assert len(kept(tmp_path)) == 1


def test_a_viewer_gets_to_no_step(viewer: Client, engineer: Client, tmp_path: Path) -> None:
    assert upload(viewer, GOOD).status_code == 403
    assert not kept(tmp_path)
    token = upload(engineer, GOOD).headers["Location"].split("/")[-2]
    for name in ("import-confirm", "import-cancel"):
        assert viewer.post(reverse(f"products:{name}", args=[token])).status_code == 403
    assert len(kept(tmp_path)) == 1


@pytest.mark.parametrize("name", ["libresolar_bms-c1.csv", "mutable_Tides2.xlsx", "glass_door_levels.csv"])
def test_real_files(engineer: Client, shared: Path, name: str) -> None:
    sent = upload(engineer, (shared / "data" / "bom" / name).read_bytes(), name=name)
    page = engineer.get(sent.headers["Location"])
    assert page.status_code == 200
    assert page.context["rows"] and not page.context["result"].faults


def test_a_large_file_with_faults_leads_back_from_its_job_to_the_preview(
    engineer: Client, inside: Any, settings: Any, django_capture_on_commit_callbacks: Any, tmp_path: Path
) -> None:
    """Confirmed, it is a job's work. What had become wrong meanwhile stands on the job's page, with the way to put it right."""
    settings.IMPORT_IN_REQUEST_ROWS = 2
    token = upload(engineer, GOOD).headers["Location"].split("/")[-2]
    sent = {"map_quantity": "Qty", "map_unit": "Unit", "map_part_number": "Part Number", "cell_3_unit": "furlong"}
    with django_capture_on_commit_callbacks(execute=True):
        started = engineer.post(reverse("products:import-confirm", args=[token]), sent)
    page = engineer.get(started.headers["Location"])
    text = page.content.decode()
    assert page.context["job"].state == "failed" and "unknown_uom" in text and "<td>Unit</td>" in text
    with inside():
        assert not Product.objects.exists()
    fields = dict(_hidden(text))
    assert {name: fields[name] for name in sent} == sent
    again = engineer.post(reverse("products:import-again", args=[page.context["job"].pk]), fields)
    assert again.status_code == 307
    preview = engineer.post(again.headers["Location"], {**fields, "cell_3_unit": "pcs"})
    assert (preview.context["result"].faults, preview.context["result"].lines_created) == ((), 2)
    assert engineer.get(reverse("jobs:job-list")).context["page"].paginator.count == 1


def _hidden(text: str) -> list[tuple[str, str]]:
    return re.findall(r'<input type="hidden" name="((?:map|cell|dialect)[a-z0-9_]*)" value="([^"]*)">', text)
