"""Targets, webhooks, deliveries, attempts, callbacks."""

from integrations.models.callback import CallbackReceipt
from integrations.models.delivery import Attempt, Delivery
from integrations.models.federated import FederatedRound
from integrations.models.suggestion import Suggestion
from integrations.models.target import Target
from integrations.models.webhook import Webhook

__all__ = ["Attempt", "CallbackReceipt", "Delivery", "FederatedRound", "Suggestion", "Target", "Webhook"]
