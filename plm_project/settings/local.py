"""A newcomer's machine: SQLite, everything in one process, a key of its own made at the first start."""

from __future__ import annotations

import secrets

from plm_project.settings.base import *  # noqa: F403 - a settings module is its base plus the differences
from plm_project.settings.base import CONTENT_SECURITY_POLICY, STORAGES, VAR_DIR, env, logging_config

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
LOGGING = logging_config(format=env.str("LOG_FORMAT", default="console"), level=env.str("LOG_LEVEL", default="INFO"))


def _own_secret_key() -> str:
    """Return this machine's key, made once and kept readable for its owner only."""
    path = VAR_DIR / "secret_key"
    if not path.is_file():
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()


SECRET_KEY = env.str("SECRET_KEY", default="") or _own_secret_key()
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
DEMO_ALLOWED = True
INTEGRATIONS_ALLOW_PRIVATE = env.bool("INTEGRATIONS_ALLOW_PRIVATE", default=True)  # the simulators run here
COLLABORATION_IDLE_HOURS = env.float("COLLABORATION_IDLE_HOURS", default=24.0 * 3650)  # the demo's rooms stay open
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {**CONTENT_SECURITY_POLICY["DIRECTIVES"], "connect-src": ["'self'", "ws:"]},
}
