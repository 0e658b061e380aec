from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.scope import tenant_scope
from products.models import BomLine, Product
from products.selectors.levels import PORTION, level_load
from products.selectors.resolution import Resolution
from tests.factories import make_line, make_product, release, revision_of

HTMX = {"HX-Request": "true"}


def address(name: str, *args: Any) -> str:
    return reverse(f"products:{name}", args=args)


@pytest.fixture
def bike(inside: Any) -> Product:
    with inside():
        bolt = make_product("BOLT-1", product_name="Hex bolt")
        wheel = make_product("WHEEL-1", product_name="Front wheel")
        bike = make_product("BIKE-1", product_name="Town bike")
        make_line(wheel, bolt, 4, reference_designators=("H1", "H2", "H3", "H9"))
        make_line(bike, wheel, 2)
        make_line(bike, bolt, "1.5", notes="torque 8 Nm")
        return bike


def test_the_tree_shows_one_level_and_opens_the_next(viewer: Client, bike: Product, inside: Any) -> None:
    text = viewer.get(address("product-bom", bike.pk)).content.decode()
    assert "Hex bolt" in text and "Front wheel" in text and "torque 8 Nm" in text
    assert text.count('<tr role="row" data-level') == 2 and "H1" not in text
    with inside():
        wheel = revision_of(Product.objects.get(product_number="WHEEL-1"))
    rows_url = f"{address('product-bom-rows', bike.pk)}?of={wheel.pk}&depth=2"
    assert rows_url.replace("&", "&amp;") in text
    rows = viewer.get(rows_url, headers=HTMX).content.decode()
    assert 'aria-level="2"' in rows and ">H1-H3, H9</summary>H1, H2, H3, H9<" in rows and "<html" not in rows
    by_hand = viewer.get(rows_url)
    assert by_hand.status_code == 302 and by_hand.headers["Location"] == address("product-bom", wheel.product_id)
    for wrong in ("", "?of=nonsense", f"?of={bike.pk}"):
        assert viewer.get(address("product-bom-rows", bike.pk) + wrong, headers=HTMX).status_code == 404


def test_rows_of_another_tenant_are_not_found(viewer: Client, bike: Product, other_tenant: Any) -> None:
    with tenant_scope(other_tenant.pk):
        secret = make_product("SECRET-1")
        make_line(secret, make_product("SECRET-2"))
        foreign = revision_of(secret)
    answer = viewer.get(f"{address('product-bom-rows', bike.pk)}?of={foreign.pk}", headers=HTMX)
    assert answer.status_code == 404 and "SECRET" not in answer.content.decode()


def test_indented_list_and_totals(viewer: Client, bike: Product) -> None:
    indented = viewer.get(address("product-bom", bike.pk) + "?view=indented")
    assert [line.level for line in indented.context["page"]] == [1, 2, 1]
    flat = viewer.get(address("product-bom", bike.pk) + "?view=flat")
    assert {line.product_number: line.total_quantity for line in flat.context["page"]} == {
        "BOLT-1": Decimal("9.5"),
        "WHEEL-1": Decimal(2),
    }


@pytest.mark.parametrize(("view", "rows"), [("indented", 3), ("flat", 2)])
def test_export(viewer: Client, bike: Product, view: str, rows: int) -> None:
    response = viewer.get(address("product-bom-export", bike.pk) + f"?view={view}")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    lines = list(csv.DictReader(io.StringIO(text)))
    assert len(lines) == rows
    assert {line["product_number"] for line in lines} == {"BOLT-1", "WHEEL-1"}


def test_export_as_other_files(viewer: Client, bike: Product) -> None:
    where = address("product-bom-export", bike.pk)
    for kind, beginning in (("xlsx", b"PK"), ("cyclonedx", b"{")):
        response = viewer.get(where + f"?format={kind}")
        content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
        assert (
            content.startswith(beginning)
            and f".{'xlsx' if kind == 'xlsx' else 'cdx.json'}" in response["Content-Disposition"]
        )
    assert viewer.get(where + "?format=exe").status_code == 404
    assert viewer.get(address("product-bom", bike.pk)).content.decode().count("format=") == 2


def test_what_an_order_takes(viewer: Client, bike: Product, inside: Any) -> None:
    with inside():
        bolt = BomLine.objects.filter(child__product_number="BOLT-1", parent_revision__product=bike).get()
        bolt.attrition_percent, bolt.rounding_multiple = Decimal(10), Decimal(100)
        bolt.save()
        assert bolt.quantity == Decimal("1.5")
    page = viewer.get(address("product-bom", bike.pk) + "?view=requirements&units=20")
    rows = {row.product_number: (row.needed, row.designed) for row in page.context["page"]}
    # In the wheels 20 × 8 as designed; beside them 20 × 1.5 and a tenth: 33, so one packet of 100.
    assert rows["BOLT-1"] == (260, 190)
    assert rows["WHEEL-1"] == (40, 40)
    assert 'name="units" value="20"' in page.content.decode()
    response = viewer.get(address("product-requirements-export", bike.pk) + "?units=20")
    lines = csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig")))  # type: ignore[attr-defined]
    assert {line["product_number"]: Decimal(line["needed"]) for line in lines} == {
        number: needed for number, (needed, _designed) in rows.items()
    }
    assert "requirements-20.csv" in response["Content-Disposition"]


@pytest.mark.parametrize("units", ["0", "-3", "many", "1e400", ""])
def test_nonsense_units_are_named_and_one_is_shown(viewer: Client, bike: Product, units: str) -> None:
    page = viewer.get(address("product-bom", bike.pk) + f"?view=requirements&units={units}")
    assert {row.product_number: row.needed for row in page.context["page"]}["WHEEL-1"] == 2
    assert bool(page.context["order"].errors) == bool(units)


def test_an_indented_list_without_end_is_not_exported(
    viewer: Client, bike: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("products.exporting.tables.MOST_ROWS", 2)
    assert viewer.get(address("product-bom-export", bike.pk)).status_code == 409
    assert viewer.get(address("product-bom-export", bike.pk) + "?view=flat").status_code == 200


def test_date_and_mode_decide(viewer: Client, bike: Product, inside: Any) -> None:
    with inside():
        old = BomLine.objects.get(child__product_number="WHEEL-1", parent_revision__product=bike)
        old.effective_to = "2020-01-01"
        old.save()
    page = viewer.get(address("product-bom", bike.pk))
    assert [line.product_number for line in page.context["level"].lines] == ["BOLT-1"]
    assert page.context["level"].left_out == 1
    assert [line.product_number for line in page.context["left_out"]] == ["WHEEL-1"]
    stored = viewer.get(address("product-bom", bike.pk) + "?mode=as_stored")
    assert len(stored.context["level"].lines) == 2
    nothing = viewer.get(address("product-bom", bike.pk) + "?mode=released&as_of=2001-01-01&revision=Q")
    assert "No revision on this date" in nothing.content.decode()


def test_ten_thousand_lines_come_in_portions(viewer: Client, inside: Any, django_assert_max_num_queries: Any) -> None:
    with inside():
        child, parent = make_product("CHILD-1"), make_product("PARENT-1")
        make_line(parent, child)
        viewer.get(address("product-bom", parent.pk))
        revision = revision_of(parent)
    with django_assert_max_num_queries(22) as few:  # five are the scope's own on PostgreSQL
        viewer.get(address("product-bom", parent.pk))
    with inside():
        BomLine.objects.bulk_create(
            [
                BomLine(parent_revision=revision, child=child, quantity=1, find_number=number, version=1)
                for number in range(20, 10_019)
            ],
            batch_size=1000,
        )
    with django_assert_max_num_queries(len(few)):
        page = viewer.get(address("product-bom", parent.pk))
    level = page.context["level"]
    assert (len(level.lines), level.total, level.next_offset) == (PORTION, 10_000, PORTION)
    assert "Show more of 9800 lines" in page.content.decode().replace(",", "")
    with inside():
        last = level_load(revision, Resolution.of(), offset=9_900)
        assert (len(last.lines), last.next_offset, last.left) == (100, None, 0)
        assert level_load(revision, Resolution.of(), offset=99_999).lines == ()


# --- editing ---------------------------------------------------------------------------------------------------------
def line_data(line: BomLine, **changes: Any) -> dict[str, Any]:
    return {
        "child": line.child.product_number,
        "quantity": str(line.quantity),
        "find_number": line.find_number,
        "reference_designators": ", ".join(line.reference_designators),
        "notes": line.notes,
        "expected_version": line.version,
        **changes,
    }


def test_add_edit_and_remove_a_line(engineer: Client, bike: Product, inside: Any) -> None:
    with inside():
        revision = revision_of(bike)
        make_product("BELL-1")
    add = address("line-add", revision.pk)
    assert add in engineer.get(address("product-bom", bike.pk)).content.decode()
    made = engineer.post(add, {"child": "BELL-1", "quantity": "3", "reference_designators": "R1-R3"})
    assert made.status_code == 302 and "revision=A" in made.headers["Location"]
    with inside():
        line = BomLine.objects.select_related("child").get(child__product_number="BELL-1")
    assert (line.quantity, line.find_number, line.reference_designators) == (3, 30, ["R1", "R2", "R3"])
    another = engineer.post(add, {"child": "BELL-1", "quantity": "1", "another": "1"})
    assert another.headers["Location"] == add
    edited = engineer.post(
        address("line-edit", line.pk), line_data(line, quantity="2.5", notes="loud", reference_designators="")
    )
    assert edited.status_code == 302
    with inside():
        line = BomLine.objects.get(pk=line.pk)
        assert (line.quantity, line.notes) == (Decimal("2.5"), "loud")
    assert engineer.get(address("line-remove", line.pk)).status_code == 200
    removed = engineer.post(
        address("line-remove", line.pk), {"reason": "not needed", "expected_version": line.version}
    )
    assert removed.status_code == 302
    with inside():
        assert not BomLine.objects.filter(pk=line.pk).exists()
    assert engineer.get(address("line-edit", line.pk)).status_code == 404


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        ({"child": "NOWHERE-1", "quantity": "1"}, "child", "no product NOWHERE-1"),
        ({"child": "BOLT-1", "quantity": "0"}, "quantity", ""),
        ({"child": "BOLT-1", "quantity": "many"}, "quantity", ""),
        ({"child": "BIKE-1", "quantity": "1"}, "child", "cannot contain itself"),
        ({"child": "BOLT-1", "quantity": "1", "find_number": "10"}, "find_number", "used twice"),
        (
            {"child": "BOLT-1", "quantity": "1", "effective_from": "2026-02-01", "effective_to": "2026-01-01"},
            "effective_to",
            "after the beginning",
        ),
    ],
)
def test_a_bad_line_is_told_at_its_field(
    engineer: Client, bike: Product, inside: Any, data: dict[str, str], field: str, words: str
) -> None:
    with inside():
        revision = revision_of(bike)
        before = (BomLine.objects.count(), OutboxEvent.objects.count())
    page = engineer.post(address("line-add", revision.pk), data)
    assert page.status_code == 422
    assert words in " ".join(page.context["form"].errors[field])
    with inside():
        assert (BomLine.objects.count(), OutboxEvent.objects.count()) == before


def test_a_cycle_is_shown_with_its_path(engineer: Client, bike: Product, inside: Any) -> None:
    with inside():
        wheel = revision_of(Product.objects.get(product_number="WHEEL-1"))
    page = engineer.post(address("line-add", wheel.pk), {"child": "BIKE-1", "quantity": "1"})
    assert page.status_code == 422 and "WHEEL-1 → BIKE-1 → WHEEL-1" in page.content.decode()


def test_a_stale_edit_keeps_the_input_and_shows_the_colleagues(
    engineer: Client, manager: Client, bike: Product, inside: Any
) -> None:
    with inside():
        line = BomLine.objects.select_related("child").get(notes="torque 8 Nm")
    url = address("line-edit", line.pk)
    assert manager.post(url, line_data(line, quantity="7", notes="torque 9 Nm")).status_code == 302
    stale = engineer.post(url, line_data(line, quantity="5", find_number="25"))
    assert stale.status_code == 409
    text = stale.content.decode()
    assert "Somebody changed this since you opened it" in text and "plm_manager@acme.example" in text
    form = stale.context["form"]
    assert (form["quantity"].value(), form["notes"].value(), form["find_number"].value()) == ("5", "torque 9 Nm", "25")
    assert {entry.label: entry.clash for entry in stale.context["differences"]} == {"Quantity": True, "Notes": False}
    with inside():
        assert BomLine.objects.get(pk=line.pk).quantity == 7
    again = engineer.post(url, {name: form[name].value() or "" for name in form.fields})
    assert again.status_code == 302
    with inside():
        saved = BomLine.objects.get(pk=line.pk)
    assert (saved.quantity, saved.notes, saved.find_number) == (5, "torque 9 Nm", 25)


def test_a_stale_removal_removes_nothing(engineer: Client, bike: Product, inside: Any) -> None:
    with inside():
        line = BomLine.objects.get(notes="torque 8 Nm")
    page = engineer.post(address("line-remove", line.pk), {"expected_version": line.version + 1})
    assert page.status_code == 422
    with inside():
        assert BomLine.objects.filter(pk=line.pk).exists()


def test_a_released_revision_is_not_edited(engineer: Client, bike: Product, inside: Any) -> None:
    with inside():
        line = BomLine.objects.select_related("child").get(notes="torque 8 Nm")
        release(bike)
    page = engineer.get(address("line-edit", line.pk))
    assert "A released revision never changes" in page.content.decode() and "Save line" not in page.content.decode()
    assert engineer.post(address("line-edit", line.pk), line_data(line, quantity="9")).status_code == 422
    with inside():
        assert BomLine.objects.get(pk=line.pk).quantity == Decimal("1.5")


def test_a_viewer_edits_no_line(viewer: Client, bike: Product, inside: Any) -> None:
    with inside():
        line = BomLine.objects.select_related("child").get(notes="torque 8 Nm")
    for name, key in (("line-add", line.parent_revision_id), ("line-edit", line.pk), ("line-remove", line.pk)):
        assert viewer.get(address(name, key)).status_code == 403
        assert viewer.post(address(name, key), line_data(line, quantity="9")).status_code == 403
    with inside():
        assert BomLine.objects.get(pk=line.pk).quantity == Decimal("1.5")


def test_another_tenants_line_is_not_found(manager: Client, other_tenant: Any) -> None:
    with tenant_scope(other_tenant.pk):
        line = make_line(make_product("AAA-1"), make_product("BBB-1"))
    for name, key in (("line-add", line.parent_revision_id), ("line-edit", line.pk), ("line-remove", line.pk)):
        assert manager.get(address(name, key)).status_code == 404
        assert manager.post(address(name, key), {}).status_code == 404


# --- effectivity and use ---------------------------------------------------------------------------------------------
def test_use_is_typed_shown_and_changed(engineer: Client, bike: Product, inside: Any) -> None:
    with inside():
        line = BomLine.objects.select_related("child").get(child__product_number="WHEEL-1")
        revision = revision_of(bike)
    edit = address("line-edit", line.pk)
    assert '<details class="more line-use">' in engineer.get(edit).content.decode()
    use = {
        "serials": "BIKE-1: 1-50, 80-",
        "condition": "Colour:Red",
        "line_type": "phantom",
        "is_optional": "on",
        "attrition_percent": "2.5",
        "setup_quantity": "1",
        "rounding_multiple": "",
    }
    assert engineer.post(edit, line_data(line, **use)).status_code == 302
    with inside():
        line = BomLine.objects.select_related("child").get(pk=line.pk)
        assert (line.condition, line.line_type, line.is_optional) == ("colour:red", "phantom", True)
        assert (line.attrition_percent, line.setup_quantity, line.rounding_multiple) == (Decimal("2.5"), 1, 0)
    again = engineer.get(edit)
    assert '<details class="more line-use" open>' in again.content.decode()
    assert again.context["form"]["serials"].value() == "BIKE-1: 1–50, 80–"
    for view in ("tree", "indented"):
        text = engineer.get(address("product-bom", bike.pk) + f"?mode=as_stored&view={view}").content.decode()
        for mark in ("Phantom", "Optional", "colour:red", "units 1–50, from 80"):
            assert f">{mark}</span>" in text, (view, mark)
    wrong = engineer.post(edit, line_data(line, **use | {"serials": "BIKE-9: 1"}))
    assert wrong.context["form"].errors == {"serials": ["There is no product BIKE-9."]}
    history = engineer.get(address("product-history", bike.pk)).content.decode()
    assert "<del>–</del>" in history and "BIKE-1: 1–50, 80–" in history and "<ins>Phantom</ins>" in history
    units = {"description": "for two", "serials": "BIKE-1: 2", "expected_version": revision.version + 1}
    assert engineer.post(address("revision-edit", revision.pk), units).status_code == 302
    assert "BIKE-1: 2</span>" in engineer.get(address("product-revisions", bike.pk)).content.decode()
    assert engineer.post(address("revision-edit", revision.pk), units | {"serials": ""}).status_code == 409


def test_a_line_from_a_file_may_miscount_its_designators(engineer: Client, bike: Product, inside: Any) -> None:
    with inside():
        line = BomLine.objects.select_related("child").get(child__product_number="WHEEL-1")
        BomLine.objects.filter(pk=line.pk).update(reference_designators=["F", "M", "R"])
        line = BomLine.objects.select_related("child").get(pk=line.pk)
    assert "3 designators, quantity 2" in engineer.get(address("product-bom", bike.pk)).content.decode()
    edit = address("line-edit", line.pk)
    assert engineer.post(edit, line_data(line, notes="untouched otherwise")).status_code == 302
    wrong = engineer.post(edit, line_data(line, quantity="4", expected_version=line.version + 1))
    assert wrong.context["form"].errors.keys() == {"reference_designators"}
    with inside():
        assert BomLine.objects.get(pk=line.pk).quantity == 2
    right = line_data(line, quantity="3", expected_version=line.version + 1)
    assert engineer.post(edit, right).status_code == 302
