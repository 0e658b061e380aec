"""Documents of a change: link and take off, from the change page."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.generic import View

from changes import permissions
from changes.forms import DocumentForm
from changes.selectors import change_document_list
from changes.services import change_document_add, change_document_remove
from changes.views.base import INVALID, ChangePage, change_url
from changes.views.detail import ChangeStory
from plm_project.core.exceptions import NotFound, PermissionDenied, PlmError
from plm_project.web.forms import apply_error_to_form
from products.selectors.documents import document_by_number


class DocumentAddView(ChangeStory):
    """One more document. A refusal comes back on the change page, with what was typed."""

    write_permission = permissions.CHANGES_UPDATE

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """The form stands on the change page."""
        return HttpResponseRedirect(change_url(self.change, "documents"))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Link it and show it."""
        form = DocumentForm(request.POST)
        if form.is_valid():
            try:
                document = document_by_number(form.cleaned_data["document"].strip())
                change_document_add(
                    actor=self.actor,
                    change_id=self.change.pk,
                    document_id=document.pk,
                    expected_version=form.cleaned_data["expected_version"],
                )
            except PermissionDenied:
                raise
            except PlmError as error:
                apply_error_to_form(form, error, renamed={"document_id": "document"})
            else:
                messages.success(request, _("%(number)s is linked.") % {"number": document.document_number})
                return HttpResponseRedirect(change_url(self.change, "documents"))
        return self.render_to_response(self.get_context_data(document_form=form), status=INVALID)


class DocumentRemoveView(ChangePage, View):
    """Take a document off a draft."""

    permission = permissions.CHANGES_UPDATE
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: uuid.UUID, link: uuid.UUID) -> HttpResponse:
        """Take it off."""
        row = change_document_list(self.change).filter(pk=link).first()
        if row is None:
            raise NotFound(_("There is no such link."))
        found = change_document_remove(actor=self.actor, link_id=row.pk)
        messages.success(request, _("%(number)s is taken off.") % {"number": found.document.document_number})
        return HttpResponseRedirect(change_url(self.change, "documents"))

    def get_error_url(self) -> str:
        """Back to the change."""
        return change_url(self.change, "documents")
