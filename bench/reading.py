"""The reading questions: explosion, totals, roll-ups, where-used, cycle check, comparison, the dense graph."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.urls import reverse

from bench import direct
from bench.load import Loaded
from bench.measure import Question, Row, median_ms, medians_ms, p95_ms
from bench.shape import TODAY
from plm_project.accounts.services import membership_grant, token_issue
from plm_project.core.actor import Actor
from products.models import BomLine, Product, ProductRevision
from products.selectors.compare import compare_revisions
from products.selectors.cycles import cycle_path
from products.selectors.explosion import Explosion, explosion_flat
from products.selectors.explosion_page import explosion_first
from products.selectors.graph import structure_load
from products.selectors.resolution import Resolution
from products.selectors.rollup import product_rollup
from products.selectors.rollup_all import price_changes, rollup_everything
from products.selectors.where_used import where_used
from products.services import LineInput, product_create, revision_create

DAY = Resolution.of("effective", TODAY)
CYCLE_CHECKS = 200
DENSE = 26


def reading_rows(size: str, loaded: Loaded, runs: int) -> Iterator[Row]:
    """Ask every reading question of a loaded catalogue."""
    tenant = loaded.tenant_id
    root = _largest(loaded)
    facts: dict[str, Any] = {"tenant": tenant, "day": TODAY, "product": root.pk}
    structure = structure_load(root, DAY)
    rows = len(Explosion(structure))

    def against(operation: str, service: Question, sql: str, goal: float, note: str = "", **more: Any) -> Row:
        ours, theirs = medians_ms([service, lambda: direct.ask(sql, **{**facts, **more})], runs=runs)
        return Row(size, operation, ours, theirs, goal_ratio=goal, note=note)

    note = f"{rows:,} rows of {len(structure):,} products and {len(structure.child):,} lines"
    yield against(
        "indented explosion, whole tree in order",
        lambda: sum(1 for _line in Explosion(structure_load(root, DAY))), direct.EXPLOSION, 0.6, note,
    )  # fmt: skip
    first, first_sql = medians_ms(
        [lambda: explosion_first(root, DAY, rows=100), lambda: direct.ask(direct.FIRST_ROWS, **facts)], runs=runs
    )
    yield Row(size, "first 100 rows", first, first_sql, goal_ms=50)
    yield from _requests(size, root, loaded, runs)
    yield against(
        "flattened quantities", lambda: explosion_flat(structure_load(root, DAY, sums_only=True)), direct.FLAT, 1.0
    )
    yield against(
        "cost and mass roll-up of one product",
        lambda: product_rollup(structure_load(root, DAY, sums_only=True)), direct.ROLLUP, 1.5,
    )  # fmt: skip
    part = Product.objects.get(pk=loaded.products[loaded.catalogue.first_bought])
    used = where_used(part, DAY)
    yield against(
        "where-used to the roots", lambda: where_used(part, DAY), direct.WHERE_USED, 3,
        f"{used.ancestors:,} ancestors", product=part.pk,
    )  # fmt: skip
    yield Row(
        size, "cost and mass roll-up of all products", median_ms(lambda: rollup_everything(DAY), runs=1), None,
        goal_ms=10_000,
    )  # fmt: skip
    changed = median_ms(lambda: price_changes(part, DAY, part.current_cost + 1), runs=runs)
    yield Row(size, "one price changed: its ancestors alone", changed, None, goal_ms=1_000)
    yield _cycles(size, loaded)
    yield _comparison(size, root, loaded, runs)
    yield _dense(size, loaded, runs)


def _requests(size: str, root: Product, loaded: Loaded, runs: int) -> Iterator[Row]:
    """Ask the same by whole requests: with the token checked, permissions asked and the answer written."""
    actor = Actor.system(loaded.tenant_id, "bench")
    with transaction.atomic():
        user = get_user_model().objects.create_user("reader@bench.example")
        membership_grant(actor=actor, user=user, roles=["plm_manager"])
        token = token_issue(actor=actor, user=user, name="bench")[1]
        api, browser = Client(headers={"Authorization": f"Bearer {token}"}), Client()
        browser.force_login(user)
        start = f"/api/v1/plm/products/{root.pk}/explosion-start/?rows=100&as_of={TODAY}"
        page = reverse("products:product-bom", args=[root.pk]) + f"?as_of={TODAY}"
        for name, client, address in (("a request to the API", api, start), ("a request to the page", browser, page)):
            taken = median_ms(partial(_answered, client, address), runs=runs)
            yield Row(size, f"first 100 rows, {name}", taken, None, goal_ms=50)
        transaction.set_rollback(True)


def _answered(client: Client, address: str) -> None:
    response = client.get(address)
    if response.status_code != 200:
        raise RuntimeError(f"The bench was answered {response.status_code}: {response.content[:200]!r}")


def _largest(loaded: Loaded) -> Product:
    """Return the root with the most rows below it, counted without the database."""
    children: dict[int, list[int]] = {}
    for use in loaded.catalogue.uses:
        children.setdefault(use.parent, []).append(use.child)
    rows: dict[int, int] = {}
    for level in reversed(loaded.catalogue.levels):
        for at in level:
            rows[at] = sum(1 + rows.get(child, 0) for child in children.get(at, ()))
    largest = max(loaded.catalogue.levels[0], key=lambda at: rows[at])
    return Product.objects.get(pk=loaded.products[largest])


def _cycles(size: str, loaded: Loaded) -> Row:
    draw = random.Random(size)  # noqa: S311 - which lines to try, no secret
    assemblies = loaded.catalogue.first_bought
    pairs = [
        (loaded.products[draw.randrange(assemblies)], loaded.products[draw.randrange(assemblies)])
        for _ in range(CYCLE_CHECKS)
    ]
    service = p95_ms([lambda pair=pair: cycle_path(*pair) for pair in pairs])  # type: ignore[misc]
    sql = p95_ms([
        lambda pair=pair: direct.ask(direct.CYCLE, loaded.tenant_id, TODAY, product=pair[0], child=pair[1])  # type: ignore[misc]
        for pair in pairs
    ])  # fmt: skip
    return Row(size, "cycle check on adding a line, p95", service, sql, goal_ms=5, note=f"{CYCLE_CHECKS} pairs")


def _comparison(size: str, root: Product, loaded: Loaded, runs: int) -> Row:
    """Compare the root's revision with the next one, in which one line was dropped and another changed."""
    actor = Actor.system(loaded.tenant_id, "bench")
    with transaction.atomic():
        before = ProductRevision.objects.filter(product=root).order_by("-sequence").first()
        assert before is not None
        if before.is_frozen:
            after = revision_create(actor=actor, product_id=root.pk, base_id=before.pk)
        else:
            after = before
        lines = list(after.lines.order_by("find_number"))
        BomLine.objects.filter(pk=lines[-1].pk).update(is_deleted=True)
        BomLine.objects.filter(pk=lines[-2].pk).update(quantity=lines[-2].quantity + 1)
        ours, theirs = medians_ms(
            [
                lambda: compare_revisions(before, after, resolution=DAY),
                lambda: direct.ask(
                    direct.COMPARE, loaded.tenant_id, TODAY, product=root.pk, before=before.pk, after=after.pk
                ),
            ],
            runs=runs,
        )
        transaction.set_rollback(True)
    return Row(size, "compare two revisions, all levels", ours, theirs, goal_ratio=1.0)


def _dense(size: str, loaded: Loaded, runs: int) -> Row:
    """Ask flat totals, roll-up and where-used of 26 products that each contain all that follow."""
    actor = Actor.system(loaded.tenant_id, "bench")
    with transaction.atomic():
        made: list[Product] = []
        for at in range(DENSE):
            product = product_create(
                actor=actor,
                data={"product_number": f"DENSE-{at:02d}", "product_name": f"Dense {at}", "current_cost": Decimal(1)},
                structure=[LineInput(child_id=child.pk, quantity=Decimal(1)) for child in reversed(made)],
            )
            made.append(product)

        def ask() -> None:
            structure = structure_load(made[-1], DAY, sums_only=True)
            explosion_flat(structure)
            product_rollup(structure)
            where_used(made[0], DAY)

        taken = median_ms(ask, runs=runs)
        transaction.set_rollback(True)
    return Row(
        size, "26 products, dense: flatten, roll-up, where-used", taken, None, goal_ms=50,
        note=f"{2 ** (DENSE - 2):,} paths; SQL over paths does not end",
    )  # fmt: skip
