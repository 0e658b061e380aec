"""What this machine offers the tests: PostgreSQL, Redis, Chromium."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field

import psycopg
import redis

POSTGRES = ("postgres://postgres@127.0.0.1:5432/test", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS = "redis://127.0.0.1:6379/15"  # the last of Redis' sixteen databases: the first may hold somebody's data
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


@dataclass
class Machine:
    """The servers to test on ("" where there is none), and why what is missing is missing."""

    database_url: str = ""
    redis_url: str = ""
    missing: dict[str, str] = field(default_factory=dict)


def find_machine() -> Machine:
    """Ask DATABASE_URL and REDIS_URL, else the usual local ports."""
    machine = Machine()
    named = os.environ.get("DATABASE_URL", "")
    urls = POSTGRES if not named or named.startswith("sqlite") else (named,)
    reasons = {url: postgres_fault(url) for url in urls}
    machine.database_url = next((url for url, reason in reasons.items() if not reason), "")
    if not machine.database_url:
        machine.missing["PostgreSQL"] = reasons[urls[0]]
    url = os.environ.get("REDIS_URL") or REDIS
    if reason := redis_fault(url):
        machine.missing["Redis"] = reason
    else:
        machine.redis_url = url
    if not any(shutil.which(name) for name in BROWSERS):
        machine.missing["Chromium"] = "there is no " + ", ".join(BROWSERS) + " on PATH"
    return machine


def postgres_fault(url: str) -> str:
    """Return why this database cannot be used, or an empty string."""
    address = "postgresql://" + url.partition("://")[2]
    try:
        with psycopg.connect(address, connect_timeout=3) as connection:
            connection.execute("SELECT 1")
    except (psycopg.Error, ValueError) as error:
        return one_line(error)
    return ""


def redis_fault(url: str) -> str:
    """Return why this Redis cannot be used, or an empty string."""
    try:
        client = redis.Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3)
        client.ping()
        client.close()
    except (redis.RedisError, ValueError) as error:
        return one_line(error)
    return ""


def one_line(error: Exception) -> str:
    """Return the first line of an error's text."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
