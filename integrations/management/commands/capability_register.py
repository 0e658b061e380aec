"""``manage.py capability_register``: make ourselves known to the platform."""

from __future__ import annotations

from typing import Any

from integrations.exceptions import BreakerOpen, CallFailed
from integrations.services.platform import capability_register
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict
from plm_project.tenancy.commands import Answer, OperatorCommand


class Command(OperatorCommand):
    """May be repeated: the same registration is one."""

    help = "Register the capability record with the platform (PLATFORM_URL)."
    needs_tenant = False

    def run(self, actor: Actor | None, **options: Any) -> Answer:
        """Register."""
        try:
            return capability_register()
        except (CallFailed, BreakerOpen) as failure:
            raise Conflict(f"The platform was not told: {failure}") from failure
