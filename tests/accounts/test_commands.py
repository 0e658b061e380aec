"""user_create, tenant_create and outbox_relay as an operator runs them: a real process, JSON, exit codes 0, 1, 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import execute_from_command_line
from django.test import Client

from plm_project.accounts.models import Membership, User
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.provisioning import tenant_create
from plm_project.tenancy.scope import tenant_scope
from tests.processes import database_url

ROOT = Path(__file__).resolve().parents[2]
Manage = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.slow


@pytest.fixture
def manage(transactional_db: None) -> Manage:
    """Run ``manage.py`` on this test's database: ``manage("tenant_create", …, NAME="value")``."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        base = {**os.environ, "DATABASE_URL": database_url(), "CELERY_BROKER_URL": ""}
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, env={**base, **environment}, cwd=ROOT, capture_output=True, text=True, timeout=120
        )

    return run


@pytest.fixture
def manage_here(transactional_db: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Manage:
    """``manage`` in this process, by the same way from the words of the command line to the exit code: what is refused
    is refused by the command, and starting Django anew for each case would show nothing more."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["manage.py", *arguments])
        capsys.readouterr()
        code: Any = 0
        try:
            execute_from_command_line()
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        return subprocess.CompletedProcess(list(arguments), code, said.out, said.err)

    return run


def answer(done: subprocess.CompletedProcess[str], code: int = 0) -> Any:
    """Return the one JSON document on stdout, after a look at the exit code."""
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_tenant_create_answers_and_repeats_on_request_alone(manage: Manage) -> None:
    made = answer(manage("tenant_create", "acme", "--name", "Acme", "--json"))
    assert (made["slug"], made["created"]) == ("acme", True)
    tenant = Tenant.objects.get(pk=uuid.UUID(made["tenant_id"]))
    assert (tenant.name, tenant.currency) == ("Acme", "EUR")
    again = answer(manage("tenant_create", "acme", "--name", "Other", "--if-missing", "--json"))
    assert again == {**made, "created": False}
    refused = answer(manage("tenant_create", "acme", "--name", "Other", "--json"), 2)
    assert refused["error_code"] == "VALIDATION_ERROR"
    assert list(Tenant.objects.values_list("name", flat=True)) == ["Acme"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["Not A Slug", "--name", "X"],
        ["ok", "--name", "X", "--currency", "euro"],
        ["ok"],
        ["ok", "--name", "X", "--unknown"],
    ],
)
def test_bad_input_is_exit_2_and_writes_nothing(manage_here: Manage, arguments: list[str]) -> None:
    done = manage_here("tenant_create", *arguments, "--json")
    assert answer(done, 2)["error_code"] == "VALIDATION_ERROR"
    assert not Tenant.objects.exists()
    assert "Traceback" not in done.stderr


def test_a_fault_is_exit_1(manage: Manage) -> None:
    url = "sqlite:////nonexistent/folder/plm.sqlite3"
    done = manage("tenant_create", "acme", "--name", "Acme", DATABASE_URL=url)
    assert done.returncode == 1


def test_user_create_makes_a_person_whose_token_and_password_work(manage: Manage, client: Client) -> None:
    tenant, _created = tenant_create(slug="acme", name="Acme")
    made = answer(
        manage(
            "user_create", "Eva@Acme.example", "--tenant", "acme", "--role", "engineer", "--role", "viewer",
            "--name", "Eva", "--password-env", "EVAS", "--json", EVAS="correct horse battery",
        )
    )  # fmt: skip
    assert set(made) == {"user_id", "email", "roles", "api_token"}
    assert (made["email"], made["roles"]) == ("eva@acme.example", ["engineer", "viewer"])
    response = client.get("/api/v1/plm/products/", headers={"Authorization": f"Bearer {made['api_token']}"})
    assert response.status_code == 200
    user = User.objects.get(pk=made["user_id"])
    assert user.check_password("correct horse battery")
    refused = answer(manage("user_create", user.email, "--tenant", "acme", "--role", "viewer", "--json"), 2)
    assert refused["error_code"] == "CONFLICT"
    with tenant_scope(tenant.pk):
        assert Membership.objects.get().roles == ["engineer", "viewer"]


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["eva@acme.example", "--tenant", "nobody", "--role", "viewer"], {}),
        (["not an address", "--tenant", "acme", "--role", "viewer"], {}),
        (["eva@acme.example", "--tenant", "acme", "--role", "viewer", "--password-env", "UNSET_VARIABLE"], {}),
        (["eva@acme.example", "--tenant", "acme", "--role", "viewer", "--password-env", "WEAK"], {"WEAK": "12345"}),
    ],
)
def test_user_create_refuses_with_one_document_and_writes_nothing(
    manage_here: Manage, arguments: list[str], environment: dict[str, str]
) -> None:
    tenant_create(slug="acme", name="Acme")
    refused = answer(manage_here("user_create", *arguments, "--json", **environment), 2)
    assert refused["error"]
    assert not User.objects.exists()


def test_the_parser_refuses_an_unknown_role_and_a_missing_tenant(manage_here: Manage) -> None:
    tenant_create(slug="acme", name="Acme")
    assert manage_here("user_create", "eva@acme.example", "--tenant", "acme", "--role", "king").returncode == 2
    assert manage_here("user_create", "eva@acme.example", "--role", "viewer").returncode == 2
    assert not User.objects.exists()


def test_outbox_relay_answers_what_it_did(manage_here: Manage) -> None:
    tenant_create(slug="acme", name="Acme")
    nothing = {"delivered": 0, "failed": 0, "settled": 0}
    assert answer(manage_here("outbox_relay", "--json")) == nothing
    assert answer(manage_here("outbox_relay", "--tenant", "acme", "--json")) == nothing
    assert answer(manage_here("outbox_relay", "--tenant", "nobody", "--json"), 2)["error_code"] == "NOT_FOUND"
