"""A company's installation. Refuses to start half configured, and says what is missing."""

from __future__ import annotations

from plm_project.settings.env import env, required

required("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "SITE_URL")

from plm_project.settings.base import *  # noqa: E402, F403 - only after the check above
from plm_project.settings.base import REST_FRAMEWORK  # noqa: E402

SECRET_KEY = env.str("SECRET_KEY")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

_https = env.bool("HTTPS", default=True)
SECURE_SSL_REDIRECT = _https
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000 if _https else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # the browsers' preload list is for ever: a site decides that by itself
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # The API, sign-in and the password link count strangers by the address the proxy saw.
    REST_FRAMEWORK = {**REST_FRAMEWORK, "NUM_PROXIES": 1}
