"""The databases that the runs of the suite copy: each is migrated once and copied by every process, for migrating takes
longer than most tests together."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Composed, Identifier

ROOT = Path(__file__).resolve().parent.parent
NAME = f"test_plm_template_{os.getpid()}"


@contextmanager
def templates(environments: list[dict[str, str]]) -> Iterator[list[str]]:
    """Migrate one for each environment, side by side; yield what PLM_TEST_TEMPLATE is to say in each. They are dropped
    at the end."""
    urls = [environment["DATABASE_URL"] for environment in environments]
    names = [str(ROOT / "var" / f"{NAME}.sqlite3") if _is_file(url) else NAME for url in urls]
    try:
        with ThreadPoolExecutor(max_workers=2) as pool:
            yield list(pool.map(_made, environments, names))
    finally:
        for url, name in zip(urls, names, strict=True):
            _drop(url, name)


def kept_template(environment: dict[str, str]) -> str:
    """Return an SQLite file that was migrated by the migrations of now, made where there is none yet: for the quick
    tests, which take little longer than migrating does.
    """
    digest = hashlib.sha256()
    for path in sorted([*ROOT.glob("*/**/migrations/*.py"), ROOT / "requirements" / "dev.lock"]):
        if not path.is_relative_to(ROOT / ".venv"):
            digest.update(path.read_bytes())
    kept = ROOT / "var" / f"test_plm_kept_{digest.hexdigest()[:16]}.sqlite3"
    if not kept.exists():
        for former in kept.parent.glob("test_plm_kept_*.sqlite3"):
            former.unlink()
        unfinished = str(kept.with_suffix(f".{os.getpid()}"))
        if not _made(environment, unfinished):
            return ""
        Path(unfinished).rename(kept)
        _drop("sqlite:", unfinished)
    return str(kept)


def _made(environment: dict[str, str], name: str) -> str:
    """Migrate a new database; return its name, or "" when that fails: each process then tries for itself and shows
    what is wrong."""
    url = environment["DATABASE_URL"]
    _drop(url, name)
    if not _is_file(url):
        _run(url, SQL("CREATE DATABASE {}").format(Identifier(name)))
    own = f"sqlite:///{name}" if _is_file(url) else urlsplit(url)._replace(path=f"/{name}").geturl()
    done = subprocess.run(
        [str(ROOT / ".venv" / "bin" / "python"), "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env={**environment, "DATABASE_URL": own, "DJANGO_SETTINGS_MODULE": "plm_project.settings.test"},
        capture_output=True,
    )
    return name if done.returncode == 0 else ""


def _is_file(url: str) -> bool:
    return url.startswith("sqlite")


def _drop(url: str, name: str) -> None:
    if not _is_file(url):
        _run(url, SQL("DROP DATABASE IF EXISTS {}").format(Identifier(name)))
        return
    for ending in ("", "-wal", "-shm"):
        Path(f"{name}{ending}").unlink(missing_ok=True)


def _run(url: str, statement: Composed) -> None:
    address = "postgresql://" + url.partition("://")[2]
    with psycopg.connect(address, autocommit=True, connect_timeout=3) as connection:
        connection.execute("SET client_min_messages = warning")
        connection.execute(statement)
