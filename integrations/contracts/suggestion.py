"""plm_ai_suggestion: a person asks about a product; the answer comes back with what it rests on."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy

from integrations.contracts.base import Contract, Subject
from integrations.contracts.schemas import EXACT, ID, TEXT, listing, message, record
from plm_project.core.actor import Actor
from plm_project.core.decimals import plain
from products.models import BomLine, Product
from products.selectors.records import current_bom

MOST_LINES = 200  # of the bill of material that go with the question


@dataclass(frozen=True)
class QuestionFacts:
    """The question, the product, and what it is made of."""

    suggestion_id: str
    question: str
    product: Product
    lines: tuple[BomLine, ...]


def gather(subject: Subject) -> QuestionFacts:
    """Read the product as it is now."""
    # By its name: the model knows contracts through the delivery, and so cannot be imported from here.
    suggestion: Any = (
        apps.get_model("integrations", "Suggestion").objects.select_related("product").get(pk=subject.entity_id)
    )
    _revision, lines = current_bom(suggestion.product)
    return QuestionFacts(str(suggestion.pk), suggestion.question, suggestion.product, tuple(lines[:MOST_LINES]))


def to_payload(facts: QuestionFacts) -> dict[str, Any]:
    """Say what the product is. Who asked stays here."""
    product = facts.product
    return {
        "request_id": facts.suggestion_id,
        "task": facts.question,
        "subject": {
            "number": product.product_number,
            "name": product.product_name,
            "description": product.product_description,
            "type": product.product_type,
            "phase": product.lifecycle_phase,
            "unit_cost": plain(product.current_cost),
            "parts": [{"part_id": str(line.child_id), "quantity": plain(line.quantity)} for line in facts.lines],
        },
    }


def take_answer(actor: Actor, suggestion_id: uuid.UUID, answer: Mapping[str, Any]) -> None:
    """Keep the answer with its evidence."""
    from integrations.services.suggestions import suggestion_answer

    suggestion_answer(
        actor=actor,
        suggestion_id=suggestion_id,
        text=answer["suggestion"],
        confidence=Decimal(str(answer["confidence"])),
        evidence=[{"source": row["source"], "quote": row["quote"]} for row in answer["evidence"]],
        model_name=answer["model"],
    )


_SHORT = {**TEXT, "maxLength": 2000}

CONTRACT = Contract(
    key="plm_ai_suggestion",
    version=1,
    neighbour="ai_orchestration",
    title=gettext_lazy("Suggestion on a product"),
    path="/api/v1/ai/suggestions",
    triggers=(),
    success=frozenset({200}),
    schema=message(
        request_id=ID,
        task={"enum": ["alternates", "cost", "compliance", "description"]},
        subject=record(
            number=TEXT,
            name=TEXT,
            description=TEXT,
            type=TEXT,
            phase=TEXT,
            unit_cost=EXACT,
            parts=listing(record(part_id=ID, quantity=EXACT)),
        ),
    ),
    answer_schema={
        "type": "object",
        "required": ["suggestion", "confidence", "evidence", "model"],
        "properties": {
            "suggestion": {"type": "string", "minLength": 1, "maxLength": 10_000},
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            "model": {"type": "string", "minLength": 1, "maxLength": 100},
            # An answer without anything that it rests on is refused.
            "evidence": {
                **listing(
                    {
                        "type": "object",
                        "required": ["source", "quote"],
                        "properties": {"source": _SHORT, "quote": _SHORT},
                    }
                ),
                "minItems": 1,
                "maxItems": 50,
            },
        },
    },
    gather=gather,
    map=to_payload,
    apply=take_answer,
    mapping=(
        ("question", "task"),
        ("product_number", "subject.number"),
        ("current_cost", "subject.unit_cost"),
        ("quantity", "subject.parts.quantity"),
    ),
)
