"""plm_federated_round: the parameters of a small model, fitted here; the average of everybody's comes back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy

from integrations.contracts.base import Contract, Subject
from integrations.contracts.schemas import message
from plm_project.core.actor import Actor

MODEL = "unit_cost_by_lines_and_quantity"
FEATURES = 3  # 1, the number of lines, the sum of their quantities
FEWEST = 20  # samples: fewer could tell of single products


def gather(subject: Subject) -> Any:
    """Read the round."""
    # By its name: the model knows contracts through the delivery, and so cannot be imported from here.
    return apps.get_model("integrations", "FederatedRound").objects.get(pk=subject.entity_id)  # type: ignore[attr-defined]


def to_payload(found: Any) -> dict[str, Any]:
    """Numbers alone."""
    return {
        "round": found.round_key,
        "model": MODEL,
        "sample_count": found.sample_count,
        "parameters": found.parameters,
    }


def take_answer(actor: Actor, round_id: uuid.UUID, answer: Mapping[str, Any]) -> None:
    """Keep what all found together."""
    from integrations.services.federated import federated_answer

    federated_answer(
        actor=actor, round_id=round_id, parameters=answer["parameters"], participants=answer["participants"]
    )


_PARAMETERS = {"type": "array", "items": {"type": "number"}, "minItems": FEATURES, "maxItems": FEATURES}

CONTRACT = Contract(
    key="plm_federated_round",
    version=1,
    neighbour="federated_learning",
    title=gettext_lazy("Round of learning"),
    path="/api/v1/federated/rounds",
    triggers=(),
    success=frozenset({200}),
    schema=message(
        round={"type": "string", "minLength": 1, "maxLength": 100},
        model={"const": MODEL},
        sample_count={"type": "integer", "minimum": FEWEST},
        parameters=_PARAMETERS,
    ),
    answer_schema={
        "type": "object",
        "required": ["parameters", "participants"],
        "properties": {"parameters": _PARAMETERS, "participants": {"type": "integer", "minimum": 1}},
    },
    gather=gather,
    map=to_payload,
    apply=take_answer,
    mapping=(("round_key", "round"),),
)
