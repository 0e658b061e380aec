"""A real product's ten states, replayed as changes: each is drawn from the one before and reaches exactly the next.

The files are the bill of materials of the BeagleBone Black from 2017 to 2023 (shared/data/eco). States 8 and 9 were made in
parallel on 7 and merged as 10; what they add are makers' part numbers, no lines, so that the merge of lines is shown by
splitting each step into two changes that are drawn on the same revision.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from changes.models import EngineeringChange
from changes.services import change_create, change_implement, change_submit, line_redraw, redline_add
from plm_project.outbox.relay import relay_tenant
from plm_project.tenancy.models import Tenant
from products.importing import read_bom
from products.models import BomLine, Product
from products.services.bom_import import bom_import
from tests.changes.conftest import COMPLETE, People, parts_first
from tests.factories import release, revision_of, system_actor
from tests.signing import change_approve

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "eco" / "beaglebone_black_bom_history"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the shared example data are not here"),
]
Facts = tuple[str, Decimal, tuple[str, ...]]  # part, quantity, designators


def states() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((SHARED / "changes.json").read_text())
    return found


def content_of(file: str) -> bytes:
    """A state as text: some hold bytes that are none, which an import refuses (line and column); here they are marked."""
    content = (SHARED / file).read_bytes()
    if read_bom(content, file, parent_number="BBB").errors:
        content = content.decode(errors="replace").encode()
    return content


def facts_of(file: str) -> Counter[Facts]:
    """What the reader finds in a state, the same way as an import would."""
    parsed = read_bom(content_of(file), file, parent_number="BBB")
    return Counter((row.number, row.quantity, tuple(row.references)) for row in parsed.rows)


def stored(product: Product) -> Counter[Facts]:
    rows = revision_of(product).lines.select_related("child")
    return Counter((line.child.product_number, line.quantity, tuple(line.reference_designators)) for line in rows)


def imported(state: dict[str, Any]) -> Product:
    """The first state, released with all its parts."""
    content = content_of(state["file"])
    bom_import(actor=system_actor(), content=content, filename=state["file"], parent_number="BBB")
    for part in Product.objects.exclude(product_number="BBB"):
        release(part)
    board = Product.objects.get(product_number="BBB")
    release(board)
    return board


def part_of(number: str, file: str) -> Product:
    """The part, made from the state's file where it is new."""
    known = Product.objects.filter(product_number=number).first()
    if known is None:
        content = content_of(file)
        bom_import(actor=system_actor(), content=content, filename=file, parent_number=f"SOURCE-{file[:2]}")
        known = Product.objects.get(product_number=number)
    return known


def edits(lines: list[BomLine], wanted: Counter[Facts]) -> Iterator[tuple[BomLine | None, Facts | None]]:
    """Pair the lines with what they become: first the same part, then the same designators, then gone or new."""
    left, new = [], list(wanted.elements())
    for line in lines:
        facts = (line.child.product_number, line.quantity, tuple(line.reference_designators))
        if facts in new:
            new.remove(facts)
        else:
            left.append(line)
    for same in (lambda line, facts: line.child.product_number == facts[0],
                 lambda line, facts: bool(set(line.reference_designators) & set(facts[2]))):  # fmt: skip
        for line in list(left):
            found = next((facts for facts in new if same(line, facts)), None)
            if found is not None:
                yield line, found
                left.remove(line)
                new.remove(found)
    yield from ((line, None) for line in left)
    yield from ((None, facts) for facts in new)


def draw(people: People, board: Product, state: dict[str, Any], chosen: list[Any]) -> EngineeringChange | None:
    if not chosen:
        return None
    change = change_create(
        actor=people.author, data={**COMPLETE, "change_title": state["reason"][:200]}, affected=[board.pk]
    )
    common: dict[str, Any] = {"actor": people.author, "change_id": change.pk}
    for line, facts in chosen:
        if facts is None:
            redline_add(**common, operation="remove", line_id=line.pk)
            continue
        part = part_of(facts[0], state["file"])
        values = {"child_id": part.pk, "quantity": facts[1], "reference_designators": list(facts[2])}
        if line is None:
            redline_add(**common, operation="add", affected_id=change.affected.get().pk, values=values)
        else:
            line_redraw(**common, line_id=line.pk, values={**values, "unit_of_measure": part.unit_of_measure})
    return EngineeringChange.objects.get(pk=change.pk)


def carry(people: People, tenant: Tenant, change: EngineeringChange) -> None:
    change_submit(actor=people.author, change_id=change.pk)
    change_approve(actor=people.technical, change_id=change.pk)
    change_implement(actor=people.analyst, change_id=change.pk)
    relay_tenant(tenant.pk)


def reachable(board: Product, state: dict[str, Any]) -> tuple[Counter[Facts], list[Facts]]:
    """The next state, and in it what no redline may say: a new count of pieces that differs from the designators'. The
    real history corrects it a step later; here it is drawn as corrected.
    """
    here, wanted, mistakes = stored(board), Counter[Facts](), []
    for facts in facts_of(state["file"]).elements():
        number, quantity, marks = facts
        if marks and quantity != len(marks) and facts not in here:
            mistakes.append(facts)
            quantity = Decimal(len(marks))
        wanted[number, quantity, marks] += 1
    return wanted, mistakes


def difference(board: Product, goal: Counter[Facts]) -> list[Any]:
    lines = list(revision_of(board).lines.select_related("child").order_by("find_number"))
    return list(edits(lines, goal))


@pytest.mark.slow
@pytest.mark.parametrize("parallel", [False, True])
def test_every_state_is_reached(people: People, tenant: Tenant, parallel: bool) -> None:
    """In one change a step; and as two on the same revision, of which the second follows the first."""
    parts_first(people, False)  # the files tell of one board, not of when its parts were released
    first, *others = states()
    board = imported(first)
    assert stored(board) == facts_of(first["file"])
    stepped: list[int] = []
    mistaken: list[Any] = []
    for state in others:
        goal, mistakes = reachable(board, state)
        wanted = difference(board, goal)
        halves = [wanted[::2], wanted[1::2]] if parallel else [wanted]
        drawn = [change for half in halves if (change := draw(people, board, state, half)) is not None]
        for change in drawn:
            carry(people, tenant, change)
        assert stored(board) == goal, state["file"]
        assert goal == facts_of(state["file"]) or mistakes
        mistaken += [(state["step"], number, quantity, len(marks)) for number, quantity, marks in mistakes]
        stepped += [state["step"]] * bool(drawn)
    assert stepped == [2, 3, 4, 5, 7]  # the others change words and makers' part numbers alone
    assert mistaken == [(4, "RMCF0402FT4K75", 11, 6)]


def test_the_two_parallel_states_have_the_same_lines() -> None:
    seven, eight, nine, ten = (facts_of(state["file"]) for state in states()[6:10])
    assert seven == eight == nine == ten
