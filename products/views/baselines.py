"""Baselines of a product: the list, taking one, what one froze, withdrawing one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from plm_project.core.exceptions import NotFound
from plm_project.web.csv_download import file_download
from plm_project.web.views import is_htmx
from products import permissions
from products.exporting import FORMATS, bom_export
from products.forms.baselines import BaselineForm, WithdrawForm
from products.models import Baseline, Product
from products.selectors.baseline_check import baseline_verify
from products.selectors.baseline_structure import baseline_level, structure_of_baseline
from products.selectors.baselines import baseline_get, baseline_list
from products.selectors.explosion import Explosion, explosion_flat
from products.selectors.graph import revision_resolve
from products.selectors.records import product_get
from products.services.baselines import baseline_create, baseline_withdraw
from products.views.base import EditPage, ProductPage, ServicePage, actor_of, page_of
from products.views.bom import DEEPEST, ROWS_A_PAGE, VIEWS, BomQuestion

MOST_PLACES = 10_000_000


class ProductBaselinesView(ProductPage, TemplateView):
    """The baselines of a product, newest first."""

    template_name = "products/baselines/list.html"
    tab = "baselines"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a page of them."""
        page = page_of(baseline_list(self.product), self.request)
        may_take = actor_of(self.request).may(permissions.BASELINES_CREATE)
        return super().get_context_data(page=page, may_take=may_take, **kwargs)


class BaselineCreateView(BomQuestion, ServicePage):
    """Freeze what the BOM page shows: the question is that of the address."""

    permission = permissions.BASELINES_CREATE
    template_name = "products/baselines/create.html"
    tab = "baselines"
    form_class = BaselineForm
    success_message = gettext_lazy("The baseline is taken.")

    def get_form(self, form_class: Any = None) -> BaselineForm:
        """Return the form of the name; ``form`` is the question here."""
        return BaselineForm(self.request.POST or None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the question, and the revision it finds today."""
        kwargs.setdefault("form", self.get_form())
        revision = self.asked_revision or revision_resolve(self.product, self.resolution)
        shared = {"asked": self.resolution, "revision": revision, "question": self.question()}
        return super().get_context_data(**{**shared, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take it."""
        form = self.get_form()
        return self.form_valid(form) if form.is_valid() else self.form_invalid(form)

    def perform(self, form: Any) -> Baseline:
        """By the service."""
        return baseline_create(
            actor=self.actor,
            product_id=self.product.pk,
            name=form.cleaned_data["name"],
            note=form.cleaned_data["note"],
            resolution=self.resolution,
            revision_label=self.asked_revision.label if self.asked_revision else "",
        )

    def get_success_url(self) -> str:
        """What was frozen."""
        return str(self.result.get_absolute_url())


class BaselinePage(ProductPage):
    """A page about one baseline."""

    tab = "baselines"

    @cached_property
    def baseline(self) -> Baseline:
        """The baseline in the address."""
        return baseline_get(self.kwargs["pk"])

    @cached_property
    def product(self) -> Product:
        """The product it is of."""
        return product_get(self.baseline.product_id)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add it."""
        return super().get_context_data(**{"baseline": self.baseline, **kwargs})


class BaselineView(BaselinePage, TemplateView):
    """What a baseline froze: tree, indented list or totals; with ``verify`` the checksum taken again."""

    template_name = "products/baselines/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the view asked for."""
        shown = self.request.GET.get("view", "")
        shown = shown if shown in VIEWS else "tree"
        return super().get_context_data(
            shown=shown,
            check=baseline_verify(self.baseline) if self.request.GET.get("verify") else None,
            may_withdraw=actor_of(self.request).may(permissions.BASELINES_WITHDRAW),
            **(self._tree() if shown == "tree" else self._list(shown)),
            **kwargs,
        )

    def _tree(self) -> dict[str, Any]:
        place, offset = (_count(self.request, name) for name in ("place", "offset"))
        top = self.baseline.items.filter(place=place).first() if place else None
        return {
            "level": baseline_level(self.baseline, place, offset=offset),
            "depth": 1,
            "place": place,
            "top": top,
            "more_url": f"?place={place}&offset=",
        }

    def _list(self, shown: str) -> dict[str, Any]:
        structure = structure_of_baseline(self.baseline)
        explosion = Explosion(structure)
        rows: Sequence[Any] = explosion if shown == "indented" else explosion_flat(structure)
        return {"page": page_of(rows, self.request, size=ROWS_A_PAGE), "extent": explosion.extent()}


class BaselineRowsView(BaselinePage, View):
    """A portion of one level, as table rows."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Return the rows below the item at ``place``; asked for by hand, show them on the page."""
        place, offset = (_count(request, name) for name in ("place", "offset"))
        if not request.headers.get("X-Requested-With") and not is_htmx(request):
            return redirect(f"{self.baseline.get_absolute_url()}?{urlencode({'place': place, 'offset': offset})}")
        return render(
            request,
            "products/baselines/_rows.html",
            {
                "product": self.product,
                "baseline": self.baseline,
                "level": baseline_level(self.baseline, place, offset=offset),
                "depth": max(min(_count(request, "depth"), DEEPEST), 1),
                "place": place,
            },
        )


class BaselineExportView(BaselinePage, View):
    """What was frozen as a file, with the notes and descriptions of then (parameters as on the BOM page)."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
        """Read now, write while it is sent."""
        kind = FORMATS.get(request.GET.get("format", "csv"))
        if kind is None:
            raise NotFound(_("There is no such kind of file."))
        flat = request.GET.get("view") == "flat"
        export = bom_export(structure_of_baseline(self.baseline), flat=flat)
        return file_download(f"{export.name}{kind.ending}", kind.content_type, kind.write(export))


class BaselineWithdrawView(BaselinePage, EditPage):
    """Say that it was taken by mistake."""

    permission = permissions.BASELINES_WITHDRAW
    template_name = "products/baselines/withdraw.html"
    form_class = WithdrawForm
    success_message = gettext_lazy("The baseline is withdrawn.")

    def get_initial(self) -> dict[str, Any]:
        """The version that the person sees."""
        return {"expected_version": self.baseline.version}

    def save(self, form: Any) -> Baseline:
        """By the service."""
        return baseline_withdraw(actor=self.actor, baseline_id=self.baseline.pk, **form.cleaned_data)

    def stale(self, form: Any) -> dict[str, Any]:
        """Nothing but the withdrawal itself can have changed: the form says so when it is sent again."""
        return {"form": WithdrawForm({**form.data.dict(), "expected_version": self.baseline.version})}

    def get_success_url(self) -> str:
        """Back to it."""
        return self.baseline.get_absolute_url()


def _count(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return min(int(text), MOST_PLACES) if text.isascii() and text.isdigit() and len(text) < 12 else 0
