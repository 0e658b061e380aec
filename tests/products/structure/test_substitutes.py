"""Substitutes on a line: their own quantity and designators, frozen, copied, compared and kept in baselines."""

from __future__ import annotations

import csv
import io
import json
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from plm_project.core.exceptions import Conflict, PlmError, PreconditionFailed, ValidationFailed
from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.exceptions import CycleRefused, RevisionFrozen, StructureCycle
from products.models import BaselineLine, BomLine, LineSubstitute, Product
from products.selectors.baseline_check import baseline_verify
from products.selectors.baseline_structure import structure_of_baseline
from products.selectors.compare import Sides, compare_revisions, compare_sides
from products.selectors.graph import ROOT, structure_load, structure_of_products
from products.selectors.resolution import Resolution
from products.selectors.substitutes import substitute_uses, substitutes_of_lines
from products.services import LineInput, line_add, line_update, product_delete, product_update, revision_create
from products.services.replacing import lines_replace
from products.services.substitutes import substitute_add, substitute_remove, substitute_update
from tests.factories import make_baseline, make_line, make_product, make_substitute, release, revision_of, system_actor

pytestmark = pytest.mark.usefixtures("scope")


@pytest.fixture
def line() -> BomLine:
    """Two capacitors on a board, C1 and C2."""
    return make_line(make_product("BOARD"), make_product("CAP"), 2, reference_designators=("C1", "C2"))


def texts(line: BomLine) -> list[str]:
    return [str(entry) for entry in substitutes_of_lines([line.pk]).get(line.pk, ())]


def copy_of(line: BomLine) -> BomLine:
    """The line of the latest revision with the same find number."""
    parent = line.parent_revision.product
    return BomLine.objects.get(parent_revision=revision_of(parent), find_number=line.find_number)


# --- its own rules --------------------------------------------------------------------------------------------------
def test_it_takes_the_lines_quantity_or_has_its_own(line: BomLine) -> None:
    plain = make_substitute(line, make_product("CAP-B"), rank=2)
    assert (plain.quantity, plain.unit_of_measure, plain.reference_designators) == (2, "each", [])
    make_substitute(line, make_product("CAP-C"), quantity=Decimal(1), reference_designators=["C9"], note="taller")
    assert texts(line) == ["1: CAP-C, 1 each · C9 · taller", "2: CAP-B, 2 each"]
    event = OutboxEvent.objects.filter(event_type__endswith="bom_changed").order_by("-id").first()
    assert event is not None
    [change] = event.event_data["changed"]
    assert [len(change[side]["substitutes"]) for side in ("before", "after")] == [1, 2]
    assert plain.history.count() == 1


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"quantity": Decimal(0)}, "quantity"),
        ({"quantity": Decimal("NaN")}, "quantity"),
        ({"quantity": Decimal(3), "reference_designators": ["C1", "C2"]}, "reference_designators"),
        ({"quantity": Decimal(2), "reference_designators": ["C1", "C1"]}, "reference_designators"),
        ({"quantity": Decimal(2), "unit_of_measure": "kg"}, "unit_of_measure"),
        ({"rank": 0}, "rank"),
        ({"child_id": None}, "child_id"),
    ],
)
def test_what_breaks_a_rule_names_its_field(line: BomLine, data: dict[str, Any], field: str) -> None:
    other = make_product("CAP-B")
    with pytest.raises(ValidationFailed) as refused:
        make_substitute(line, other, **data)
    assert field in refused.value.details and not LineSubstitute.objects.exists()


def test_units_are_those_of_the_substitute_and_convert() -> None:
    line = make_line(make_product("FRAME"), make_product("TUBE", unit_of_measure="m"), "0.5")
    rod = make_product("ROD", unit_of_measure="mm")
    row = make_substitute(line, rod)
    assert (row.quantity, row.unit_of_measure) == (500, "mm")
    row = substitute_update(
        actor=system_actor(), row_id=row.pk, changes={"quantity": Decimal("0.25"), "unit_of_measure": "m"}
    )
    assert (row.quantity, row.unit_of_measure) == (250, "mm")
    with pytest.raises(ValidationFailed) as refused:  # a piece is no length: its quantity has to be given
        make_substitute(line, make_product("BAR"))
    assert "unit_of_measure" in refused.value.details
    assert make_substitute(line, Product.objects.get(product_number="BAR"), quantity=Decimal(1)).quantity == 1


def test_a_product_stands_once_on_a_line_and_is_another_than_its_part_and_parent(line: BomLine) -> None:
    other = make_product("CAP-B")
    row = make_substitute(line, other)
    parent = line.parent_revision.product
    for product_id, refusal in (
        (other.pk, Conflict),
        (line.child_id, ValidationFailed),
        (parent.pk, CycleRefused),
        (uuid.uuid4(), ValidationFailed),
    ):
        with pytest.raises(refusal) as refused:
            substitute_add(actor=system_actor(), line_id=line.pk, product_id=product_id)
        assert list(refused.value.details) == ["product_id"]
    substitute_remove(actor=system_actor(), row_id=row.pk)
    assert texts(line) == []
    again = make_substitute(line, other)
    assert again.pk != row.pk and row.history.count() == 2


def test_the_version_seen_counts(line: BomLine) -> None:
    row = make_substitute(line, make_product("CAP-B"))
    changes = {"rank": 3}
    substitute_update(actor=system_actor(), row_id=row.pk, changes=changes, expected_version=row.version)
    with pytest.raises(PreconditionFailed):
        substitute_remove(actor=system_actor(), row_id=row.pk, expected_version=row.version)


# --- cycles ---------------------------------------------------------------------------------------------------------
def test_a_substitute_that_contains_the_parent_is_refused(line: BomLine) -> None:
    device = make_product("DEVICE")
    make_line(device, line.parent_revision.product)
    with pytest.raises(CycleRefused) as refused:
        make_substitute(line, device)
    assert refused.value.path == ["BOARD", "DEVICE", "BOARD"]


def test_a_line_below_a_substitute_must_not_lead_back(line: BomLine) -> None:
    board, module = line.parent_revision.product, make_product("MODULE")
    make_substitute(line, module)
    with pytest.raises(CycleRefused) as refused:
        make_line(module, board)
    assert refused.value.path == ["MODULE", "BOARD", "MODULE"]
    # nor by way of a substitute of a line below it
    inner = make_line(module, make_product("SCREW"))
    with pytest.raises(CycleRefused):
        make_substitute(inner, board)
    # nor by replacing
    with pytest.raises(PlmError):
        lines_replace(actor=system_actor(), product_id=inner.child_id, by_id=board.pk)


def test_a_cycle_that_got_in_by_other_means_is_reported_where_substitutes_are_read(line: BomLine) -> None:
    board, module = line.parent_revision.product, make_product("MODULE")
    inner = make_line(module, make_product("SCREW"))
    make_substitute(line, module)
    sneaked = LineSubstitute(tenant_id=line.tenant_id, line=inner, product=board, quantity=1)
    sneaked.save_as(system_actor(), reason="past the services")
    structure = structure_load(board, Resolution.whatever_may_be_built())
    with pytest.raises(StructureCycle) as found:
        structure.parents_first()
    assert set(found.value.path) == {"BOARD", "MODULE"}
    assert structure_load(board, Resolution.of()).parents_first()  # what is built by rule has none


# --- released, copied, replaced --------------------------------------------------------------------------------------
def test_a_released_one_is_kept_by_service_model_and_database(line: BomLine) -> None:
    row = make_substitute(line, make_product("CAP-B"))
    other = make_product("CAP-C")
    release(line.parent_revision.product)
    actor = system_actor()
    for work in (
        lambda: make_substitute(line, other),
        lambda: substitute_update(actor=actor, row_id=row.pk, changes={"rank": 2}),
        lambda: substitute_remove(actor=actor, row_id=row.pk),
    ):
        with pytest.raises(RevisionFrozen):
            work()
    row.rank = 5
    sneaky = LineSubstitute(tenant_id=line.tenant_id, line=line, product=other, quantity=1)
    for write in (
        lambda: row.save_as(actor, reason="sneaky"),
        lambda: row.soft_delete_as(actor, reason="sneaky"),
        lambda: LineSubstitute.objects.filter(pk=row.pk).update(note="sneaky"),
        lambda: LineSubstitute.all_objects.filter(pk=row.pk)._raw_delete("default"),
        lambda: sneaky.save_as(actor, reason="sneaky"),
    ):
        with pytest.raises(IntegrityError, match="released revision never changes"), transaction.atomic():
            write()
    assert texts(line) == ["1: CAP-B, 2 each"]


def test_the_next_revision_takes_them_along(line: BomLine) -> None:
    make_substitute(line, make_product("CAP-B"), rank=2, note="taller", reference_designators=["C1", "C2"])
    product = line.parent_revision.product
    release(product)
    revision_create(actor=system_actor(), product_id=product.pk)
    copied = copy_of(line)
    assert copied.pk != line.pk and texts(copied) == texts(line) == ["2: CAP-B, 2 each · C1, C2 · taller"]
    entry = LineSubstitute.history.filter(line_id=copied.pk).get()
    assert entry.history_change_reason == "copied from revision A"


def test_what_becomes_the_part_is_no_substitute_any_more(line: BomLine) -> None:
    other, third = make_product("CAP-B"), make_product("CAP-C")
    make_substitute(line, other)
    make_substitute(line, third, rank=2)
    line_update(actor=system_actor(), line_id=line.pk, changes={"child_id": other.pk})
    assert texts(line) == ["2: CAP-C, 2 each"]
    lines_replace(actor=system_actor(), product_id=other.pk, by_id=third.pk)
    assert texts(line) == []


def test_the_product_cannot_go_or_change_its_unit_meanwhile(line: BomLine) -> None:
    other = make_product("CAP-B")
    make_substitute(line, other)
    with pytest.raises(Conflict, match="BOARD"):
        product_delete(actor=system_actor(), product_id=other.pk)
    with pytest.raises(Conflict, match="unit"):
        product_update(actor=system_actor(), product_id=other.pk, changes={"unit_of_measure": "m"})
    assert other.is_used()


# --- questions -------------------------------------------------------------------------------------------------------
def test_comparing_revisions_shows_what_changed(line: BomLine) -> None:
    kept, gone = make_product("CAP-B"), make_product("CAP-C")
    make_substitute(line, kept)
    make_substitute(line, gone, rank=2)
    product = line.parent_revision.product
    first = release(product)
    second = revision_create(actor=system_actor(), product_id=product.pk)
    assert compare_revisions(first, second).is_equal
    copied = copy_of(line)
    rows = {row.product_id: row for row in copied.substitutes.all()}
    substitute_update(actor=system_actor(), row_id=rows[kept.pk].pk, changes={"quantity": Decimal(1)})
    substitute_remove(actor=system_actor(), row_id=rows[gone.pk].pk)
    make_substitute(copied, make_product("CAP-D"), rank=3)
    [change] = compare_revisions(first, second).changed
    assert (change.field, change.find_number, change.product_number) == ("substitutes", 10, "CAP")
    assert [str(entry) for entry in change.before] == ["1: CAP-B, 2 each", "2: CAP-C, 2 each"]
    assert [str(entry) for entry in change.after] == ["1: CAP-B, 1 each", "3: CAP-D, 2 each"]
    [answer] = compare_revisions(first, second).as_answer()["changed"]
    assert [(entry["product_number"], entry["quantity"]) for entry in answer["to"]] == [("CAP-B", "1"), ("CAP-D", "2")]


def test_a_baseline_keeps_and_seals_them(line: BomLine) -> None:
    product = line.parent_revision.product
    before = make_baseline(product, "bare")
    plain = BaselineLine.objects.get(baseline=before)
    row = make_substitute(line, make_product("CAP-B"), note="taller")
    after = make_baseline(product, "with one")
    kept = BaselineLine.objects.get(baseline=after)
    assert (plain.substitutes, '"CAP-B"' in kept.substitutes) == ("", True)
    assert plain.digest != kept.digest and baseline_verify(before).is_intact and baseline_verify(after).is_intact
    sides = Sides(structure_of_baseline(before), ROOT, structure_of_baseline(after), ROOT)
    assert [change.field for change in compare_sides(sides).changed] == ["substitutes"]
    live = structure_load(product, Resolution.of())
    assert compare_sides(Sides(structure_of_baseline(after), ROOT, live, ROOT)).is_equal
    substitute_remove(actor=system_actor(), row_id=row.pk)
    live = structure_load(product, Resolution.of())
    assert compare_sides(Sides(structure_of_baseline(after), ROOT, live, ROOT)).changed
    assert structure_of_baseline(after).substitutes(0)[0].note == "taller"


def test_what_may_be_built_includes_them_with_all_below(line: BomLine) -> None:
    module, chip = make_product("MODULE"), make_product("CHIP")
    make_line(module, chip, 3)
    make_substitute(line, module, quantity=Decimal(1))
    board = line.parent_revision.product
    found = structure_load(board, Resolution.whatever_may_be_built())
    assert sorted(found.products.number) == ["BOARD", "CAP", "CHIP", "MODULE"]
    amounts = {found.number(found.child[at]): found.quantities[at] for at in range(len(found.child))}
    assert amounts == {"CAP": 2, "MODULE": 1, "CHIP": 3}
    assert sorted(structure_of_products([board.pk], Resolution.whatever_may_be_built()).products.number) == [
        "BOARD", "CAP", "CHIP", "MODULE",
    ]  # fmt: skip
    assert sorted(structure_load(board, Resolution.of()).products.number) == ["BOARD", "CAP"]


def test_where_it_is_a_substitute_is_told(line: BomLine) -> None:
    other = make_product("CAP-B")
    make_substitute(line, other)
    [use] = substitute_uses(other)
    assert (use.line.parent_revision.product.product_number, use.line.child.product_number) == ("BOARD", "CAP")
    extra = LineInput(child_id=other.pk, quantity=Decimal(1))
    line_add(actor=system_actor(), revision_id=line.parent_revision_id, line=extra)
    assert [row.pk for row in substitute_uses(other)] == [use.pk]


# --- files -----------------------------------------------------------------------------------------------------------
def told(tenant: Tenant, name: str, *arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command(name, *arguments, f"--tenant={tenant.slug}", "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


@pytest.mark.parametrize("kind", ["csv", "xlsx", "cyclonedx"])
def test_export_and_import_bring_them_back(
    tenant: Tenant, other_tenant: Tenant, tmp_path: Path, line: BomLine, kind: str
) -> None:
    other = make_product("CAP-B", product_name="Taller one", product_type="raw_material")
    make_substitute(line, other, rank=2, reference_designators=["C1", "C2"], note='he said "yes", twice')
    make_substitute(line, make_product("PASTE", unit_of_measure="g"), quantity=Decimal("0.25"))
    before, file = texts(line), tmp_path / f"bom.{kind}"
    told(tenant, "bom_export", "BOARD", f"--format={kind}", "--mode=latest", f"--output={file}")
    again = told(tenant, "bom_import", str(file), "--parent=BOARD")
    assert (again["errors"], LineSubstitute.history.count()) == ([], 2)  # nothing to change
    answer = told(other_tenant, "bom_import", str(file), "--parent=BOARD")
    assert answer["errors"] == []
    with tenant_scope(other_tenant.pk):
        assert texts(BomLine.objects.get(child__product_number="CAP")) == before
        made = Product.objects.get(product_number="CAP-B")
        assert (made.product_name, made.product_type) == ("Taller one", "raw_material")
        assert LineSubstitute.history.count() == 2


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("CAP-B", "Substitutes are a list"),
        ('[{"part_number": "", "quantity": "2"}]', "no part number"),
        ('[{"part_number": "CAP-B", "quantity": "two"}]', "the quantity is a number"),
        ('[{"part_number": "CAP-B", "quantity": "2", "rank": 0}]', "rank"),
        ('[{"part_number": "NOBODY", "quantity": "2"}]', "not a known product"),
        ('[{"part_number": "CAP-B", "quantity": "2", "unit": "kg"}]', "counted in each"),
        ('[{"part_number": "CAP-B", "quantity": "3", "reference": "C1, C2"}]', "2 designators, quantity 3"),
        ('[{"part_number": "BOARD", "quantity": "2"}]', "no substitute here"),
        ('[{"part_number": "DEVICE", "quantity": "2"}]', "contains"),
        ('[{"part_number": "CAP-B", "quantity": "1"}, {"part_number": "CAP-B", "quantity": "2"}]', "named twice"),
    ],
)
def test_what_a_file_says_wrongly_is_named(
    tenant: Tenant, tmp_path: Path, line: BomLine, cell: str, said: str
) -> None:
    make_product("CAP-B")
    make_line(make_product("DEVICE"), line.parent_revision.product)
    file = tmp_path / "bom.csv"
    with file.open("w", newline="") as written:
        rows = csv.writer(written)
        rows.writerow(["part_number", "quantity", "find_number", "line_substitutes"])
        rows.writerow(["CAP", "2", "10", cell])
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("bom_import", str(file), "--parent=BOARD", f"--tenant={tenant.slug}", "--json", stdout=out)
    [error] = json.loads(out.getvalue())["errors"]
    assert said in error["message"]
    assert not LineSubstitute.objects.exists()
