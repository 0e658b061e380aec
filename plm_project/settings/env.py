"""The one object that reads the environment. No other module of the project looks at os.environ for settings."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
if (BASE_DIR / ".env").is_file():
    environ.Env.read_env(BASE_DIR / ".env")


def required(*names: str) -> None:
    """Refuse to start, naming every variable that is missing or empty (not only the first)."""
    missing = [name for name in names if not env.str(name, default="")]
    if missing:
        raise ImproperlyConfigured(
            "Production needs these environment variables, which are missing or empty: " + ", ".join(missing)
        )


def site_url(name: str, default: str) -> str:
    """Return the address people reach the site by, without a slash at its end; refuse what is no such address."""
    text = env.str(name, default=default).rstrip("/")
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ImproperlyConfigured(f"{name} must look like https://plm.example.com, not {text!r}")
    return text
