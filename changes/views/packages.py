"""The release package of a change, written as a job."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.generic import View

from changes import permissions
from changes.packages import proof
from changes.services import package_start
from changes.views.base import ChangePage, change_url
from plm_project.web.views import PageMixin
from products.permissions import DOCUMENTS_READ


class PackageView(ChangePage, View):
    """Start the job and go to its page."""

    write_permission = DOCUMENTS_READ

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The button stands on the change page."""
        return HttpResponseRedirect(change_url(self.change, "package"))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Have it written."""
        return redirect(package_start(actor=self.actor, change_id=self.change.pk).get_absolute_url())

    def get_error_url(self) -> str:
        """Refusals are read on the change page."""
        return change_url(self.change)


class ProofView(PageMixin, View):
    """The check of release packages, to be kept beside them: one file that needs Python alone."""

    permission = permissions.CHANGES_READ

    def get(self, request: HttpRequest) -> FileResponse:
        """Send our own source."""
        return FileResponse(
            Path(proof.__file__).open("rb"), as_attachment=True, filename="proof.py", content_type="text/x-python"
        )
