"""Pages for the tests, in a URL configuration of their own beside the real one."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import engines
from django.urls import path

from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, PlmError, ValidationFailed
from plm_project.tenancy.models import Tenant
from plm_project.urls import handler400, handler403, handler404, handler500
from plm_project.urls import urlpatterns as real_urls
from plm_project.web.forms import DecimalInput, FileDropInput
from plm_project.web.states import TONES
from plm_project.web.views import PageFormView, PageView

__all__ = ["handler400", "handler403", "handler404", "handler500"]

ERRORS: dict[str, PlmError] = {
    "not-found": NotFound("No such product."),
    "denied": PermissionDenied("Only its author may do this."),
    "conflict": Conflict("The revision is released."),
}


class Undeclared(PageView):
    """Forgot to declare a permission."""

    template_name = "base.html"


class Readable(PageView):
    """Needs plm.products.read; another permission to write."""

    permission = "plm.products.read"
    write_permission = "plm.products.delete"
    template_name = "base.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("written")


class Partial(PageView):
    """Has a part of its own for htmx."""

    permission = "plm.products.read"
    template_name = "base.html"
    partial_template_name = "components/messages.html"


class Refusing(PageView):
    """Raises the error that the address names, after it has written something."""

    permission = "plm.products.read"
    template_name = "base.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        raise ERRORS[kwargs["error"]]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        Tenant.objects.create(slug="half-done", name="Half done", currency="EUR")
        raise ERRORS[kwargs["error"]]


class NumberForm(forms.Form):
    """One field."""

    number = forms.CharField(required=False)


class Naming(PageFormView):
    """A form whose service refuses "taken" at its own name of the field, and "busy" as a whole."""

    permission = "plm.products.read"
    template_name = "components/form_fields.html"
    form_class = NumberForm
    success_url = "/done/"
    renamed_fields = {"product_number": "number"}

    def perform(self, form: Any) -> None:
        number = form.cleaned_data["number"]
        Tenant.objects.create(slug=f"half-{number}", name="Half done", currency="EUR")
        if number == "taken":
            raise ValidationFailed.field("product_number", "This number is taken.")
        if number == "busy":
            raise Conflict("Somebody is at it.")


class SampleForm(forms.Form):
    """A field of each kind that looks different."""

    number = forms.CharField(help_text="As on the drawing.", max_length=5)
    cost = forms.DecimalField(widget=DecimalInput, required=False)
    kind = forms.ChoiceField(choices=[("a", "Made"), ("b", "Bought")], widget=forms.RadioSelect, required=False)
    agreed = forms.BooleanField(required=False)
    unit = forms.ChoiceField(choices=[("ea", "each")], required=False)
    file = forms.FileField(widget=FileDropInput, required=False)


class Gallery(PageView):
    """Every component on one page; POST says what arrived."""

    permission = "plm.products.read"
    template_name = "components/messages.html"  # not used: the page comes from gallery.html beside this file

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        source = (Path(__file__).parent / "gallery.html").read_text()
        context = {
            "form": SampleForm({"number": "much too long"}, auto_id="bad_%s"),
            "empty_form": SampleForm(),
            "page": Paginator(range(95), 10).page(2),
            "tones": TONES,
            "cost": Decimal("1250.50"),
            "data": {"labels": ["A", "B"], "series": [{"name": "x", "values": ["1", "2.5"]}]},
        }
        return HttpResponse(engines["django"].from_string(source).render(context, request))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        messages.success(request, f"Received {request.POST.get('what', 'nothing')}.")
        return HttpResponseRedirect(request.path)


class Rows(PageView):
    """Two rows below the tree's first one."""

    permission = "plm.products.read"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = (
            '<tr role="row" data-level="2" aria-level="2"><th scope="row" role="rowheader" class="tree-cell">'
            '<span class="tree-toggle" aria-hidden="true"></span><a href="/sample/readable/">{}</a></th>'
            '<td role="gridcell" class="num">1</td></tr>'
        )
        return HttpResponse(row.format("RIM-1") + row.format("SPOKE-1"))


def broken(request: HttpRequest) -> HttpResponse:
    """Fail as code does."""
    raise RuntimeError("secret detail")


urlpatterns = [
    path("sample/undeclared/", Undeclared.as_view()),
    path("sample/readable/", Readable.as_view()),
    path("sample/partial/", Partial.as_view()),
    path("sample/refusing/<str:error>/", Refusing.as_view()),
    path("sample/naming/", Naming.as_view()),
    path("sample/gallery/", Gallery.as_view()),
    path("sample/rows/", Rows.as_view()),
    path("sample/broken/", broken),
    *real_urls,
]
