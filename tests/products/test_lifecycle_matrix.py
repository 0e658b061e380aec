"""Every step of products and revisions from every state for every role; the guards; what a step leaves behind."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from plm_project.accounts.roles import Role
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, PermissionDenied, PlmError, ValidationFailed
from plm_project.outbox.models import OutboxEvent
from plm_project.tenancy.states import transition_options
from products import services
from products.choices import LifecyclePhase, ProductType, RevisionState
from products.models import Product, ProductRevision
from products.services import product_lifecycle_change
from tests.conftest import MakeActor
from tests.factories import make_line, make_product, release, revision_of, system_actor

pytestmark = pytest.mark.usefixtures("scope")

DESIGNERS = {"engineer", "plm_manager", "tenant_admin"}
MANAGERS = {"plm_manager", "tenant_admin"}
REVIEWERS = DESIGNERS | {"change_analyst"}
RELEASERS = MANAGERS | {"change_analyst"}

# The ways between phases, and who may go them. Written out here on purpose: a change of the machine must show.
WAYS: dict[str, dict[str, set[str]]] = {
    "concept": {"design": DESIGNERS, "production": MANAGERS, "obsolete": RELEASERS},
    "design": {
        "concept": DESIGNERS, "prototype": DESIGNERS, "development": DESIGNERS,
        "production": MANAGERS, "obsolete": RELEASERS,
    },
    "prototype": {"design": DESIGNERS, "development": DESIGNERS, "obsolete": RELEASERS},
    "development": {
        "prototype": DESIGNERS, "testing": DESIGNERS, "production": MANAGERS, "obsolete": RELEASERS,
    },
    "testing": {"development": DESIGNERS, "production": MANAGERS, "obsolete": RELEASERS},
    "production": {"active": MANAGERS, "discontinued": RELEASERS, "obsolete": RELEASERS},
    "active": {"mature": MANAGERS, "declining": MANAGERS, "discontinued": RELEASERS, "obsolete": RELEASERS},
    "mature": {"active": MANAGERS, "declining": MANAGERS, "discontinued": RELEASERS, "obsolete": RELEASERS},
    "declining": {"mature": MANAGERS, "discontinued": RELEASERS, "obsolete": RELEASERS},
    "discontinued": {"obsolete": RELEASERS},
    "obsolete": {},
}  # fmt: skip


class Undo(Exception):
    """Takes back what a step that went through has written."""


def attempt(work: Callable[[], Any]) -> type[PlmError] | None:
    """Try a step; return the refusal. What went through is undone; what was refused has to undo itself."""
    try:
        with transaction.atomic():
            work()
            raise Undo
    except Undo:
        return None
    except PlmError as error:
        return type(error)


def footprint(record: Any) -> tuple[Any, ...]:
    """What a refused step leaves as it was."""
    stored = type(record).all_objects.filter(pk=record.pk).values().get()
    return stored, record.history.count(), OutboxEvent.objects.count()


def everybody(make_actor: MakeActor) -> dict[str, Actor]:
    return {role: make_actor(role) for role in Role.values}


def step_to(product: Product, to: str, **given: Any) -> Product:
    return product_lifecycle_change(actor=system_actor(), product_id=product.pk, to=to, **given)


def fresh(product: Product) -> Product:
    return Product.objects.get(pk=product.pk)


# --- products --------------------------------------------------------------------------------------------------------
def test_the_table_knows_every_phase() -> None:
    assert set(WAYS) == set(LifecyclePhase.values)


@pytest.mark.parametrize("phase", LifecyclePhase.values)
def test_every_phase_for_every_role(phase: str, make_actor: MakeActor) -> None:
    product = make_product(product_type="purchased", lifecycle_phase=phase)
    release(product)
    product = fresh(product)
    before = footprint(product)
    for role, actor in everybody(make_actor).items():
        offered = {option.to: option.possible for option in transition_options(product, "lifecycle_phase", actor)}
        for to in LifecyclePhase.values:
            refusal = attempt(
                lambda to=to, actor=actor: product_lifecycle_change(  # type: ignore[misc]
                    actor=actor, product_id=product.pk, to=to, reason="tried"
                )
            )
            expected = Conflict if to not in WAYS[phase] else None if role in WAYS[phase][to] else PermissionDenied
            assert refusal is expected, f"{role}: {phase} → {to}"
            assert offered.get(to, False) == (expected is None), f"{role} is offered {phase} → {to}"
    assert footprint(product) == before, "a refused step has written something"


@pytest.mark.parametrize(("phase", "to"), [(phase, to) for phase, ways in WAYS.items() for to in ways])
def test_a_step_leaves_history_and_one_event(phase: str, to: str, make_actor: MakeActor) -> None:
    product = make_product(product_type="purchased", lifecycle_phase=phase)
    release(product)
    OutboxEvent.objects.all().delete()
    manager = make_actor("plm_manager")
    version = fresh(product).version
    product_lifecycle_change(actor=manager, product_id=product.pk, to=to, reason="the board said so")
    product = fresh(product)
    assert (product.lifecycle_phase, product.version) == (to, version + 1)
    written = product.history.order_by("history_date", "history_id").last()
    assert (written.lifecycle_phase, written.history_change_reason) == (to, "the board said so")
    assert written.history_user_id == manager.user_id
    (event,) = OutboxEvent.objects.all()
    assert (event.event_type, event.entity_id, event.user_id) == (
        "lifecycle_phase_changed", product.pk, manager.user_id)  # fmt: skip
    assert {name: event.event_data[name] for name in ("from", "to", "reason")} == {
        "from": phase, "to": to, "reason": "the board said so"}  # fmt: skip


def test_only_a_transition_changes_the_phase() -> None:
    product = make_product()
    with pytest.raises(AttributeError):
        product.lifecycle_phase = "production"
    with pytest.raises(ValidationFailed):
        services.product_update(
            actor=system_actor(), product_id=product.pk, changes={"lifecycle_phase": "production"}
        )  # fmt: skip
    with pytest.raises(ValidationFailed):
        step_to(product, "retired")
    assert fresh(product).lifecycle_phase == "concept"


@pytest.mark.parametrize(("phase", "to"), [("testing", "production"), ("production", "active"), ("mature", "active")])
def test_production_needs_a_released_revision(phase: str, to: str) -> None:
    product = make_product(lifecycle_phase=phase)
    before = footprint(product)
    with pytest.raises(Conflict, match="No revision is released yet"):
        step_to(product, to)
    assert footprint(product) == before
    release(product)
    assert step_to(product, to).lifecycle_phase == to


@pytest.mark.parametrize("product_type", ProductType.values)
def test_only_what_is_not_built_here_skips_testing(product_type: str) -> None:
    product = make_product(product_type=product_type)
    release(product)
    if product_type in {"purchased", "raw_material", "virtual", "service"}:
        assert step_to(product, "production").lifecycle_phase == "production"
    else:
        with pytest.raises(Conflict, match="go straight to production"):
            step_to(product, "production")


def test_a_step_back_to_the_concept_is_explained() -> None:
    product = make_product(lifecycle_phase="design")
    for reason in ("", "  "):
        with pytest.raises(ValidationFailed) as refusal:
            step_to(product, "concept", reason=reason)
        assert "reason" in refusal.value.details
    assert step_to(product, "concept", reason="wrong market").lifecycle_phase == "concept"


@pytest.mark.parametrize("to", ["discontinued", "obsolete"])
class TestRetiring:
    """What is still used needs a replacement or a reason."""

    @pytest.fixture
    def used(self) -> Product:
        product = make_product("OLD", product_type="purchased", lifecycle_phase="active")
        make_line(make_product("USER"), product)
        return product

    def test_used_and_unexplained(self, used: Product, to: str) -> None:
        before = footprint(used)
        for reason in ("", " \n"):
            with pytest.raises(ValidationFailed) as refusal:
                step_to(used, to, reason=reason)
            assert "reason" in refusal.value.details
        assert footprint(used) == before

    def test_used_with_a_reason(self, used: Product, to: str) -> None:
        assert step_to(used, to, reason="the maker stopped").lifecycle_phase == to

    def test_used_with_a_replacement(self, used: Product, to: str) -> None:
        new = make_product("NEW")
        assert step_to(used, to, replaced_by_id=new.pk).replaced_by == new

    def test_nothing_replaces_itself_or_is_replaced_by_nothing(self, used: Product, to: str) -> None:
        for replacement in (used.pk, uuid.uuid4()):
            with pytest.raises(PlmError):
                step_to(used, to, replaced_by_id=replacement)
        assert fresh(used).replaced_by is None

    def test_unused(self, to: str) -> None:
        product = make_product(lifecycle_phase="active")
        assert step_to(product, to).lifecycle_phase == to

    def test_used_by_what_is_superseded_alone(self, used: Product, to: str) -> None:
        user = Product.objects.get(product_number="USER")
        release(user)
        successor = services.revision_create(actor=system_actor(), product_id=user.pk)
        services.line_remove(actor=system_actor(), line_id=successor.lines.get().pk)
        release(user)
        assert step_to(used, to).lifecycle_phase == to


# --- revisions -------------------------------------------------------------------------------------------------------
Step = Callable[[Actor, uuid.UUID], ProductRevision]


def call(service: Callable[..., ProductRevision], **given: Any) -> Step:
    return lambda actor, revision_id: service(actor=actor, revision_id=revision_id, **given)


# step: the service, the states it works from, who may, and the state it leads to
STEPS: dict[str, tuple[Step, set[str], set[str], str | None]] = {
    "update": (call(services.revision_update, changes={"description": "x"}), {"in_work", "in_review"}, REVIEWERS, None),
    "submit": (call(services.revision_submit), {"in_work"}, REVIEWERS, "in_review"),
    "return": (call(services.revision_return, reason="wrong"), {"in_review"}, REVIEWERS, "in_work"),
    "release": (call(services.revision_release, reason="fine"), {"in_work", "in_review"}, RELEASERS, "released"),
    "obsolete": (
        call(services.revision_obsolete, reason="bad"), {"in_work", "released", "superseded"}, RELEASERS, "obsolete",
    ),
}  # fmt: skip


def revision_in(state: str) -> ProductRevision:
    """Return a revision that came to ``state`` by the services."""
    product = make_product()
    revision = revision_of(product)
    if state == "in_review":
        services.revision_submit(actor=system_actor(), revision_id=revision.pk)
    if state in ("released", "superseded"):
        release(product)
    if state == "superseded":
        services.revision_create(actor=system_actor(), product_id=product.pk)
        release(product)
    if state == "obsolete":
        services.revision_obsolete(actor=system_actor(), revision_id=revision.pk, reason="tests")
    return ProductRevision.objects.get(pk=revision.pk)


@pytest.mark.parametrize("state", RevisionState.values)
def test_every_revision_step_for_every_role(state: str, make_actor: MakeActor) -> None:
    revision = revision_in(state)
    assert revision.state == state
    before = footprint(revision)
    for role, actor in everybody(make_actor).items():
        for name, (step, sources, allowed, target) in STEPS.items():
            reached: list[str] = []
            refusal = attempt(lambda: reached.append(step(actor, revision.pk).state))  # noqa: B023 - called at once
            case = f"{role}: {name} from {state}"
            if role in allowed and state in sources:
                assert (refusal, reached) == (None, [target or state]), case
            elif role in allowed:
                assert refusal is Conflict, case
            elif state in sources:
                assert refusal is PermissionDenied, case
            else:
                assert refusal in (Conflict, PermissionDenied), case
    assert footprint(revision) == before, "a refused step has written something"


@pytest.mark.parametrize("state", RevisionState.values)
def test_what_the_doors_offer_of_a_revision(state: str, make_actor: MakeActor) -> None:
    revision = revision_in(state)
    known = {target: (sources, allowed) for _step, sources, allowed, target in STEPS.values() if target}
    known["superseded"] = ({"released"}, RELEASERS)  # by releasing the next one
    for role, actor in everybody(make_actor).items():
        for option in transition_options(revision, "state", actor):
            sources, allowed = known[option.to]
            assert option.possible == (state in sources and role in allowed), f"{role}: {option.to} from {state}"


@pytest.mark.parametrize(("service", "state"), [("revision_return", "in_review"), ("revision_obsolete", "released")])
def test_a_step_back_or_out_of_use_is_explained(service: str, state: str) -> None:
    revision = revision_in(state)
    with pytest.raises(ValidationFailed) as refusal:
        getattr(services, service)(actor=system_actor(), revision_id=revision.pk, reason=" ")
    assert "reason" in refusal.value.details
    assert ProductRevision.objects.get(pk=revision.pk).state == state


def test_a_revision_step_is_in_the_history(make_actor: MakeActor) -> None:
    revision, analyst = revision_in("in_review"), make_actor("change_analyst")
    services.revision_release(actor=analyst, revision_id=revision.pk, reason="checked twice")
    written = revision.history.order_by("history_date", "history_id").last()
    assert (written.state, written.history_change_reason, written.history_user_id) == (
        "released", "checked twice", analyst.user_id)  # fmt: skip
    event = OutboxEvent.objects.filter(event_type="product_updated", entity_id=revision.product_id).latest("id")
    assert event.event_data["released_revision_id"] == str(revision.pk)
