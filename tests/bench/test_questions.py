"""Every question of the bench is answered, by the service and by PostgreSQL: at a size that says nothing of speed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.load import catalogue_load
from bench.reading import reading_rows
from bench.shape import SIZES, catalogue_make
from bench.writing import writing_rows
from plm_project.tenancy.scope import tenant_scope

TINY = replace(SIZES["S"], products=300, lines=1_200, levels=4)


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.django_db
def test_both_answer_every_question() -> None:
    loaded = catalogue_load("bench-tiny", catalogue_make(TINY, 7))
    with tenant_scope(loaded.tenant_id):
        rows = [*reading_rows("tiny", loaded, 1), *writing_rows("tiny", loaded, 1)]
    assert len(rows) >= 12 and len({row.operation for row in rows}) == len(rows)
    assert all(row.service_ms > 0 for row in rows)
    assert all(row.sql_ms for row in rows if row.goal_ratio is not None)
