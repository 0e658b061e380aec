"""Register, edit, delete, link and step documents; check out and in. Each a form that calls a service."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from plm_project.core.exceptions import NotFound, ValidationFailed
from plm_project.tenancy.states import TransitionOption, transition_options
from plm_project.web.views import PageMixin
from products import permissions
from products.choices import RevisionState
from products.forms.documents import (
    CheckInForm,
    DocumentCreateForm,
    DocumentDeleteForm,
    DocumentEditForm,
    DocumentStepForm,
    LinkExistingForm,
    LinkForm,
    ReasonForm,
    ReviseForm,
)
from products.models import Document, DocumentRevision
from products.selectors.documents import document_by_number, document_get, document_revision_get, link_get, version_get
from products.selectors.graph import revision_named
from products.selectors.products import product_by_number
from products.selectors.records import product_get
from products.services.document_files import (
    document_break_check_out,
    document_check_in,
    document_check_out,
    document_undo_check_out,
)
from products.services.document_revisions import document_revise, document_revision_move
from products.services.documents import (
    document_create,
    document_delete,
    document_link,
    document_unlink,
    document_update,
)
from products.services.model_preparation import preparation_retry
from products.views.base import ServicePage
from products.views.documents import DocumentPage


class DocumentCreateView(ServicePage):
    """A new document, for a product where the address names one."""

    permission = permissions.DOCUMENTS_CREATE
    template_name = "products/documents/create.html"
    form_class = DocumentCreateForm
    renamed_fields: ClassVar = {"product_id": "product"}
    result: Document

    def get_initial(self) -> dict[str, Any]:
        """Take the product that a link brings along."""
        number = self.request.GET.get("product", "")[:50]
        return {"product": number, "document_type": self.request.GET.get("type", "drawing")}

    def perform(self, form: DocumentCreateForm) -> Document:
        """Create it."""
        data = dict(form.cleaned_data)
        upload, number = data.pop("file"), data.pop("product")
        document = document_create(
            actor=self.actor,
            data=data,
            upload=upload,
            file_name=upload.name if upload else "",
            product_id=product_by_number(number).pk if number else None,
        )
        messages.success(self.request, _("%(number)s is created.") % {"number": document.document_number})
        return document

    def get_success_url(self) -> str:
        """Show it."""
        return self.result.get_absolute_url()


class DocumentFormPage(DocumentPage, ServicePage):
    """A form about one document; ``words`` is heading and button in one."""

    permission = permissions.DOCUMENTS_UPDATE
    template_name = "products/documents/form.html"
    words: ClassVar[Any] = ""
    lead: ClassVar[Any] = ""
    danger: ClassVar[bool] = False

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the words."""
        shared = {"words": self.words, "lead": self.lead, "danger": self.danger}
        return super().get_context_data(**{**shared, **kwargs})

    def get_success_url(self) -> str:
        """Back to the document."""
        return self.document.get_absolute_url()


class DocumentEditView(DocumentFormPage):
    """Title, type, description."""

    form_class = DocumentEditForm
    words = gettext_lazy("Save")
    success_message = gettext_lazy("The document is saved.")

    def get_initial(self) -> dict[str, Any]:
        """The record as it stands."""
        names = ("title", "document_type", "description")
        return {name: getattr(self.document, name) for name in names} | {"expected_version": self.document.version}

    def perform(self, form: Any) -> Document:
        """Save it."""
        changes = dict(form.cleaned_data)
        version = changes.pop("expected_version")
        return document_update(
            actor=self.actor, document_id=self.document.pk, changes=changes, expected_version=version
        )


class DocumentDeleteView(DocumentFormPage):
    """Out of sight."""

    permission = permissions.DOCUMENTS_DELETE
    form_class = DocumentDeleteForm
    words = gettext_lazy("Delete document")
    lead = gettext_lazy("It goes out of sight for everybody. Its number stays taken for ever, and its files are kept.")
    danger = True

    def perform(self, form: Any) -> Document:
        """Delete it."""
        document = document_delete(actor=self.actor, document_id=self.document.pk, **form.cleaned_data)
        messages.success(self.request, _("%(number)s is deleted.") % {"number": document.document_number})
        return document

    def get_success_url(self) -> str:
        """To the list."""
        return reverse("products:document-list")


class DocumentCheckInView(DocumentFormPage):
    """The next version of the file."""

    form_class = CheckInForm
    words = gettext_lazy("Check in")
    success_message = gettext_lazy("The new version is stored.")

    def perform(self, form: Any) -> Any:
        """Check it in."""
        given = form.cleaned_data
        return document_check_in(
            actor=self.actor,
            document_id=self.document.pk,
            upload=given["file"],
            file_name=given["file"].name,
            comment=given["comment"],
            keep=given["keep"],
        )


class DocumentBreakView(DocumentFormPage):
    """End somebody's check-out."""

    permission = permissions.DOCUMENTS_MANAGE
    form_class = ReasonForm
    words = gettext_lazy("End the check-out")
    lead = gettext_lazy("What the person has changed in their own copy is not stored. Talk to them first.")
    danger = True
    success_message = gettext_lazy("The check-out is ended.")

    def perform(self, form: Any) -> Document:
        """End it."""
        return document_break_check_out(
            actor=self.actor, document_id=self.document.pk, reason=form.cleaned_data["reason"]
        )


class DocumentReviseView(DocumentFormPage):
    """The next revision."""

    form_class = ReviseForm
    words = gettext_lazy("Start the next revision")
    success_message = gettext_lazy("The next revision is in work. Check the document out to change its file.")

    def perform(self, form: Any) -> DocumentRevision:
        """Start it."""
        return document_revise(actor=self.actor, document_id=self.document.pk, **form.cleaned_data)


class DocumentLinkView(DocumentFormPage):
    """Link to a product."""

    form_class = LinkForm
    words = gettext_lazy("Link to a product")
    renamed_fields: ClassVar = {"product_id": "product", "product_revision_id": "revision"}
    success_message = gettext_lazy("The document is linked.")

    def perform(self, form: Any) -> Any:
        """Link it."""
        product = product_by_number(form.cleaned_data["product"])
        label = form.cleaned_data["revision"]
        try:
            revision = revision_named(product, label) if label else None
        except NotFound as error:
            raise ValidationFailed.field("revision", str(error.message)) from error
        return document_link(
            actor=self.actor,
            document_id=self.document.pk,
            product_id=product.pk,
            product_revision_id=revision.pk if revision else None,
        )


class DocumentStepView(DocumentFormPage):
    """One step of a revision, after a question. Which permission it takes, the machine says."""

    permission = permissions.DOCUMENTS_READ
    form_class = DocumentStepForm
    template_name = "products/documents/step.html"
    labels: ClassVar[dict[str, Any]] = {
        RevisionState.IN_REVIEW: gettext_lazy("Submit for review"),
        RevisionState.IN_WORK: gettext_lazy("Return for rework"),
        RevisionState.RELEASED: gettext_lazy("Release"),
        RevisionState.OBSOLETE: gettext_lazy("Make obsolete"),
    }

    @cached_property
    def revision(self) -> DocumentRevision:
        """The revision in the address."""
        return document_revision_get(self.kwargs["pk"])

    @cached_property
    def document(self) -> Document:  # type: ignore[override]
        """Its document."""
        return document_get(self.revision.document_id)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Ask for what the step needs."""
        return {**super().get_form_kwargs(), "to": self._option().to}

    def get_initial(self) -> dict[str, Any]:
        """Remember which version was looked at."""
        return {"expected_version": self.revision.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the step in words."""
        option = self._option()
        words = self.labels[RevisionState(option.to)]
        return super().get_context_data(revision=self.revision, option=option, words=words, **kwargs)

    def perform(self, form: Any) -> DocumentRevision:
        """Take the step."""
        to = self._option().to
        revision = document_revision_move(actor=self.actor, revision_id=self.revision.pk, to=to, **form.cleaned_data)
        said = {"label": revision.label, "state": RevisionState(to).label}
        messages.success(self.request, _("Revision %(label)s: %(state)s.") % said)
        return revision

    def _option(self) -> TransitionOption:
        for option in transition_options(self.revision, "state", self.actor):
            if option.to == self.kwargs["to"] and option.to in self.labels:
                return option
        raise NotFound(_("There is no such step."))


class DocumentAct(PageMixin, View):
    """A button: POST calls a service and comes back to where one was."""

    permission = permissions.DOCUMENTS_UPDATE
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Do it."""
        where, said = self.act(pk)
        messages.success(request, said)
        return redirect(where)

    def act(self, pk: Any) -> tuple[str, str]:
        """Call the service; return where to go and what to say."""
        raise NotImplementedError


class DocumentCheckOutView(DocumentAct):
    """Take the document to work on it."""

    def act(self, pk: Any) -> tuple[str, str]:
        """Check it out."""
        document = document_check_out(actor=self.actor, document_id=pk)
        return document.get_absolute_url(), _("You hold the document. Download it, change it, check it in.")


class DocumentUndoView(DocumentAct):
    """Give it back unchanged."""

    def act(self, pk: Any) -> tuple[str, str]:
        """Undo the check-out."""
        document = document_undo_check_out(actor=self.actor, document_id=pk)
        return document.get_absolute_url(), _("The document is free again.")


class DocumentUnlinkView(DocumentAct):
    """Take a link away."""

    def act(self, pk: Any) -> tuple[str, str]:
        """Remove it."""
        link = link_get(pk)
        document_unlink(actor=self.actor, link_id=pk)
        return link.document.get_absolute_url(), _("The link is removed.")


class ModelRetryView(DocumentAct):
    """Try a failed conversion again."""

    def act(self, pk: Any) -> tuple[str, str]:
        """Start it."""
        version = version_get(pk)
        preparation_retry(actor=self.actor, version_id=pk)
        return reverse("products:document-version", args=[version.pk]), _("The conversion is started again.")


class ProductLinkDocumentView(PageMixin, View):
    """Link a document there is already to a product, from the product's page."""

    permission = permissions.DOCUMENTS_UPDATE
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Link it."""
        product = product_get(pk)
        form = LinkExistingForm(request.POST)
        if not form.is_valid():
            raise ValidationFailed(_("Give the number of a document."))
        document = document_by_number(form.cleaned_data["document"])
        document_link(actor=self.actor, document_id=document.pk, product_id=product.pk)
        messages.success(request, _("%(number)s is linked.") % {"number": document.document_number})
        return redirect("products:product-documents", pk=product.pk)
