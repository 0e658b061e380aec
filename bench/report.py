"""The table for people and the document for machines."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from typing import Any

import django
import psycopg
from django.db import connection

from bench.measure import Row

HEADINGS = ("operation", "service", "SQL alone", "ratio", "goal", "met")


def machine(seed: int, runs: int) -> dict[str, Any]:
    """Say what was measured on: versions, processor, the server's settings, seed and runs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        version = cursor.fetchone()[0]
        cursor.execute(
            "SELECT name, current_setting(name) FROM pg_settings WHERE name IN ('shared_buffers', 'work_mem', 'jit')"
        )
        settings = dict(cursor.fetchall())
    return {
        "python": sys.version.split()[0],
        "django": django.get_version(),
        "psycopg": psycopg.__version__,
        "postgresql": version,
        "settings": settings,
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "load_average": os.getloadavg(),
        "seed": seed,
        "runs": runs,
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def table(rows: Sequence[Row]) -> str:
    """Return the rows of one size as a Markdown table."""
    cells = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(HEADINGS))]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]
    lines.insert(1, " | ".join("-" * width for width in widths))
    return "\n".join(f"| {line} |" for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    operation = f"{row.operation} ({row.note})" if row.note else row.operation
    return (
        operation,
        _ms(row.service_ms),
        _ms(row.sql_ms),
        "-" if row.ratio is None else f"{row.ratio:.2f} ×",
        row.goal,
        "yes" if row.met else "no",
    )


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f} ms" if value < 100 else f"{value:,.0f} ms"
