"""The tests: SQLite by default, PostgreSQL and Redis where DATABASE_URL and REDIS_URL point to them."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from plm_project.settings.base import *  # noqa: F403 - a settings module is its base plus the differences
from plm_project.settings.base import DATABASES, REDIS_URL, STORAGES, VAR_DIR, env, logging_config

SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
LOGGING = logging_config(format="console", level="WARNING")
DEMO_ALLOWED = True
PLM_THROTTLE_MINUTE = 1_000_000
PLM_THROTTLE_HOUR = 1_000_000
JOBS_INLINE = True
INTEGRATIONS_INLINE = True
INTEGRATIONS_ALLOW_PRIVATE = True
MODELS_PREPARED_INLINE = True  # a thread would meet the end of its test
MEDIA_ROOT = VAR_DIR / "test-media"
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "files": {**STORAGES["files"], "OPTIONS": {"location": str(MEDIA_ROOT / "files"), "base_url": None}},
}

_worker = env.str("PYTEST_XDIST_WORKER", default="")
if REDIS_URL and _worker:
    # Each process of a run has a Redis database of its own: clearing the cache empties a whole one.
    REDIS_URL = urlsplit(REDIS_URL)._replace(path=f"/{int(_worker.removeprefix('gw')) + 1}").geturl()
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

# Each run has a database of its own, so that two runs on one machine do not meet.
_suffix = env.str("PLM_TEST_DB_SUFFIX", default=f"_{os.getpid()}")
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads of one test (live server, parallel writers) must see the same database.
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / f"test{_suffix}.sqlite3"}
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"  # no test survives its machine
else:
    DATABASES["default"]["TEST"] = {"NAME": f"test_plm{_suffix}"}
    DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"  # no test survives its machine
    DATABASES["default"]["OPTIONS"].pop("pool", None)  # a pool would hold connections to the dropped test database
