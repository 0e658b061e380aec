"""How many statements each route may take: a committed number, the same for 5 rows and for 50."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plm_project.tenancy.scope import tenant_scope
from products.models import Product
from tests.factories import (
    make_baseline,
    make_configuration,
    make_line,
    make_offer,
    make_option,
    make_product,
    make_rule,
    make_source,
    make_substitute,
    revision_of,
)
from tests.products.api.conftest import Api, data_of

# Without transaction and savepoint statements, of which PostgreSQL needs more than SQLite. The token takes 3 of them.
BUDGETS = {
    "products/?page_size=100": 7,
    "products/?page_size=100&q=prod&tags=x&sort_by=product_name": 7,
    "products/{product}/": 6,
    "products/{product}/transitions/": 6,
    "products/{product}/revisions/": 6,
    "products/{product}/explosion/?page_size=100": 8,
    "products/{product}/explosion/?flat=true&page_size=100": 8,
    "products/{product}/explosion/?explain=true&options=a:b&serial=1&page_size=100": 12,
    "products/{product}/explosion-start/?rows=100": 8,
    "products/{leaf}/where-used/?page_size=100": 5,
    "products/{product}/rollup/": 9,
    "products/{product}/compare/?from=A&to=A": 14,
    "products/{product}/explosion/?baseline={baseline}&page_size=100": 8,
    "products/{product}/compare/?from_baseline={baseline}&to=A": 17,
    "products/{leaf}/where-used/?edges=true&page_size=100": 5,
    "products/{product}/baselines/?page_size=100": 6,
    "products/{leaf}/in-baselines/?page_size=100": 6,
    "products/{product}/history/?page_size=100": 12,
    "products/check-cycle/?parent=ROOT&child=LEAF": 6,
    "revisions/{revision}/": 4,
    "revisions/{revision}/lines/?page_size=100": 6,
    "revisions/{revision}/transitions/": 4,
    "lines/{line}/": 4,
    "lines/{line}/substitutes/?page_size=100": 6,
    "products/{leaf}/substitute-uses/?page_size=100": 6,
    "products/{product}/sources/?page_size=100": 6,
    "products/{product}/offers/?page_size=100": 7,
    "products/{product}/quantity-cost/?quantity=1&quantity=100&page_size=100": 15,
    "products/{product}/requirements/?page_size=100": 9,
    "products/{product}/options/?page_size=100": 7,
    "products/{product}/option-rules/?page_size=100": 6,
    "products/{product}/configurations/?page_size=100": 9,
    "products/{product}/configuration-check/": 10 if connection.vendor == "postgresql" else 11,
    "products/{product}/choices/": 8,
    "products/{product}/explosion/?configuration={configuration}&page_size=100": 14,
    "option-families/?page_size=100": 6,
    "reports/single-source/?page_size=100": 11,
    "manufacturers/?page_size=100": 5,
    "manufacturer-parts/?page_size=100": 5,
    "suppliers/?page_size=100": 5,
    "exchange-rates/?page_size=100": 5,
}
CONTROL = (
    "SAVEPOINT",
    "RELEASE SAVEPOINT",
    "ROLLBACK",
    "BEGIN",
    "COMMIT",
    "SELECT set_config",
    "SELECT COALESCE(current_setting",
)


def grow(api: Api, rows: int) -> dict[str, Any]:
    """A root and a leaf with ``rows`` products between them, each on a line of both."""
    with tenant_scope(api.tenant.pk, atomic=True):
        root = Product.objects.filter(product_number="ROOT").first() or make_product("ROOT")
        leaf = Product.objects.filter(product_number="LEAF").first() or make_product("LEAF")
        for _ in range(rows):
            middle = make_product(tags=["x"])
            make_substitute(make_line(root, middle), leaf)
            make_line(middle, leaf)
            part = make_product(product_type="purchased")
            make_line(middle, part)
            make_offer(make_source(part, "Maker", part.product_number).manufacturer_part, "Shop", (1, 1))
            make_offer(root, "Shop", (1, 1))
            make_source(root, "Maker", part.product_number + "-B")
            code = middle.product_number.lower()
            make_option(root, code, ("a", "b"), is_required=False)
            make_rule(root, f"{code}:a", "excludes", f"{code}:b")
            make_line(root, make_product(), condition=f"{code}:a")
            configuration = make_configuration(root, code, [f"{code}:a"])
        revision = revision_of(root)
        first = revision.lines.first()
        baseline = make_baseline(root, f"Of {rows}")
        return {
            "product": root.pk,
            "configuration": configuration.pk,
            "leaf": leaf.pk,
            "revision": revision.pk,
            "line": first.pk if first else None,
            "baseline": baseline.pk,
        }


def statements(api: Api, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        data_of(api.get(path))
    found = [query["sql"] for query in captured.captured_queries]
    # That a token was used is noted once a minute, whichever route comes then.
    return [sql for sql in found if not sql.startswith(CONTROL) and 'SET "last_used_at"' not in sql]


def test_statements_do_not_grow_with_rows(viewer: Api) -> None:
    few = {}
    ids = grow(viewer, 5)
    statements(viewer, "products/")  # the first use of the token notes it
    for route in BUDGETS:
        few[route] = statements(viewer, route.format(**ids))
    ids = grow(viewer, 45)
    over = {}
    for route, budget in BUDGETS.items():
        many = statements(viewer, route.format(**ids))
        if len(many) > min(len(few[route]), budget):
            over[route] = (len(few[route]), len(many), budget)
    assert over == {}


CREATE_BUDGET = 26


@pytest.mark.parametrize("rows", [5, 50])
def test_creating_with_a_structure_takes_few_statements(engineer: Api, rows: int) -> None:
    with tenant_scope(engineer.tenant.pk, atomic=True):
        for n in range(rows):
            make_product(f"PART-{n}")
    statements(engineer, "products/")
    structure = [{"product_number": f"PART-{n}", "quantity": n + 1} for n in range(rows)]
    body = {"product_number": "ASSY", "product_name": "Assembly", "structure": structure}
    with CaptureQueriesContext(connection) as captured:
        data_of(engineer.post("products/", body), 201)
    found = [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(CONTROL)]
    assert len(found) <= CREATE_BUDGET, "\n".join(sql[:150] for sql in found)
