"""``make bench``: how long the service takes beside PostgreSQL alone, on a database of the bench's own.

    python -m bench [--sizes S,M] [--runs 5] [--seed 20260101] [--json FILE]

The table goes to standard output, the same as JSON to FILE (default var/bench.json).
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.database import bench_database
from bench.measure import Row
from bench.shape import SIZES, catalogue_make


def main() -> int:
    """Run the bench; 0 when it ran, whatever the figures."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--sizes", default="S,M", help="S, M, L, separated by commas (default S,M)")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--json", type=Path, default=Path("var/bench.json"))
    options = parser.parse_args()
    sizes = options.sizes.upper().split(",")
    if unknown := set(sizes) - set(SIZES):
        parser.error(f"unknown size: {', '.join(sorted(unknown))}")
    with bench_database():
        from bench.report import machine, table

        facts = machine(options.seed, options.runs)
        print(json.dumps(facts, indent=2), flush=True)
        done = []
        for size in sizes:
            rows = list(_measure(size, options.seed, options.runs))
            print(
                f"\n{size}: {SIZES[size].products:,} products, {SIZES[size].lines:,} lines\n\n{table(rows)}",
                flush=True,
            )
            done += rows
        document = {"machine": facts, "rows": [row.as_json() for row in done]}
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0


def _measure(size: str, seed: int, runs: int) -> Iterator[Row]:
    from bench.load import catalogue_load
    from bench.reading import reading_rows
    from bench.writing import writing_rows
    from plm_project.tenancy.scope import tenant_scope

    start = time.monotonic()
    loaded = catalogue_load(f"bench-{size.lower()}", catalogue_make(SIZES[size], seed))
    print(f"{size}: loaded in {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    gc.collect()
    gc.freeze()  # the catalogue the bench holds in memory is no part of what is measured
    with tenant_scope(loaded.tenant_id):
        for row in (*reading_rows(size, loaded, runs), *writing_rows(size, loaded, runs)):
            print(f"{size}: {row.operation}: {row.service_ms:.1f} ms", file=sys.stderr, flush=True)
            yield row


if __name__ == "__main__":
    sys.exit(main())
