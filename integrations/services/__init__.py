"""Writes of the integrations context."""

from integrations.services.callbacks import callback_secret_change, callback_take
from integrations.services.catching_up import neighbour_catch_up
from integrations.services.making import deliveries_make
from integrations.services.operating import deliveries_replay, delivery_assign, delivery_discard, delivery_replay
from integrations.services.sending import deliveries_send, due_targets
from integrations.services.suggestions import suggestion_ask, suggestion_judge
from integrations.services.targets import target_remove, target_save, target_try
from integrations.services.webhooks import (
    webhook_create,
    webhook_ping,
    webhook_remove,
    webhook_secret_change,
    webhook_update,
)

__all__ = [
    "callback_secret_change",
    "callback_take",
    "deliveries_make",
    "deliveries_replay",
    "deliveries_send",
    "delivery_assign",
    "delivery_discard",
    "delivery_replay",
    "due_targets",
    "neighbour_catch_up",
    "suggestion_ask",
    "suggestion_judge",
    "target_remove",
    "target_save",
    "target_try",
    "webhook_create",
    "webhook_ping",
    "webhook_remove",
    "webhook_secret_change",
    "webhook_update",
]
