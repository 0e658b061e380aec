"""The sample pages' URL configuration, and clients of people in roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def sample_pages(settings: Any) -> None:
    """Serve tests/web/sample_pages.py beside the real pages."""
    settings.ROOT_URLCONF = "tests.web.sample_pages"


@pytest.fixture
def client_of(make_member: Callable[..., Any]) -> Callable[..., Client]:
    """Return a client of somebody with these roles: ``client_of("viewer")``."""

    def make(*roles: str) -> Client:
        user, _member = make_member(*roles)
        client = Client(raise_request_exception=False)
        client.force_login(user, backend=BACKEND)
        return client

    return make
