"""Every step from every status for every role: who may, who may not, and that a refusal leaves nothing behind."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from changes import services
from changes.choices import ChangeStatus
from changes.models import EngineeringChange
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, PermissionDenied, PlmError
from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.states import transition_options
from tests.changes.conftest import Lamp, make_draft
from tests.conftest import MakeActor
from tests.signing import SIGNED

AUTHOR = "author"
MANAGING = {"change_analyst", "plm_manager", "tenant_admin"}
OTHERS = ("engineer", "compliance_officer", "quality_approver", "viewer", "integration")
EVERYBODY = (AUTHOR, "technical_approver", *sorted(MANAGING), *OTHERS)

Step = Callable[[Actor, uuid.UUID], Any]


def call(service: Callable[..., Any], **more: Any) -> Step:
    return lambda actor, change_id: service(actor=actor, change_id=change_id, **more)


# step: the service, the statuses it works from, who may do it, and the status it leads to
STEPS: dict[str, tuple[Step, set[str], set[str], str | None]] = {
    "update": (call(services.change_update, changes={"priority": "low"}), {"draft"}, {AUTHOR} | MANAGING, None),
    "submit": (call(services.change_submit), {"draft"}, {AUTHOR} | MANAGING, "submitted"),
    "approve": (call(services.change_approve, signature=SIGNED), {"submitted"}, {"technical_approver"}, "approved"),
    "reject": (call(services.change_reject, comment="no", signature=SIGNED), {"submitted"}, {"technical_approver"}, "rejected"),
    "withdraw": (call(services.change_withdraw), {"submitted", "approved"}, {AUTHOR} | MANAGING, "withdrawn"),
    "reopen": (call(services.change_reopen), {"rejected", "withdrawn"}, {AUTHOR} | MANAGING, "draft"),
    "cancel": (
        call(services.change_cancel, reason="no"), {"draft", "submitted", "approved"}, MANAGING, "cancelled",
    ),
    "implement": (call(services.change_implement), {"approved"}, MANAGING, "implemented"),
    "close": (call(services.change_close), {"implemented"}, MANAGING, "closed"),
}  # fmt: skip
WAY_TO: dict[str, list[tuple[str, str]]] = {
    "draft": [],
    "submitted": [(AUTHOR, "submit")],
    "approved": [(AUTHOR, "submit"), ("technical_approver", "approve")],
    "implemented": [(AUTHOR, "submit"), ("technical_approver", "approve"), ("plm_manager", "implement")],
    "closed": [
        (AUTHOR, "submit"), ("technical_approver", "approve"), ("plm_manager", "implement"), ("plm_manager", "close"),
    ],
    "rejected": [(AUTHOR, "submit"), ("technical_approver", "reject")],
    "withdrawn": [(AUTHOR, "submit"), (AUTHOR, "withdraw")],
    "cancelled": [("plm_manager", "cancel")],
}  # fmt: skip


class Undo(Exception):
    """Takes back what a step that went through has written."""


def attempt(step: Step, actor: Actor, change: EngineeringChange) -> tuple[str, type[PlmError] | None]:
    """Try a step; return the status it led to and the refusal, and leave nothing behind in either case."""
    refusal: type[PlmError] | None = None
    status = ""
    try:
        with transaction.atomic():
            try:
                status = step(actor, change.pk).status
            except PlmError as error:
                assert trace(change) == trace.before, "a refused step has written something"
                refusal = type(error)
            raise Undo
    except Undo:
        return status, refusal


class _Trace:
    before: Any = None

    def __call__(self, change: EngineeringChange) -> Any:
        stored = EngineeringChange.all_objects.get(pk=change.pk)
        return stored.version, stored.status, stored.history.count(), OutboxEvent.objects.count()


trace = _Trace()


@pytest.mark.parametrize("status", sorted(ChangeStatus.values))
def test_every_step_for_everybody(status: str, lamp: Lamp, make_actor: MakeActor) -> None:
    actors = {role: make_actor(role) for role in EVERYBODY if role != AUTHOR}
    actors[AUTHOR] = make_actor("engineer", email="author@acme.example")
    change = make_draft(actors[AUTHOR], lamp)
    for who, step in WAY_TO[status]:
        STEPS[step][0](actors[who], change.pk)
    trace.before = trace(change)
    assert trace.before[1] == status
    for name, (step, sources, allowed, target) in STEPS.items():
        for who, actor in actors.items():
            reached, refusal = attempt(step, actor, change)
            case = f"{who}: {name} from {status}"
            if who in allowed and status in sources:
                assert (reached, refusal) == (target or status, None), case
            elif status in sources:
                assert refusal is not None and issubclass(refusal, PermissionDenied), case
            elif who in allowed and name not in ("approve", "reject"):
                assert refusal is not None and issubclass(refusal, Conflict), case
            else:
                assert refusal is not None and issubclass(refusal, (Conflict, PermissionDenied)), case


@pytest.mark.parametrize("status", sorted(ChangeStatus.values))
def test_what_the_doors_offer_is_what_the_services_do(status: str, lamp: Lamp, make_actor: MakeActor) -> None:
    actors = {role: make_actor(role) for role in EVERYBODY if role != AUTHOR}
    actors[AUTHOR] = make_actor("engineer", email="author@acme.example")
    change = make_draft(actors[AUTHOR], lamp)
    for who, step in WAY_TO[status]:
        STEPS[step][0](actors[who], change.pk)
    change = EngineeringChange.objects.get(pk=change.pk)
    offered = {target: (sources, allowed) for _s, sources, allowed, target in STEPS.values() if target}
    for who, actor in actors.items():
        for option in transition_options(change, "status", actor):
            sources, allowed = offered[option.to]
            expected = status in sources and who in allowed
            if option.to == "approved":  # a vote comes first; the last one's takes it there
                expected = False
            assert option.possible == expected, f"{who}: {option.to} from {status}: {option.reasons}"
