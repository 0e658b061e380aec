"""Callers of the changes API."""

from __future__ import annotations

from typing import Any

from rest_framework.test import APIClient

from plm_project.accounts.models import User
from plm_project.accounts.services import token_issue
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope

BASE = "/api/v1/plm/"


class Api:
    """One person's API client, signed in by a token. Paths are relative, bodies are JSON."""

    def __init__(self, user: User, tenant: Tenant) -> None:
        with tenant_scope(tenant.pk):
            _token, text = token_issue(actor=Actor.system(tenant.pk, "tests"), user=user, name="tests")
        self.user = user
        self.client = APIClient()
        self.client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")

    def call(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if method == "GET":
            return self.client.get(BASE + path, data, headers=sent)
        return getattr(self.client, method.lower())(BASE + path, data, format="json", headers=sent)

    def get(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.call("GET", path, data, **headers)

    def post(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.call("POST", path, data if data is not None else {}, **headers)

    def patch(self, path: str, data: Any, **headers: str) -> Any:
        return self.call("PATCH", path, data, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.call("DELETE", path, **headers)
