from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.db import transaction

from plm_project.accounts.roles import Role
from plm_project.accounts.services import token_issue, user_create
from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.commands import Answer, OperatorCommand


class Command(OperatorCommand):
    help = "Create a person with roles in a tenant, and an API token, which is shown this once."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", action="append", required=True, choices=Role.values, dest="roles")
        parser.add_argument("--name", default="", help="the person's name")
        parser.add_argument(
            "--password-env", metavar="VAR", help="the variable that holds a new person's first password"
        )

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        assert actor is not None
        password = None
        if options["password_env"]:
            password = os.environ.get(options["password_env"])
            if not password:
                raise ValidationFailed.field("password_env", f"The variable {options['password_env']} is empty.")
        with transaction.atomic():
            user, member = user_create(
                actor=actor,
                email=options["email"],
                roles=options["roles"],
                password=password,
                full_name=options["name"],
            )
            _token, text = token_issue(actor=actor, user=user, name="user_create")
        return {"user_id": user.pk, "email": user.email, "roles": member.roles, "api_token": text}
