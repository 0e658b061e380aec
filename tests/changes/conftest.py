"""People in their roles, and a lamp that is released and can be changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from changes.models import ChangePolicy, EngineeringChange
from changes.services import change_create, change_policy_update, change_submit, redline_add
from plm_project.core.actor import Actor
from plm_project.outbox.models import OutboxEvent
from products.models import BomLine, Product, ProductRevision
from tests.conftest import MakeActor
from tests.factories import make_line, make_product, release
from tests.signing import change_approve

COMPLETE = {"change_title": "Brighter lamp", "reason_for_change": "Customers ask for more light."}


@dataclass
class People:
    """One actor for each part that somebody plays."""

    author: Actor
    analyst: Actor
    manager: Actor
    technical: Actor
    viewer: Actor


@dataclass
class Lamp:
    """LAMP rev A, released: 10 BULB ×1, 20 SCREW ×4 (S1, S2), 30 CABLE 1.5 m. GLASS and SOCKET exist beside it."""

    product: Product
    base: ProductRevision
    bulb: BomLine
    screw: BomLine
    cable: BomLine
    glass: Product
    socket: Product


@pytest.fixture
def people(make_actor: MakeActor, scope: None) -> People:
    return People(
        author=make_actor("engineer"),
        analyst=make_actor("change_analyst"),
        manager=make_actor("plm_manager"),
        technical=make_actor("technical_approver"),
        viewer=make_actor("viewer"),
    )


@pytest.fixture
def three(people: People, make_actor: MakeActor) -> list[Actor]:
    others = [make_actor("technical_approver", email=f"{name}@acme.example") for name in ("second", "third")]
    return [people.technical, *others]


def parts_first(people: People, wanted: bool) -> None:
    """Switch the rule that the parts of what is released are released too."""
    policy = ChangePolicy.objects.get()
    change_policy_update(actor=people.manager, policy_id=policy.pk, changes={"children_released": wanted})


@pytest.fixture
def lamp(scope: None) -> Lamp:
    return make_lamp()


@pytest.fixture
def empty(people: People, lamp: Lamp) -> EngineeringChange:
    """A draft with the lamp and without redlines."""
    return change_create(actor=people.author, data=COMPLETE, affected=[lamp.product.pk])


def make_lamp(number: str = "LAMP") -> Lamp:
    bulb, screw = make_product(f"{number}-BULB"), make_product(f"{number}-SCREW", unit_of_measure="pack")
    cable = make_product(f"{number}-CABLE", unit_of_measure="m")
    product = make_product(number)
    lines = [
        make_line(product, bulb, 1),
        make_line(product, screw, 4, reference_designators=("S1", "S2")),
        make_line(product, cable, "1.5"),
    ]
    glass, socket = make_product(f"{number}-GLASS"), make_product(f"{number}-SOCKET")
    for part in (bulb, screw, cable, glass, socket):
        release(part)
    base = release(product)
    return Lamp(product, base, *lines, glass, socket)


@pytest.fixture
def draft(people: People, lamp: Lamp) -> EngineeringChange:
    """A complete draft with two redlines: four screws become six, the bulb becomes a glass."""
    return make_draft(people.author, lamp)


def make_draft(author: Actor, lamp: Lamp, **data: Any) -> EngineeringChange:
    change = change_create(actor=author, data={**COMPLETE, **data}, affected=[lamp.product.pk])
    for line, operation, values in (
        (lamp.screw, "quantity", {"quantity": 6}),
        (lamp.bulb, "replace", {"child_id": lamp.glass.pk}),
    ):
        redline_add(actor=author, change_id=change.pk, operation=operation, line_id=line.pk, values=values)
    return fresh(change)


def submitted(people: People, change: EngineeringChange) -> EngineeringChange:
    return change_submit(actor=people.author, change_id=change.pk)


def approved(people: People, change: EngineeringChange) -> EngineeringChange:
    submitted(people, change)
    return change_approve(actor=people.technical, change_id=change.pk, comment="fine")


def fresh(change: EngineeringChange) -> EngineeringChange:
    return EngineeringChange.objects.get(pk=change.pk)


def events_of(event_type: str) -> list[OutboxEvent]:
    return list(OutboxEvent.objects.filter(event_type=event_type).order_by("id"))


def footprint() -> dict[str, int]:
    """How many rows of everything there are: a refused call leaves this as it was."""
    from django.apps import apps

    from plm_project.tenancy.references import is_tenant_owned

    models = [model for model in apps.get_models(include_auto_created=True) if is_tenant_owned(model)]
    return {model._meta.label: getattr(model, "all_objects", model._base_manager).count() for model in models}


@pytest.fixture
def nothing_happens() -> Iterator[None]:
    """Check that the test left no row, no event and no history behind."""
    before = footprint()
    yield
    assert footprint() == before


@pytest.fixture
def refused() -> Iterator[Callable[..., Any]]:
    """Call with the refusal and the service: what is refused leaves no row, no history and no event."""

    def call(refusal: type[Exception], service: Callable[..., Any], **kwargs: Any) -> Any:
        before = footprint()
        with pytest.raises(refusal) as caught:
            service(**kwargs)
        assert footprint() == before
        return caught.value

    yield call
