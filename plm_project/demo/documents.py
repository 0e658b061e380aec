"""Plays the demo's documents: drawings and models made in code, a test report, each registered by whoever drew it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core.files.base import ContentFile

from changes.models import EngineeringChange
from changes.services import change_document_add
from plm_project.accounts.actors import actor_for_user
from plm_project.accounts.models import User
from plm_project.core import clock
from plm_project.core.actor import Actor, acting_as
from plm_project.demo.drawings import Box, Circle, disc, plate, sheet
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.choices import RevisionState
from products.models import Document, Product
from products.services.document_revisions import document_revision_move
from products.services.documents import document_create

ROTOR: list[Circle | Box] = [Circle(110, 115, 90), Circle(110, 115, 70), Circle(110, 115, 17)]
ROTOR += [Circle(110 + x, 115 + y, 2.6) for x, y in ((22, 0), (11, 19), (-11, 19), (-22, 0), (-11, -19), (11, -19))]
ADAPTER: list[Circle | Box] = [
    Box(40, 70, 130, 80),
    *(Circle(x, y, 4) for x in (55, 155) for y in (85, 135)),
    Circle(105, 110, 18),
]
REPORT = """TR-26-131 Reading distance of the display in sunlight

Six riders read speed and charge at noon, with the sun behind them. With the grey display four of six looked for longer
than a second; with the colour display nobody did. Brightness 800 cd/m2, measured in the middle of the screen.

This report belongs to the demo of a PLM system. Company, product and test are invented.
"""


@dataclass(frozen=True)
class _Paper:
    """One document. ``released_on`` is empty while it is in work; with ``for_change`` it belongs to
    the draft that changes its product."""

    title: str
    kind: str
    product: str
    by: str
    on: dt.date
    file: str
    content: bytes
    released_on: dt.date | None = None
    for_change: bool = False


def _papers() -> list[_Paper]:
    rotor, adapter = ["Steel 1.4028, hardened", "Flat to 0.1 mm"], ["EN AW-6082 T6", "Edges broken 0.3 mm"]
    drawing = sheet("Brake rotor 180 mm, six-bolt", "VF-170-0016", rotor, ROTOR)
    planned = sheet("Adapter plate", "VF-900-0006", adapter, ADAPTER)
    day = dt.date
    return [
        _Paper("Brake rotor 180 mm, drawing", "drawing", "VF-170-0016", "marta", day(2026, 8, 12), "rotor-180.pdf",
               drawing, released_on=day(2026, 8, 19)),
        _Paper("Brake rotor 180 mm, model", "model", "VF-170-0016", "marta", day(2026, 8, 12), "rotor-180.stl",
               disc(90, 17, 1.8, holes=12, around=1.2), released_on=day(2026, 8, 19)),
        _Paper("Adapter plate, drawing", "drawing", "VF-900-0006", "marta", day(2026, 11, 4), "adapter-plate.pdf", planned),
        _Paper("Adapter plate, model", "model", "VF-900-0006", "marta", day(2026, 11, 4), "adapter-plate.stl",
               plate(130, 80, 8)),
        _Paper("Reading distance of the display in sunlight", "specification", "VF-150-0001", "tomasz", day(2026, 11, 16),
               "TR-26-131.txt", REPORT.encode(), for_change=True),
    ]  # fmt: skip


def documents_play(tenant: Tenant, people: dict[str, User]) -> None:
    """Register them. The catalogue and the changes are there already."""
    with tenant_scope(tenant.pk):
        for paper in _papers():
            actor = actor_for_user(people[paper.by], tenant.pk)
            with acting_as(actor):
                with clock.fixed(_morning(paper.on)):
                    document = _register(actor, paper)
                if paper.released_on is not None:
                    with clock.fixed(_morning(paper.released_on)):
                        _release(actor, actor_for_user(people["ilse"], tenant.pk), document)


def _register(actor: Actor, paper: _Paper) -> Document:
    product = Product.objects.get(product_number=paper.product)
    document = document_create(
        actor=actor,
        data={"title": paper.title, "document_type": paper.kind},
        upload=ContentFile(paper.content),
        file_name=paper.file,
        product_id=product.pk,
    )
    if paper.for_change:
        change = EngineeringChange.objects.get(affected__product=product, status="draft")
        change_document_add(actor=actor, change_id=change.pk, document_id=document.pk)
    return document


def _release(author: Actor, approver: Actor, document: Document) -> None:
    revision = document.revisions.get()
    document_revision_move(
        actor=author, revision_id=revision.pk, to=RevisionState.IN_REVIEW, reason="drawn and checked"
    )
    document_revision_move(
        actor=approver, revision_id=revision.pk, to=RevisionState.RELEASED, reason="fit for purchase"
    )


def _morning(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, 8, 40, tzinfo=dt.UTC)
