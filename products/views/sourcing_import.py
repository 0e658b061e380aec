"""The file of sources, offers and prices in two steps: what it would do, then doing it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from products import permissions
from products.forms.imports import SourcesUploadForm
from products.services.import_files import WaitingFile, import_file_drop, import_file_keep, import_file_read
from products.services.sources_import import SourcesImport, sources_import
from products.sourcing.source_file import COLUMNS
from products.views.base import INVALID, ServicePage, actor_of
from products.views.sourcing_lists import RoomMixin

FAULTS_SHOWN = 200


class SourcesUploadView(RoomMixin, ServicePage):
    """Choose the file."""

    permission = permissions.SOURCING_UPDATE
    place = "report"
    template_name = "products/sourcing/import_upload.html"
    form_class = SourcesUploadForm
    result: str

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the headings that the file may have."""
        return super().get_context_data(columns=[*COLUMNS, "quantity_1", "price_1"], **kwargs)

    def perform(self, form: SourcesUploadForm) -> str:
        """Keep it."""
        upload = form.cleaned_data["file"]
        return import_file_keep(actor=self.actor, upload=upload, filename=upload.name, parent_number="")

    def get_success_url(self) -> str:
        """Show what it would do."""
        return reverse("products:sources-import-preview", args=[self.result])


class SourcesImportView(RoomMixin, TemplateView):
    """What importing the kept file would do; posting does it. A second click finds the file gone and does nothing."""

    permission = permissions.SOURCING_UPDATE
    place = "report"
    template_name = "products/sourcing/import_preview.html"

    @cached_property
    def kept(self) -> tuple[WaitingFile, bytes]:
        """The file; another person's, and one that is gone, is not found."""
        return import_file_read(actor=actor_of(self.request), token=self.kwargs["token"])

    def run(self, *, dry_run: bool) -> SourcesImport:
        """Import, or say what an import would do."""
        waiting, content = self.kept
        return sources_import(actor=actor_of(self.request), content=content, name=waiting.filename, dry_run=dry_run)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the file does."""
        result = kwargs.pop("result", None) or self.run(dry_run=True)
        return super().get_context_data(
            waiting=self.kept[0],
            result=result,
            faults=result.faults[:FAULTS_SHOWN],
            faults_left=max(len(result.faults) - FAULTS_SHOWN, 0),
            **kwargs,
        )

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Write all or nothing; with faults show them again."""
        result = self.run(dry_run=False)
        if result.faults:
            return self.render_to_response(self.get_context_data(result=result), status=INVALID)
        actor = actor_of(request)
        transaction.on_commit(lambda: import_file_drop(actor=actor, token=token))
        counts = {"sources": result.sources_created, "offers": result.offers_created}
        changed = result.sources_updated + result.offers_updated
        words = _("Imported: %(sources)s new sources, %(offers)s new offers, %(changed)s changed.")
        messages.success(request, words % {**counts, "changed": changed})
        return redirect("products:single-source")
