"""Neighbours and deliveries in the admin: to look at, and to send again."""

from integrations.admin.deliveries import DeliveryAdmin
from integrations.admin.machines import FederatedRoundAdmin, SuggestionAdmin
from integrations.admin.targets import TargetAdmin
from integrations.admin.webhooks import WebhookAdmin

__all__ = ["DeliveryAdmin", "FederatedRoundAdmin", "SuggestionAdmin", "TargetAdmin", "WebhookAdmin"]
