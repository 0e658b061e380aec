"""The writing questions: an import of 10,000 lines and an engineering change of 1,500, each undone afterwards.

PostgreSQL alone gets the same rows by COPY into a temporary table and sets from there. It writes no history, no events
and checks nothing but its own constraints; the service does all of that.
"""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction

from bench.direct import LINE, PRODUCT, REVISION
from bench.load import Loaded
from bench.measure import Row, medians_ms
from bench.shape import TODAY
from changes.choices import ChangeStatus, Decision, Meaning, RedlineOperation
from changes.content import content_hash
from changes.models import Approval, EngineeringChange, Redline
from changes.services import change_create, change_implement
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.ids import uuid7
from products.choices import RevisionState
from products.models import BomLine, Product, ProductRevision
from products.services import LineInput, product_create, revision_release
from products.services.catalog_import import catalog_import

IMPORTED, PARENTS, CHANGED = 10_000, 100, 1_500
LINE_COLUMNS = (
    "id, tenant_id, parent_revision_id, child_id, quantity, unit_of_measure, find_number, reference_designators, "
    "notes, custom_attributes, condition, line_type, is_optional, attrition_percent, setup_quantity, rounding_multiple, "
    "is_deleted, version, created_at, updated_at"
)
STANDARD = "'', 'standard', FALSE, 0, 0, 0"  # how a line is used, from condition to rounding_multiple


def writing_rows(size: str, loaded: Loaded, runs: int) -> Iterator[Row]:
    """Ask both."""
    actor = Actor.system(loaded.tenant_id, "bench")
    yield _import(size, loaded, actor, runs)
    yield _change(size, loaded, actor, runs)


def _undone(write: Callable[[], Any]) -> Callable[[], None]:
    """Return ``write`` as a question: with every deferred check, and undone."""

    def question() -> None:
        with transaction.atomic():
            write()
            connection.check_constraints()
            transaction.set_rollback(True)

    return question


# --- import --------------------------------------------------------------------------------------------------------
def _import(size: str, loaded: Loaded, actor: Actor, runs: int) -> Row:
    parts, first = loaded.catalogue.parts, loaded.catalogue.first_bought
    rows = [
        (
            f"BENCH-{at % PARENTS:03d}",
            parts[first + at % (len(parts) - first)].number,
            at // PARENTS * 10 + 10,
            at % 7 + 1,
        )
        for at in range(IMPORTED)
    ]
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerows([("parent", "child", "find_no", "quantity"), *rows])
    content = file.getvalue().encode()
    with transaction.atomic():
        for at in range(PARENTS):
            product_create(
                actor=actor, data={"product_number": f"BENCH-{at:03d}", "product_name": f"Bench assembly {at}"}
            )
        ours, theirs = medians_ms(
            [
                _undone(lambda: _must(catalog_import(actor=actor, lines=(content, "bench.csv")).lines_created)),
                _undone(lambda: _copy_lines(loaded.tenant_id, rows)),
            ],
            runs=runs,
        )
        transaction.set_rollback(True)
    return Row(size, f"import of {IMPORTED:,} lines with validation", ours, theirs, goal_ratio=4)


def _must(created: int) -> None:
    if created != IMPORTED:
        raise RuntimeError(f"The import made {created} lines, not {IMPORTED}")


def _copy_lines(tenant_id: uuid.UUID, rows: list[tuple[str, str, int, int]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE bench_rows (id uuid, parent text, child text, find int, quantity numeric) ON COMMIT DROP"
        )
        with cursor.copy("COPY bench_rows FROM STDIN") as copy:
            for row in rows:
                copy.write_row((uuid7(), *row))
        cursor.execute("ANALYZE bench_rows")
        cursor.execute(
            f"INSERT INTO {LINE} ({LINE_COLUMNS}) SELECT b.id, %(tenant)s, r.id, c.id, b.quantity, c.unit_of_measure, "
            f"b.find, '[]', '', '{{}}', {STANDARD}, FALSE, 1, now(), now() FROM bench_rows b "
            f"JOIN {PRODUCT} p ON p.product_number = b.parent AND p.tenant_id = %(tenant)s "
            f"JOIN {REVISION} r ON r.product_id = p.id AND r.state = 'in_work' AND NOT r.is_deleted "
            f"JOIN {PRODUCT} c ON c.product_number = b.child AND c.tenant_id = %(tenant)s",
            {"tenant": tenant_id},
        )
        cursor.execute("DROP TABLE bench_rows")


# --- change --------------------------------------------------------------------------------------------------------
def _change(size: str, loaded: Loaded, actor: Actor, runs: int) -> Row:
    bought = [loaded.products[at] for at in range(loaded.catalogue.first_bought, len(loaded.catalogue.parts))]
    released = ProductRevision.objects.filter(product_id__in=bought, state=RevisionState.RELEASED).order_by(
        "product_id"
    )
    parts = list(released.values_list("product_id", flat=True)[:1_000])  # others could not be released with the change
    with transaction.atomic():
        product = product_create(
            actor=actor,
            data={"product_number": "BENCH-CHANGED", "product_name": "Bench assembly"},
            structure=[LineInput(child_id=parts[at % len(parts)], quantity=Decimal(1)) for at in range(CHANGED)],
        )
        base = product.revisions.get()
        revision_release(actor=actor, revision_id=base.pk, reason="bench", effective_from=TODAY)
        change = change_create(
            actor=actor, data={"change_title": "Bench change", "reason_for_change": "Bench"}, affected=[product.pk]
        )
        affected = change.affected.get()
        Redline.objects.bulk_create(
            [
                Redline(
                    change=change, affected=affected, position=at, line=line, operation=RedlineOperation.QUANTITY,
                    quantity=line.quantity + 1, version=1,
                )
                for at, line in enumerate(BomLine.objects.filter(parent_revision=base), 1)
            ]
        )  # fmt: skip
        _approve(change)
        connection.check_constraints()
        ours, theirs = medians_ms(
            [
                _undone(lambda: change_implement(actor=actor, change_id=change.pk, comment="bench")),
                _undone(lambda: _copy_change(product, base.pk)),
            ],
            runs=runs,
        )
        transaction.set_rollback(True)
    return Row(size, f"apply an engineering change of {CHANGED:,} lines", ours, theirs, goal_ratio=5)


def _approve(change: EngineeringChange) -> None:
    """Give the change one vote, signed for its content as it is: the service checks it before it implements."""
    approver = get_user_model().objects.create_user("bench@example.com")
    Approval.objects.create(
        change=change, round=change.round, approver=approver, decided_by=approver, rules=["technical"], version=1,
        decision=Decision.APPROVED, decided_at=clock.now(), meaning=Meaning.APPROVAL, content_hash=content_hash(change),
    )  # fmt: skip
    EngineeringChange.objects.filter(pk=change.pk).update(status=ChangeStatus.APPROVED)


def _copy_change(product: Product, base_id: uuid.UUID) -> None:
    """Three set statements: the next revision, its lines, the old one's end."""
    lines = list(BomLine.objects.filter(parent_revision_id=base_id).values_list("pk", "quantity"))
    successor = uuid7()
    facts: dict[str, Any] = {"base": base_id, "next": successor, "tenant": product.tenant_id, "day": clock.today()}
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_edits (id uuid, line uuid, quantity numeric) ON COMMIT DROP")
        with cursor.copy("COPY bench_edits FROM STDIN") as copy:
            for key, quantity in lines:
                copy.write_row((uuid7(), key, quantity + 1))
        cursor.execute(
            f"INSERT INTO {REVISION} (id, tenant_id, product_id, sequence, label, state, description, is_deleted, version, "
            f"created_at, updated_at) SELECT %(next)s, tenant_id, product_id, sequence + 1, 'B', 'in_work', '', FALSE, 1, "
            f"now(), now() FROM {REVISION} WHERE id = %(base)s",
            facts,
        )
        cursor.execute(
            f"INSERT INTO {LINE} ({LINE_COLUMNS}) SELECT e.id, l.tenant_id, %(next)s, l.child_id, e.quantity, "
            f"l.unit_of_measure, l.find_number, l.reference_designators, l.notes, l.custom_attributes, {STANDARD}, FALSE, 1, "
            f"now(), now() FROM bench_edits e JOIN {LINE} l ON l.id = e.line",
            facts,
        )
        cursor.execute(
            f"UPDATE {REVISION} SET state = 'superseded', effective_to = %(day)s WHERE id = %(base)s", facts
        )
        cursor.execute("DROP TABLE bench_edits")
