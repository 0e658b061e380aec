"""What the document pages fetch: files, models, pictures, the state of a conversion, a product's parts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.generic import View

from plm_project.core.decimals import plain
from plm_project.web.views import PageMixin
from products import permissions
from products.choices import PreparationState
from products.document_downloads import version_file, version_model, version_thumbnail
from products.selectors.documents import model_parts, version_get
from products.selectors.records import product_get
from products.services.model_preparation import is_lost


class VersionFileView(PageMixin, View):
    """The file as it was checked in."""

    permission = permissions.DOCUMENTS_READ
    send = staticmethod(version_file)

    def get(self, request: HttpRequest, pk: Any) -> HttpResponseBase:
        """Send it."""
        return self.send(request, self.actor, pk)


class VersionModelView(VersionFileView):
    """What the viewer draws."""

    send = staticmethod(version_model)


class VersionThumbnailView(VersionFileView):
    """The picture."""

    send = staticmethod(version_thumbnail)


class VersionStateView(PageMixin, View):
    """How far a conversion is; the waiting page asks now and then, and is loaded anew when it has ended."""

    permission = permissions.DOCUMENTS_READ

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Answer the same piece of the page, or that it is over."""
        version = version_get(pk)
        preparation = getattr(version, "preparation", None)
        waiting = (PreparationState.PENDING, PreparationState.RUNNING)
        if preparation is None or preparation.state not in waiting or is_lost(preparation):
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return render(request, "products/documents/_preparing.html", {"version": version, "preparation": preparation})


class ProductPartsView(PageMixin, View):
    """The products below one, and itself, for the viewer to find by the names in a model."""

    permission = permissions.PRODUCTS_READ

    def get(self, request: HttpRequest, pk: Any) -> JsonResponse:
        """Answer them."""
        product = product_get(pk)
        own = {
            "product_number": product.product_number,
            "product_name": product.product_name,
            "url": product.get_absolute_url(),
        }
        parts = [{**part, "quantity": plain(part["quantity"])} for part in model_parts(product)]
        return JsonResponse({"parts": [*parts, own]})
