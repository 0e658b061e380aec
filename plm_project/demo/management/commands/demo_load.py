from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from plm_project.core.actor import Actor
from plm_project.demo.loading import demo_load
from plm_project.tenancy.commands import Answer, OperatorCommand


class Command(OperatorCommand):
    help = "Load the two demo tenants with their products, people and changes."
    needs_tenant = False

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-missing", action="store_true", help="do nothing when they are there")

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        result = demo_load(if_missing=options["if_missing"])
        return {"created": result.created, "tenants": result.tenants, "sign_ins": result.sign_ins}

    def text(self, answer: Answer) -> str:
        people = (f"  {p['email']:36} password {p['password']:14} {p['job']}" for p in answer["sign_ins"])
        return "\n".join(["Demo sign-ins:", *people])
