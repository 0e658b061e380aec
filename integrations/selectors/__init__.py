"""Reads of the integrations context."""

from integrations.selectors.board import Standing, board
from integrations.selectors.callbacks import callback_address, callbacks_of
from integrations.selectors.deliveries import (
    Decision,
    DeliveryFilter,
    delivery_changes,
    delivery_decisions,
    delivery_get,
    delivery_list,
    waiting_behind,
)
from integrations.selectors.health import Health, integrations_health
from integrations.selectors.suggestions import SuggestionFilter, suggestion_list
from integrations.selectors.webhooks import webhook_get, webhook_list

__all__ = [
    "Decision",
    "DeliveryFilter",
    "Health",
    "Standing",
    "SuggestionFilter",
    "board",
    "callback_address",
    "callbacks_of",
    "delivery_changes",
    "delivery_decisions",
    "delivery_get",
    "delivery_list",
    "integrations_health",
    "suggestion_list",
    "waiting_behind",
    "webhook_get",
    "webhook_list",
]
