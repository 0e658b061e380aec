"""Asking a machine about a product, keeping what it says, judging it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from integrations import permissions
from integrations.choices import Question, SuggestionState
from integrations.contracts import suggestion as asking
from integrations.models import Delivery, Suggestion, Target
from integrations.workers import send_after_commit
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, ValidationFailed
from plm_project.core.ids import uuid7
from plm_project.tenancy.states import step
from products.selectors.records import product_get

ASKED_EVENT = "suggestion_asked"


@transaction.atomic
def suggestion_ask(*, actor: Actor, product_id: uuid.UUID, question: str) -> Suggestion:
    """Ask about a product; the answer comes by itself. Raises Conflict where no such neighbour is switched on, or the
    same is asked and not answered yet; ValidationFailed for an unknown question, NotFound.
    """
    actor.require(permissions.SUGGESTIONS_ASK)
    product = product_get(product_id)
    if question not in Question.values:
        raise ValidationFailed.field("question", _("Unknown question: %(question)s") % {"question": question[:40]})
    target = (
        Target.objects.select_for_update().filter(neighbour_key=asking.CONTRACT.neighbour, is_enabled=True).first()
    )
    if target is None:
        raise Conflict(_("No AI is configured: nobody was asked."))
    if Suggestion.objects.filter(product=product, question=question, state=SuggestionState.ASKED).exists():
        raise Conflict(_("This is asked already; the answer is on its way."))
    suggestion = Suggestion(tenant_id=actor.tenant_id, product=product, question=question)
    suggestion.save_as(actor, reason=_("asked"))
    Delivery(
        tenant_id=actor.tenant_id,
        target=target,
        contract_key=asking.CONTRACT.key,
        contract_version=asking.CONTRACT.version,
        event_id=uuid7(),
        event_type=ASKED_EVENT,
        entity_id=suggestion.pk,
        entity_label=product.product_number,
        next_try_at=clock.now(),
    ).save_between_as(actor)
    send_after_commit(actor.tenant_id, [(target.pk, target.neighbour_key)])
    return suggestion


def suggestion_answer(
    *,
    actor: Actor,
    suggestion_id: uuid.UUID,
    text: str,
    confidence: Decimal,
    evidence: Sequence[dict[str, str]],
    model_name: str,
) -> Suggestion:
    """Keep an answer with what it rests on. A second answer to the same question changes nothing."""
    suggestion = _locked(suggestion_id)
    if suggestion.state != SuggestionState.ASKED:
        return suggestion
    step(suggestion, "state", SuggestionState.ANSWERED, actor)
    suggestion.text, suggestion.confidence, suggestion.model_name = text, round(confidence, 3), model_name
    suggestion.evidence, suggestion.answered_at = list(evidence), clock.now()
    return suggestion.save_as(actor, reason=_("answered by %(model)s") % {"model": model_name})


@transaction.atomic
def suggestion_judge(*, actor: Actor, suggestion_id: uuid.UUID, to: str, reason: str = "") -> Suggestion:
    """Find it good (accepted) or not (dismissed, with a reason). Nothing else changes: what it proposes is done by hand."""
    actor.require(permissions.SUGGESTIONS_ASK)
    suggestion = _locked(suggestion_id)
    if to not in (SuggestionState.ACCEPTED, SuggestionState.DISMISSED):
        raise ValidationFailed.field("to", _("Accepted or dismissed."))
    suggestion.transition_reason = reason
    step(suggestion, "state", to, actor)
    suggestion.reason = reason.strip()[:1000]
    return suggestion.save_as(actor, reason=suggestion.reason or str(suggestion.get_state_display()))


def _locked(suggestion_id: uuid.UUID) -> Any:
    rows = Suggestion.objects.select_for_update(of=("self",)).select_related("product")
    suggestion = rows.filter(pk=suggestion_id).first()
    if suggestion is None:
        raise NotFound(_("There is no such suggestion."))
    return suggestion
