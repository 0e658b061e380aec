"""Events and who has received them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.core import clock
from plm_project.core.json_form import PlainEncoder
from plm_project.tenancy.base import TenantScoped


class OutboxEvent(TenantScoped):
    """One thing that happened (SPEC §6). The primary key is the event_id.

    ``position`` counts the events of one entity from 1. It follows the entity's history, because a service locks the
    entity before it publishes; there is no order between entities, and so nothing that all writers would wait for.
    """

    event_type = models.CharField(max_length=60)
    entity_type = models.CharField(max_length=60)
    entity_id = models.UUIDField()
    user_id = models.UUIDField(null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True, default="")
    event_data = models.JSONField(default=dict, encoder=PlainEncoder)
    timestamp = models.DateTimeField(default=clock.now)
    position = models.PositiveIntegerField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantScoped.Meta):
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "entity_id", "position"], name="outbox_position_once_per_entity")
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "id"], name="outbox_unsettled", condition=models.Q(settled_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.entity_id}"


class Delivery(TenantScoped):
    """One event for one subscriber: its attempts, and when it was taken. Unique, so nobody takes an event twice."""

    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.CharField(max_length=100)
    attempts = models.PositiveIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True, default="")

    class Meta(TenantScoped.Meta):
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "subscriber"], name="outbox_one_delivery_per_subscriber")
        ]

    def __str__(self) -> str:
        return f"{self.subscriber}: {self.event}"
