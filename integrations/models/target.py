"""Where one neighbour of the tenant is reached."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.clients.call import Endpoint
from integrations.neighbours import WEBHOOK, Neighbour, receiver
from integrations.sealing import seal, unseal
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory


class Target(TenantRecord):
    """One neighbour as this tenant has configured it. Without a row, or switched off, nothing is sent.

    The token lies encrypted and is never shown again, and so do the secrets that its callbacks are signed with.
    ``allow_private`` lets calls go into this installation's own network; the installation must permit it too
    (INTEGRATIONS_ALLOW_PRIVATE).
    """

    neighbour_key = models.CharField(_("neighbour"), max_length=60, editable=False)
    base_url = models.CharField(_("address"), max_length=500)
    sealed_token = models.TextField(blank=True, default="", editable=False)
    token_set_at = models.DateTimeField(_("token set"), null=True, blank=True, editable=False)
    sealed_callback_secret = models.TextField(blank=True, default="", editable=False)
    sealed_callback_before = models.TextField(blank=True, default="", editable=False)
    callback_before_until = models.DateTimeField(null=True, blank=True, editable=False)
    is_enabled = models.BooleanField(_("switched on"), default=True)
    allow_private = models.BooleanField(_("may be inside our network"), default=False)

    # What is kept of old tokens is nothing, not even encrypted.
    history = TenantHistory(excluded_fields=["sealed_token", "sealed_callback_secret", "sealed_callback_before"])

    class Meta(TenantRecord.Meta):
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering: ClassVar = ["neighbour_key"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "neighbour_key"],
                condition=models.Q(is_deleted=False) & ~models.Q(neighbour_key=WEBHOOK.key),
                name="integrations_one_target_per_neighbour",
            )
        ]

    def __str__(self) -> str:
        return self.webhook.name if self.is_webhook else str(self.neighbour.name)

    @property
    def neighbour(self) -> Neighbour:
        """Who it is."""
        return receiver(self.neighbour_key)

    @property
    def is_webhook(self) -> bool:
        """Whether it is no neighbour but somebody's webhook."""
        return self.neighbour_key == WEBHOOK.key

    @property
    def breaker_key(self) -> str:
        """What its circuit breaker goes by: a neighbour's key, or a webhook's own."""
        return f"{WEBHOOK.key}.{self.pk}" if self.is_webhook else self.neighbour_key

    @property
    def has_token(self) -> bool:
        """Whether calls carry a token."""
        return bool(self.sealed_token)

    def callback_secrets(self, moment: dt.datetime) -> list[str]:
        """Return the secrets by which its callbacks may be signed at a moment; none: it may send none."""
        still = self.callback_before_until is not None and self.callback_before_until > moment
        sealed = [self.sealed_callback_secret, *([self.sealed_callback_before] if still else [])]
        return [unseal(text) for text in sealed if text]

    def take_token(self, token: str, moment: Any) -> None:
        """Keep a token, or none."""
        self.sealed_token = seal(token)
        self.token_set_at = moment if token else None

    def endpoint(self, *, private_allowed: bool) -> Endpoint:
        """Return what a call needs."""
        return Endpoint(
            neighbour=self.breaker_key,
            base_url=self.base_url,
            tenant_id=self.tenant_id,
            token=unseal(self.sealed_token),
            allow_private=self.allow_private and private_allowed,
        )
