"""People at the pages, and a small catalogue to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client

from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def private_files(settings: Any, tmp_path: Any) -> None:
    """Uploads of a test go to its own folder."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def as_role(make_member: Callable[..., Any]) -> Callable[..., Client]:
    """Return a browser in which somebody with these roles is signed in."""

    def sign_in(*roles: str, **kwargs: Any) -> Client:
        user, _member = make_member(*roles, **kwargs)
        client = Client()
        client.force_login(user, backend=MODEL_BACKEND)
        return client

    return sign_in


@pytest.fixture
def engineer(as_role: Callable[..., Client]) -> Client:
    """An engineer at the pages."""
    return as_role("engineer")


@pytest.fixture
def manager(as_role: Callable[..., Client]) -> Client:
    """A PLM manager at the pages."""
    return as_role("plm_manager")


@pytest.fixture
def viewer(as_role: Callable[..., Client]) -> Client:
    """Somebody who may only look."""
    return as_role("viewer")


@pytest.fixture
def inside(tenant: Tenant) -> Callable[[], Any]:
    """Open the tenant's scope for a look or a preparation: ``with inside(): …``; requests open their own."""

    @contextmanager
    def scope() -> Iterator[None]:
        with tenant_scope(tenant.pk):
            yield

    return scope
