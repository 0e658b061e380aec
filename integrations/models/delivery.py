"""One piece of news for one target, and every attempt to bring it."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from integrations.choices import OPEN_STATES, DeliveryState, Outcome
from integrations.contracts.base import Contract, Subject
from integrations.contracts.registry import contract
from integrations.lifecycle import DeliveryLifecycle
from integrations.models.target import Target
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.tenancy.base import TenantRecord, TenantScoped
from plm_project.tenancy.history import TenantHistory
from plm_project.tenancy.states import Guarded


class Delivery(Guarded, DeliveryLifecycle, TenantRecord):
    """What one contract owes one target after one event. There is one per event, contract and target, whatever
    happens twice.

    ``payload`` is what was sent, made at the first attempt and kept for every later one: the same Idempotency-Key
    never carries two contents. Until then it is None. ``before`` is what ``contract.begin`` returned, for going back.

    ``lease_until`` is how long whoever sends it may take; after that its worker counts as dead and another takes it up.
    ``reason`` says in a sentence why it waits for a person, or why one discarded it.

    Its attempts tell what was sent and answered; its history tells what people decided about it, and nothing else:
    whoever sends saves with ``save_between_as``.
    """

    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="deliveries")
    contract_key = models.CharField(_("contract"), max_length=80)
    contract_version = models.PositiveIntegerField(_("contract version"), default=1)
    event_id = models.UUIDField(_("event"))
    event_type = models.CharField(_("event type"), max_length=60)
    event_data = models.JSONField(default=dict, editable=False)
    entity_id = models.UUIDField(_("about"))
    entity_label = models.CharField(_("about"), max_length=200, blank=True, default="")
    state = FSMField(
        _("state"), max_length=12, choices=DeliveryState.choices, default=DeliveryState.WAITING, protected=True
    )
    payload = models.JSONField(_("payload"), null=True, blank=True, default=None)
    answer = models.JSONField(_("answer"), null=True, blank=True, default=None)
    before = models.JSONField(null=True, blank=True, default=None, editable=False)
    attempt_count = models.PositiveIntegerField(_("attempts"), default=0)
    failed_in_row = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(_("next try"), default=clock.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=1000, blank=True, default="")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("taken on by"),
    )  # fmt: skip

    history = TenantHistory(excluded_fields=["payload", "answer", "before", "event_data"])

    class Meta(TenantRecord.Meta):
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "event_id", "contract_key", "target"], name="integrations_one_delivery_per_event"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["tenant", "target", "next_try_at"],
                name="integrations_due",
                condition=models.Q(state__in=[DeliveryState.WAITING, DeliveryState.SENDING]),
            ),
            models.Index(
                fields=["entity_id", "target", "id"],
                name="integrations_open_of_entity",
                condition=models.Q(state__in=sorted(OPEN_STATES)),
            ),
            models.Index(fields=["tenant", "state", "-id"], name="integrations_by_state"),
            models.Index(fields=["tenant", "entity_id"], name="integrations_about"),
        ]

    def __str__(self) -> str:
        return f"{self.contract_key}: {self.entity_label or self.entity_id}"

    def get_absolute_url(self) -> str:
        """Return its page."""
        return reverse("integrations:delivery", args=[self.pk])

    def save_between_as(self, actor: Actor) -> Self:
        """Save a step between two decisions of people: without a line in the history."""
        self.skip_history_when_saving = True
        try:
            return self.save_as(actor, reason="")
        finally:
            del self.skip_history_when_saving

    @property
    def contract(self) -> Contract:
        """What it keeps."""
        return contract(self.contract_key)

    @property
    def subject(self) -> Subject:
        """The event, in the contract's words."""
        return Subject(self.event_id, self.event_type, self.entity_id, self.event_data)

    @property
    def idempotency_key(self) -> str:
        """What tells the other side that two calls are one: the same for every attempt."""
        return f"{self.event_id}:{self.contract_key}"

    @property
    def is_open(self) -> bool:
        """Whether it has still to arrive."""
        return self.state in OPEN_STATES


class Attempt(TenantScoped):
    """One call: when, how long, and what came back (secrets masked). Written once, never changed."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField(_("number"))
    started_at = models.DateTimeField(_("started"))
    milliseconds = models.PositiveIntegerField(_("milliseconds"), default=0)
    status = models.PositiveIntegerField(_("HTTP status"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices)
    text = models.TextField(_("answer"), blank=True, default="")

    class Meta(TenantScoped.Meta):
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["delivery", "number"], name="integrations_attempt_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "-started_at"], name="integrations_lately")]

    def __str__(self) -> str:
        return f"{self.number}: {self.outcome}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write it once. Raises IntegrityError for one that is stored already."""
        super().save(*args, **{**kwargs, "force_insert": True})
