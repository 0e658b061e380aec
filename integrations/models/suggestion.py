"""What somebody asked a machine about a product, and what it said."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from integrations.choices import Question, SuggestionState
from integrations.lifecycle import SuggestionLifecycle
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from plm_project.tenancy.states import Guarded


class Suggestion(Guarded, SuggestionLifecycle, TenantRecord):
    """A question about a product with its answer. ``evidence`` is a list of {source, quote}: what the answer rests on.

    ``confidence`` is what the other side gives itself, from 0 to 1; ``model_name`` says which model answered. A
    suggestion changes nothing: accepted means that a person finds it good.
    """

    product = models.ForeignKey("products.Product", on_delete=models.PROTECT, related_name="suggestions")
    question = models.CharField(_("question"), max_length=20, choices=Question.choices)
    state = FSMField(
        _("state"), max_length=12, choices=SuggestionState.choices, default=SuggestionState.ASKED, protected=True
    )
    text = models.TextField(_("suggestion"), max_length=10_000, blank=True, default="")
    confidence = models.DecimalField(
        _("confidence"), max_digits=4, decimal_places=3, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )  # fmt: skip
    evidence = models.JSONField(_("evidence"), default=list, blank=True)
    model_name = models.CharField(_("model"), max_length=100, blank=True, default="")
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=1000, blank=True, default="")

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["product", "-id"], name="integrations_suggestions"),
            models.Index(fields=["tenant", "state", "-id"], name="integrations_suggested"),
        ]

    def __str__(self) -> str:
        return f"{self.product.product_number}: {self.get_question_display()}"
