"""The base of the operators' commands: tenant, JSON answer and exit codes as INTERFACES.md states them.

Exit 0 when done, 2 on bad input with nothing written, 1 on a fault. The answer goes to stdout, all else to stderr.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from plm_project.core.actor import Actor, acting_as
from plm_project.core.decimals import plain
from plm_project.core.exceptions import NotFound, PlmError, ValidationFailed
from plm_project.core.ids import uuid7
from plm_project.core.json_form import as_json
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope

Answer = dict[str, Any]


def moment_of(name: str, text: str | None) -> datetime | None:
    """Return the moment that an argument names, None for none; without an offset it is the server's own time.

    Raises ValidationFailed naming the argument.
    """
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise ValidationFailed.field(name, f"{text!r} is no time such as 2026-11-27T06:00.")
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def file_content(path: Path) -> bytes:
    """Read a file named on the command line; raise ValidationFailed saying why it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValidationFailed.field("file", f"{path}: {error.strerror}") from error


class OperatorCommand(BaseCommand):
    """Subclasses set ``help``, add arguments in ``arguments`` and answer a dict from ``run``.

    ``run`` gets the system actor of the tenant (None with ``needs_tenant = False``). An answer with a non-empty
    ``errors`` list is bad input: it is printed all the same, and the command exits with 2.
    """

    needs_tenant = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the shared arguments, then the command's own."""
        if self.needs_tenant:
            parser.add_argument("--tenant", required=True, metavar="SLUG", help="the tenant to work in")
        parser.add_argument("--json", action="store_true", dest="as_json", help="answer one JSON document")
        self.arguments(parser)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Answer wrong arguments in JSON too where the caller asked for JSON; argparse itself exits with 2."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        complain = parser.error

        def error(message: str) -> None:
            if parser.called_from_command_line and "--json" in sys.argv:
                self.stdout.write(json.dumps({"error": message, "error_code": "VALIDATION_ERROR", "details": {}}))
            complain(message)

        parser.error = error  # type: ignore[assignment, method-assign] # argparse offers no other hook
        return parser

    def arguments(self, parser: ArgumentParser) -> None:
        """Add the command's own arguments."""

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        """Do the work and return the answer."""
        raise CommandError(f"{type(self).__name__} does nothing yet")

    def text(self, answer: Answer) -> str:
        """Return the answer for people; by default a line per key, lists by their length."""
        return "\n".join(f"{key}: {_short(value)}" for key, value in answer.items())

    def handle(self, *args: Any, **options: Any) -> None:
        """Open the scope, run, print, and turn expected refusals into exit code 2."""
        wants_json = options.pop("as_json")
        try:
            answer = self._run_in_scope(options)
        except (PlmError, ValidationError) as error:
            self._refuse(error, wants_json)
        self.stdout.write(json.dumps(answer, default=as_json, ensure_ascii=False) if wants_json else self.text(answer))
        if answer.get("errors"):
            raise CommandError(f"{len(answer['errors'])} error(s); nothing was written.", returncode=2)

    def progress(self, done: int, total: int, what: str) -> None:
        """Show how far the work is on stderr when that is a terminal."""
        if sys.stderr.isatty():
            self.stderr.write(f"\r{what}: {done}/{total}", ending="\n" if done >= total else "")

    def _run_in_scope(self, options: dict[str, Any]) -> Answer:
        if not self.needs_tenant:
            return self.run(None, **options)
        slug = options.pop("tenant")
        tenant = Tenant.objects.filter(slug=slug, is_active=True).first()
        if tenant is None:
            raise NotFound(f"No active tenant has the slug {slug!r}.")
        name = self.__class__.__module__.rpartition(".")[2]
        actor = Actor.system(tenant.pk, f"manage.py {name}", request_id=str(uuid7()))
        with acting_as(actor), tenant_scope(tenant.pk):
            return self.run(actor, **options)

    def _refuse(self, error: PlmError | ValidationError, wants_json: bool) -> None:
        details: Mapping[str, Any]
        if isinstance(error, PlmError):
            message, code, details = error.message, error.error_code, error.details
        else:
            details = error.message_dict if hasattr(error, "error_dict") else {}
            message, code = "; ".join(error.messages), "VALIDATION_ERROR"
        if wants_json:
            self.stdout.write(json.dumps({"error": str(message), "error_code": code, "details": details}, default=str))
        raise CommandError(str(message), returncode=2) from error


def _short(value: Any) -> str:
    if isinstance(value, list):
        return str(len(value))
    return plain(value) if isinstance(value, Decimal) else str(value)
