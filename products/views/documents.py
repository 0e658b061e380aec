"""The vault's pages to look at: the list, one document, a product's documents and its model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from plm_project.core.actor import Actor
from plm_project.tenancy.states import TransitionOption, transition_options
from plm_project.web.views import PageMixin
from products import permissions
from products.choices import RevisionState
from products.extensions import document_uses
from products.forms.documents import CheckInForm, DocumentFilterForm, LinkExistingForm
from products.models import Document, DocumentRevision, DocumentVersion, Product
from products.selectors.documents import (
    document_get,
    document_list,
    document_revisions,
    link_list,
    product_documents,
    product_model,
    version_get,
)
from products.services.model_preparation import is_lost
from products.views.base import ProductPage, actor_of, page_of


class DocumentListView(PageMixin, TemplateView):
    """All documents, narrowed and sorted by the address."""

    permission = permissions.DOCUMENTS_READ
    template_name = "products/documents/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filter form and the page of documents."""
        form, actor = DocumentFilterForm(self.request.GET), actor_of(self.request)
        page = page_of(document_list(form.wanted(actor.user_id)), self.request)
        may_create = actor.may(permissions.DOCUMENTS_CREATE)
        return super().get_context_data(form=form, page=page, may_create=may_create, **kwargs)


class DocumentPage(PageMixin):
    """A page about the document ``pk`` in the address."""

    permission = permissions.DOCUMENTS_READ
    kwargs: dict[str, Any]

    @cached_property
    def document(self) -> Document:
        """The document; another tenant's, or one that is deleted, is not found."""
        return document_get(self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the document, and what the signed-in person may do."""
        actor = actor_of(self.request)  # type: ignore[attr-defined] # of the view beside it
        shared = {
            "document": self.document,
            "may_update": actor.may(permissions.DOCUMENTS_UPDATE),
            "may_delete": actor.may(permissions.DOCUMENTS_DELETE),
            "may_break": actor.may(permissions.DOCUMENTS_MANAGE),
        }
        context: dict[str, Any] = super().get_context_data(**{**shared, **kwargs})  # type: ignore[misc]
        return context


@dataclass(frozen=True)
class RevisionRow:
    """A revision with its files and the steps the signed-in person can take."""

    revision: DocumentRevision
    versions: list[DocumentVersion]
    options: list[TransitionOption]


class DocumentDetailView(DocumentPage, TemplateView):
    """The record: who holds it, what the last file looks like, revisions with files, links, history."""

    template_name = "products/documents/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add all of it."""
        actor, document = self.actor, self.document
        rows = [_row(revision, actor) for revision in document_revisions(document)]
        shown = next((version for row in rows for version in row.versions), None)
        links = list(link_list(document))
        history = document.history.order_by("-history_date", "-history_id")[:20]  # type: ignore[attr-defined]
        in_work = bool(rows) and rows[0].revision.state == RevisionState.IN_WORK
        open_states = (RevisionState.IN_WORK, RevisionState.IN_REVIEW)
        return super().get_context_data(
            rows=rows,
            links=links,
            others=[(part.title, part.uses(document)) for part in document_uses() if actor.may(part.permission)],
            history=history,
            check_in_form=CheckInForm(),
            is_holder=bool(actor.user_id) and document.checked_out_by_id == actor.user_id,
            in_work=in_work,
            may_revise=bool(rows) and rows[0].revision.state not in open_states,
            **shown_model(shown, actor, links[0].product if links else None),
            **kwargs,
        )


def _row(revision: DocumentRevision, actor: Actor) -> RevisionRow:
    options = transition_options(revision, "state", actor)
    possible = [option for option in options if option.possible and option.to != RevisionState.SUPERSEDED]
    return RevisionRow(revision, list(revision.versions.all()), possible)


def shown_model(version: DocumentVersion | None, actor: Actor, product: Product | None) -> dict[str, Any]:
    """Return what ``_shown.html`` needs to show one file, and the parts of ``product`` beside a model."""
    preparation = getattr(version, "preparation", None)
    return {
        "version": version,
        "preparation": preparation,
        "lost": preparation is not None and is_lost(preparation),
        "drawn_kind": "glb"
        if version is not None and version.file_kind == "step"
        else getattr(version, "file_kind", ""),
        "parts_url": reverse("products:product-parts", args=[product.pk]) if product is not None else "",
        "may_retry": actor.may(permissions.DOCUMENTS_UPDATE),
    }


class DocumentModelView(DocumentPage, TemplateView):
    """Any version of a document's file, shown large."""

    template_name = "products/documents/version.html"

    @cached_property
    def version(self) -> DocumentVersion:
        """The version in the address."""
        return version_get(self.kwargs["pk"])

    @cached_property
    def document(self) -> Document:  # type: ignore[override]
        """Its document."""
        return document_get(self.version.revision.document_id)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the file."""
        link = link_list(self.document).first()
        shown = shown_model(self.version, self.actor, link.product if link else None)
        return super().get_context_data(**shown, **kwargs)


class ProductDocumentsView(ProductPage, TemplateView):
    """A product's documents."""

    permission = permissions.DOCUMENTS_READ
    template_name = "products/documents/product_tab.html"
    tab = "documents"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the links with their documents."""
        actor = actor_of(self.request)
        return super().get_context_data(
            page=page_of(product_documents(self.product), self.request),
            may_create=actor.may(permissions.DOCUMENTS_CREATE),
            may_update=actor.may(permissions.DOCUMENTS_UPDATE),
            form=LinkExistingForm(),
            **kwargs,
        )


class ProductModelView(ProductPage, TemplateView):
    """A product in 3D."""

    permission = permissions.DOCUMENTS_READ
    template_name = "products/documents/product_model.html"
    tab = "model"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the model."""
        actor = actor_of(self.request)
        shown = shown_model(product_model(self.product), actor, self.product)
        return super().get_context_data(may_create=actor.may(permissions.DOCUMENTS_CREATE), **shown, **kwargs)
