"""One record: what was found, what it stands on, what can be done; and the tab of the product page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views import View

from compliance import permissions
from compliance.choices import ComplianceStatus
from compliance.downloads import evidence_response
from compliance.forms import AsOfForm, EvidenceForm, EvidenceRemoveForm, MarketsForm, RecordStepForm
from compliance.models import ComplianceRecord, Evidence
from compliance.selectors import evidence_list, record_get, record_history, structure_statuses
from compliance.selectors.product import ProductCompliance, product_compliance
from compliance.services import evidence_add, evidence_remove, product_markets_set, record_move
from plm_project.core import clock
from plm_project.core.exceptions import NotFound
from plm_project.tenancy.states import TransitionOption, transition_options
from plm_project.web.views import PageFormView, PageMixin, PageView
from products.models import Product
from products.selectors.graph import structure_load
from products.selectors.records import product_get
from products.selectors.resolution import Resolution

CAUSES_SHOWN = 25
VERBS = {
    ComplianceStatus.IN_PROGRESS: _("Start assessment"),
    ComplianceStatus.COMPLIANT: _("Compliant"),
    ComplianceStatus.NON_COMPLIANT: _("Non-compliant"),
    ComplianceStatus.WAIVED: _("Waive"),
}
QUESTIONS = {
    ComplianceStatus.IN_PROGRESS: _("The finding so far no longer counts; its history stays."),
    ComplianceStatus.COMPLIANT: _("Valid evidence shows it, or a reason says why."),
    ComplianceStatus.NON_COMPLIANT: _("If the regulation is binding, changes that release it are held."),
    ComplianceStatus.WAIVED: _("It does not conform and may be released all the same. Say why, and for how long."),
}


class RecordPage(PageMixin):
    """A page about the record ``pk`` in the address; another tenant's is not found."""

    permission = permissions.COMPLIANCE_READ
    kwargs: dict[str, Any]

    @cached_property
    def record(self) -> ComplianceRecord:
        """The record with what its page shows."""
        return record_get(self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the record."""
        shared = {"record": self.record, "product": self.record.revision.product}
        context: dict[str, Any] = super().get_context_data(**{**shared, **kwargs})  # type: ignore[misc]
        return context

    def get_success_url(self) -> str:
        """Back to the record."""
        return reverse("compliance:record-detail", args=[self.kwargs["pk"]])


class RecordDetailView(RecordPage, PageView):
    """The record's page."""

    template_name = "compliance/record.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add steps, evidence, the structure's picture and the history."""
        record, today = self.record, clock.today()
        options = [
            (option, verb_of(record, option))
            for option in transition_options(record, "status", self.actor)
            if option.to in VERBS and option.permission
        ]
        structure = structure_load(
            record.revision.product, Resolution.whatever_may_be_built(), revision=record.revision
        )
        found = structure_statuses(structure, regulations=[record.regulation])
        return super().get_context_data(
            steps=[entry for entry in options if entry[0].possible],
            stopped=[entry for entry in options if not entry[0].possible],
            evidence=[(row, row.is_valid_on(today)) for row in record.evidence.all()],
            whole=found[0] if found else None,
            causes=found[0].causes[:CAUSES_SHOWN] if found else (),
            history=record_history(record),
            may_assess=self.actor.may(permissions.COMPLIANCE_ASSESS),
            **kwargs,
        )


def verb_of(record: ComplianceRecord, option: TransitionOption) -> str:
    """Return what the button says."""
    if option.to == ComplianceStatus.IN_PROGRESS and record.status != ComplianceStatus.NOT_ASSESSED:
        return _now("Assess again")
    return str(VERBS[ComplianceStatus(option.to)])


class RecordStepView(RecordPage, PageFormView):
    """One step on a page of its own. Which permission it takes, the state machine says."""

    template_name = "compliance/record_step.html"
    form_class = RecordStepForm
    success_message = _("The finding was recorded.")

    @cached_property
    def option(self) -> TransitionOption:
        """The step in the address."""
        options = transition_options(self.record, "status", self.actor)
        found = next((row for row in options if row.to == self.kwargs["to"] and row.to in VERBS), None)
        if found is None:
            raise NotFound(_now("There is no such step."))
        return found

    def get_form_kwargs(self) -> dict[str, Any]:
        """Ask as the step needs it."""
        return {**super().get_form_kwargs(), "to": self.option.to, "needs_reason": self.option.needs_reason}

    def get_initial(self) -> dict[str, Any]:
        """The version that the person sees."""
        return {"expected_version": self.record.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the step."""
        option = self.option
        return super().get_context_data(
            option=option,
            verb=verb_of(self.record, option),
            question=QUESTIONS[ComplianceStatus(option.to)] if self.record.status != "not_assessed" else "",
            **kwargs,
        )

    def perform(self, form: Any) -> ComplianceRecord:
        """Take it."""
        given = form.cleaned_data
        return record_move(
            actor=self.actor,
            record_id=self.record.pk,
            to=self.option.to,
            reason=given["reason"],
            valid_until=given.get("valid_until"),
            expected_version=given["expected_version"],
        )


class EvidenceAddView(RecordPage, PageFormView):
    """Attach a file."""

    write_permission = permission = permissions.COMPLIANCE_ASSESS
    template_name = "compliance/evidence_add.html"
    form_class = EvidenceForm
    success_message = _("The evidence was attached.")

    def perform(self, form: Any) -> Evidence:
        """Attach it."""
        values = dict(form.cleaned_data)
        upload = values.pop("file")
        return evidence_add(actor=self.actor, record_id=self.record.pk, upload=upload, file_name=upload.name, **values)


class OneEvidence:
    """The evidence ``pk`` in the address; another tenant's is not found."""

    kwargs: dict[str, Any]

    @cached_property
    def evidence(self) -> Evidence:
        """The evidence with its record."""
        found = evidence_list().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotFound(_now("There is no such evidence."))
        return found


class EvidenceRemoveView(OneEvidence, PageFormView):
    """Take an evidence out of sight, with a reason."""

    write_permission = permission = permissions.COMPLIANCE_ASSESS
    template_name = "compliance/evidence_remove.html"
    form_class = EvidenceRemoveForm
    success_message = _("The evidence was removed.")

    def get_initial(self) -> dict[str, Any]:
        """The version that the person sees."""
        return {"expected_version": self.evidence.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the evidence."""
        return super().get_context_data(evidence=self.evidence, record=self.evidence.record, **kwargs)

    def perform(self, form: Any) -> Evidence:
        """Remove it."""
        return evidence_remove(actor=self.actor, evidence_id=self.evidence.pk, **form.cleaned_data)

    def get_success_url(self) -> str:
        """Back to the record."""
        return self.evidence.record.get_absolute_url()


class EvidenceDownloadView(OneEvidence, PageMixin, View):
    """The file, always as an attachment."""

    permission = permissions.COMPLIANCE_READ

    def get(self, request: HttpRequest, pk: Any) -> HttpResponseBase:
        """Send it."""
        return evidence_response(request, self.evidence)


class ProductCompliancePage(PageMixin):
    """What the tab of the product page and its form share."""

    permission = permissions.COMPLIANCE_READ
    kwargs: dict[str, Any]
    request: HttpRequest

    @cached_property
    def product(self) -> Product:
        """The product; another tenant's is not found."""
        return product_get(self.kwargs["pk"])

    @cached_property
    def found(self) -> ProductCompliance:
        """What is known of it on the date in the address."""
        form = AsOfForm(self.request.GET)
        day = (form.cleaned_data.get("as_of") if form.is_valid() else None) or clock.today()
        return product_compliance(self.product, day)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the product and what is known."""
        shared = {
            "product": self.product,
            "tab": "compliance",
            "found": self.found,
            "is_today": self.found.as_of == clock.today(),
            "as_of_form": AsOfForm(initial={"as_of": self.found.as_of}),
            "may_assess": self.actor.may(permissions.COMPLIANCE_ASSESS),
            "may_manage": self.actor.may(permissions.REGULATIONS_MANAGE),
        }
        context: dict[str, Any] = super().get_context_data(**{**shared, **kwargs})  # type: ignore[misc]
        return context


class ProductComplianceView(ProductCompliancePage, PageView):
    """The tab."""

    template_name = "compliance/product_tab.html"


class ProductMarketsView(ProductCompliancePage, PageFormView):
    """Say where a product is sold."""

    write_permission = permission = permissions.COMPLIANCE_ASSESS
    template_name = "compliance/markets.html"
    form_class = MarketsForm
    success_message = _("The markets were recorded.")

    def get_initial(self) -> dict[str, Any]:
        """Where it is sold now."""
        return {"markets": ", ".join(self.found.markets), "expected_version": self.found.markets_version}

    def perform(self, form: Any) -> Any:
        """Record them."""
        return product_markets_set(actor=self.actor, product_id=self.product.pk, **form.cleaned_data)

    def get_success_url(self) -> str:
        """Back to the tab."""
        return reverse("compliance:product-compliance", args=[self.product.pk])
