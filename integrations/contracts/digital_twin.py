"""plm_digital_twin_binding (SPEC §7): a product's digital twin is made with it and follows it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.contracts.base import Contract, Subject
from plm_project.core.actor import Actor
from plm_project.core.decimals import plain
from products.events import COST_UPDATED, LIFECYCLE_PHASE_CHANGED, PRODUCT_CREATED, PRODUCT_UPDATED
from products.models import Product
from products.services import product_integration_set


@dataclass(frozen=True)
class TwinFacts:
    """The product, in our words; costs in plain decimals."""

    product_id: str
    product_name: str
    product_description: str
    product_type: str
    lifecycle_phase: str
    custom_attributes: Mapping[str, Any]
    target_cost: str
    current_cost: str


def wants(subject: Subject) -> bool:
    """Whoever creates a product may say that it gets no twin."""
    return subject.event_type != PRODUCT_CREATED or subject.data.get("auto_create_digital_twin", True) is not False


def gather(subject: Subject) -> TwinFacts:
    """Read the product as it is now."""
    product = Product.all_objects.get(pk=subject.entity_id)
    return TwinFacts(
        product_id=str(product.pk),
        product_name=product.product_name,
        product_description=product.product_description,
        product_type=product.product_type,
        lifecycle_phase=product.lifecycle_phase,
        custom_attributes=product.custom_attributes,
        target_cost=plain(product.target_cost),
        current_cost=plain(product.current_cost),
    )


def to_payload(facts: TwinFacts) -> dict[str, Any]:
    """Rename our fields to theirs."""
    return {
        "twin_source_id": facts.product_id,
        "twin_name": facts.product_name,
        "twin_description": facts.product_description,
        "twin_category": facts.product_type,
        "twin_status": facts.lifecycle_phase,
        "twin_properties": dict(facts.custom_attributes),
        "cost_model": {"target_cost": facts.target_cost, "actual_cost": facts.current_cost},
    }


def take_answer(actor: Actor, product_id: uuid.UUID, answer: Mapping[str, Any]) -> None:
    """Keep the twin's id on the product."""
    product_integration_set(
        actor=actor,
        product_id=product_id,
        changes={"digital_twin_id": answer["twin_id"]},
        reason=_("digital twin %(id)s") % {"id": answer["twin_id"]},
    )


CONTRACT = Contract(
    key="plm_digital_twin_binding",
    version=1,
    neighbour="digital_twin_marketplace",
    title=gettext_lazy("Digital twin"),
    path="/api/v1/digital-twins",
    # compliance_status_changed is the compliance context's, a sibling; its name is fixed by SPEC §6.
    triggers=(
        PRODUCT_CREATED,
        PRODUCT_UPDATED,
        LIFECYCLE_PHASE_CHANGED,
        COST_UPDATED,
        "compliance_status_changed",
    ),
    success=frozenset({201}),
    schema={
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["twin_source_id", "twin_name", "twin_category", "twin_status", "cost_model"],
        "properties": {
            "twin_source_id": {"type": "string", "format": "uuid"},
            "twin_name": {"type": "string", "minLength": 3, "maxLength": 200},
            "twin_description": {"type": "string", "maxLength": 2000},
            "twin_category": {"type": "string"},
            "twin_status": {"type": "string"},
            "twin_properties": {"type": "object"},
            "cost_model": {
                "type": "object",
                "required": ["target_cost", "actual_cost"],
                "properties": {"target_cost": {"type": "string"}, "actual_cost": {"type": "string"}},
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    },
    answer_schema={
        "type": "object",
        "required": ["twin_id"],
        "properties": {"twin_id": {"type": "string", "minLength": 1, "maxLength": 100}},
    },
    gather=gather,
    map=to_payload,
    wants=wants,
    apply=take_answer,
    mapping=(
        ("product_id", "twin_source_id"),
        ("product_name", "twin_name"),
        ("product_description", "twin_description"),
        ("product_type", "twin_category"),
        ("lifecycle_phase", "twin_status"),
        ("custom_attributes", "twin_properties"),
        ("target_cost", "cost_model.target_cost"),
        ("current_cost", "cost_model.actual_cost"),
    ),
)
