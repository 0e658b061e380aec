"""The states of a delivery, and what an attempt came to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeliveryState(models.TextChoices):
    """waiting → sending → delivered; back to waiting to try again; review when a person has to look; discarded by one."""

    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Sending")
    DELIVERED = "delivered", _("Delivered")
    REVIEW = "review", _("For review")
    DISCARDED = "discarded", _("Discarded")


# What still has to arrive: later news of the same entity waits for it.
OPEN_STATES = frozenset({DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.REVIEW})


class Question(models.TextChoices):
    """What a suggestion on a product can be asked about."""

    ALTERNATES = "alternates", _("Parts that could stand for it")
    COST = "cost", _("How it could cost less")
    COMPLIANCE = "compliance", _("What could speak against it in a market")
    DESCRIPTION = "description", _("A better description")


class SuggestionState(models.TextChoices):
    """asked → answered → accepted or dismissed by a person, who may think again."""

    ASKED = "asked", _("Asked")
    ANSWERED = "answered", _("Answered")
    ACCEPTED = "accepted", _("Accepted")
    DISMISSED = "dismissed", _("Dismissed")


class Outcome(models.TextChoices):
    """What one call came to. ``RETRYABLE`` may go well the next time; the rest is the same again, so a person looks."""

    SUCCESS = "success", _("Success")
    NETWORK = "network", _("No connection")
    TIMEOUT = "timeout", _("Too slow")
    SERVER_ERROR = "server_error", _("Fault over there")
    REFUSED = "refused", _("Refused")
    REDIRECT = "redirect", _("Sent elsewhere")
    TOO_LARGE = "too_large", _("Answer too large")
    MALFORMED = "malformed", _("Answer not understood")
    ADDRESS = "address", _("Address not allowed")
    INVALID = "invalid", _("Not fit to send")


RETRYABLE = frozenset({Outcome.NETWORK, Outcome.TIMEOUT, Outcome.SERVER_ERROR})
