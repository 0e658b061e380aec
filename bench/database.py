"""A database of the bench's own: made, migrated and dropped by it. It never runs on one that was there before."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

PLACES = ("postgres://postgres@127.0.0.1:5432/postgres", "postgres://postgres@127.0.0.1:5432/test")


def server_url() -> str:
    """Return an address on the server to use: DATABASE_URL, else the usual local port. Raises SystemExit without one."""
    named = os.environ.get("DATABASE_URL", "")
    for url in (named,) if named.startswith("postgres") else PLACES:
        try:
            with psycopg.connect(url, connect_timeout=3):
                return url
        except psycopg.Error:
            continue
    raise SystemExit("The bench needs PostgreSQL: set DATABASE_URL to a server where it may create a database.")


@contextmanager
def bench_database(*, keep: bool = False) -> Iterator[str]:
    """Create a database, give Django to it, and drop it at the end. Yields its name."""
    url = server_url()
    name = f"plm_bench_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        os.environ["DATABASE_URL"] = urlsplit(url)._replace(path=f"/{name}").geturl()
        os.environ["DATABASE_POOL"] = "false"
        os.environ.pop("REDIS_URL", None)
        os.environ["DJANGO_SETTINGS_MODULE"] = "plm_project.settings.test"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield name
    finally:
        if not keep:
            _drop(url, name)


def _drop(url: str, name: str) -> None:
    from django.db import connections

    connections.close_all()
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
