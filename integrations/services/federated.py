"""Taking part in a round of federated learning: fit here, send the parameters, keep what comes back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from integrations import permissions
from integrations.contracts import federated as contract
from integrations.models import Delivery, FederatedRound, Target
from integrations.workers import send_after_commit
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, ValidationFailed
from plm_project.core.ids import uuid7
from products.choices import RevisionState
from products.models import ProductRevision

JOINED = "round_joined"
Vector = list[float]


@transaction.atomic
def federated_join(*, actor: Actor, round_key: str) -> FederatedRound:
    """Take part in a round with what the tenant's released products show.

    The model says what a product costs by the number of its lines and the sum of their quantities (least squares).
    Raises ValidationFailed for a bad key, Conflict where no such neighbour is switched on, for fewer samples than
    ``FEWEST``, for samples that are all alike, and for a round that was joined before.
    """
    actor.require(permissions.INTEGRATIONS_OPERATE)
    round_key = round_key.strip()
    if not 0 < len(round_key) <= 100:
        raise ValidationFailed.field("round", _("The name of a round has 1 to 100 characters."))
    target = (
        Target.objects.select_for_update().filter(neighbour_key=contract.CONTRACT.neighbour, is_enabled=True).first()
    )
    if target is None:
        raise Conflict(_("No neighbour for federated learning is configured: nothing was sent."))
    samples = _samples()
    if len(samples) < contract.FEWEST:
        said = _(
            "There are %(count)d released assemblies; %(fewest)d are needed, for fewer could tell of single ones."
        )
        raise Conflict(said % {"count": len(samples), "fewest": contract.FEWEST})
    found = FederatedRound(
        tenant_id=actor.tenant_id, round_key=round_key, sample_count=len(samples), parameters=fitted(samples)
    )
    try:
        with transaction.atomic():
            found.save_as(actor, reason=_("joined"))
    except IntegrityError as error:
        raise Conflict(_("This round was joined before.")) from error
    Delivery(
        tenant_id=actor.tenant_id, target=target, contract_key=contract.CONTRACT.key,
        contract_version=contract.CONTRACT.version, event_id=uuid7(), event_type=JOINED, entity_id=found.pk,
        entity_label=round_key, next_try_at=clock.now(),
    ).save_between_as(actor)  # fmt: skip
    send_after_commit(actor.tenant_id, [(target.pk, target.neighbour_key)])
    return found


def federated_answer(*, actor: Actor, round_id: uuid.UUID, parameters: Sequence[float], participants: int) -> None:
    """Keep what all found together."""
    found = FederatedRound.objects.select_for_update().get(pk=round_id)
    found.joint_parameters, found.participants = list(parameters), participants
    found.save_as(actor, reason=_("what %(count)d found together") % {"count": participants})


def _samples() -> list[tuple[Vector, float]]:
    """Return (features, cost) of every released assembly, in one statement."""
    rows = (
        ProductRevision.objects.filter(state=RevisionState.RELEASED, product__is_deleted=False)
        .order_by()
        .values("pk", "product__current_cost")
        .annotate(line_count=Count("lines"), pieces=Sum("lines__quantity"))
        .values_list("product__current_cost", "line_count", "pieces")
    )
    return [([1.0, float(lines), float(pieces)], float(cost)) for cost, lines, pieces in rows if pieces is not None]


def fitted(samples: Sequence[tuple[Vector, float]]) -> Vector:
    """Return the parameters of least squares, by the normal equations. Raises Conflict where they have no one solution."""
    size = len(samples[0][0])
    table = [
        [sum(x[row] * x[column] for x, _y in samples) for column in range(size)]
        + [sum(x[row] * y for x, y in samples)]
        for row in range(size)
    ]
    for at in range(size):
        pivot = max(range(at, size), key=lambda row: abs(table[row][at]))
        table[at], table[pivot] = table[pivot], table[at]
        if abs(table[at][at]) < 1e-9:
            raise Conflict(_("The assemblies are all alike: nothing can be learnt from them."))
        for row in range(size):
            if row != at:
                factor = table[row][at] / table[at][at]
                table[row] = [value - factor * other for value, other in zip(table[row], table[at], strict=True)]
    solution: Any = [round(table[at][size] / table[at][at], 9) for at in range(size)]
    return list(solution)
