"""What somebody asks for, before it is a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from changes.choices import ChangeType, Priority, RequestStatus, Urgency
from changes.request_lifecycle import RequestLifecycle
from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from plm_project.tenancy.states import Guarded

if TYPE_CHECKING:
    from products.models import Product

MAX_REQUEST_TEXT = 5000
MAX_ANSWER = 500
ANSWERED = (RequestStatus.ACCEPTED, RequestStatus.DONE)  # by a change, which they name


class ChangeRequest(Guarded, RequestLifecycle, TenantRecord):
    """One change request: a person or a neighbouring system asks, a change analyst answers (ADR 0028).

    Its number is the tenant's next one, without gaps or repeats. Who asks is ``created_by``. ``order`` is the change that
    answers it while it is accepted or done; one change may answer several requests, and a change needs none. ``answer``
    is what was said last by who answered: why it was declined, or what goes with it being accepted. ``status`` changes
    through transitions alone (``changes/request_lifecycle.py``).
    """

    request_number = models.CharField(_("number"), max_length=20, editable=False)
    title = models.CharField(_("title"), max_length=200, validators=[MinLengthValidator(3)])
    description = models.TextField(_("what is wrong"), validators=[MaxLengthValidator(MAX_REQUEST_TEXT)])
    proposal = models.TextField(
        _("what is wanted"), blank=True, default="", validators=[MaxLengthValidator(MAX_REQUEST_TEXT)]
    )
    change_type = models.CharField(_("type"), max_length=30, choices=ChangeType, default=ChangeType.DESIGN)
    priority = models.CharField(_("priority"), max_length=10, choices=Priority, default=Priority.MEDIUM)
    urgency = models.CharField(_("urgency"), max_length=10, choices=Urgency, default=Urgency.NORMAL)
    status = FSMField(
        _("status"), max_length=20, choices=RequestStatus.choices, default=RequestStatus.OPEN, protected=True
    )
    order = models.ForeignKey(
        "changes.EngineeringChange",
        verbose_name=_("change"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="requests",
        editable=False,
    )
    answer = models.TextField(
        _("answer"), blank=True, default="", validators=[MaxLengthValidator(MAX_ANSWER)], editable=False
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("change request")
        verbose_name_plural = _("change requests")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "request_number"], name="changes_request_number_once"),
            models.CheckConstraint(
                condition=models.Q(status__in=ANSWERED, order__isnull=False)
                | (~models.Q(status__in=ANSWERED) & models.Q(order__isnull=True)),
                name="changes_request_accepted_by_order",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="changes_requests_newest"),
            models.Index(fields=["tenant", "status"], name="changes_requests_by_status"),
            models.Index(fields=["tenant", "created_by"], name="changes_requests_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.request_number} {self.title}"

    def get_absolute_url(self) -> str:
        """The request's page."""
        return reverse("changes:request-detail", args=[self.pk])

    def clean(self) -> None:
        """Spaces say nothing."""
        faults = {name: _("Say it in words.") for name in ("title", "description") if not getattr(self, name).strip()}
        if faults:
            raise ValidationError(faults)

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer, and may be edited by who asked."""
        return self.status == RequestStatus.OPEN

    def products_asked(self) -> list[Product]:
        """Return the products it is about, in the order they were named, from what was read already where it was."""
        return [row.product for row in self.products.all()]


class RequestProduct(TenantRecord):
    """One product that a change request is about."""

    request = models.ForeignKey(ChangeRequest, on_delete=models.PROTECT, related_name="products")
    product = models.ForeignKey("products.Product", on_delete=models.PROTECT, related_name="asked_to_change_by")

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("product of a change request")
        verbose_name_plural = _("products of change requests")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["request", "product"],
                condition=models.Q(is_deleted=False),
                name="changes_product_once_per_request",
            )
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.product_id}"
