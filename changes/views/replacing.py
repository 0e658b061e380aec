"""Replacing a product everywhere: choose the new one, look at what is affected, carry it out."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes.forms import ChangePagesForm, part_field
from changes.selectors import change_get
from changes.services import product_replace
from changes.services.replacing import ProductReplacement
from changes.views.base import ServicePage
from plm_project.core.decimals import plain
from plm_project.core.exceptions import NotFound, ValidationFailed
from plm_project.web.forms import DecimalInput
from products import permissions
from products.models import Product
from products.selectors.records import product_get
from products.selectors.replacement import AffectedUses, Way
from products.selectors.substitutes import substitute_uses_shown

ROWS_A_PAGE = 100


class NewPartForm(ChangePagesForm):
    """What replaces the product; lives in the address."""

    by = part_field(gettext_lazy("New part"), help_text=gettext_lazy("Its number; type part of it or of the name."))
    factor = forms.DecimalField(
        label=gettext_lazy("New for one old"),
        max_digits=15,
        decimal_places=6,
        required=False,
        widget=DecimalInput(),
        help_text=gettext_lazy("Quantities are multiplied by it. Empty: 1."),
    )


class ReplaceForm(ChangePagesForm):
    """Which revisions, and why. The ticked ones come as ``revision=<id>:<version>``."""

    SCOPES = (("ticked", gettext_lazy("The ticked ones on this page")), ("all", gettext_lazy("All of them")))

    scope = forms.ChoiceField(choices=SCOPES, widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Kept in the history, and the reason of the engineering change."),
    )


class ReplaceView(ServicePage):
    """The page. ``by`` and ``factor`` in the address make the list; ``done`` shows what came of it."""

    permission = permissions.PRODUCTS_READ
    write_permission = permissions.BOM_UPDATE
    template_name = "changes/replace.html"
    form_class = ReplaceForm
    renamed_fields = {"by_id": "reason", "factor": "reason"}
    result: ProductReplacement

    @cached_property
    def product(self) -> Product:
        """The product to be replaced."""
        return product_get(self.kwargs["pk"])

    @cached_property
    def asked(self) -> NewPartForm:
        """The new part and the factor, as asked for."""
        return NewPartForm(self.request.GET if "by" in self.request.GET else None)

    @cached_property
    def by(self) -> Product | None:
        """The new part, when there is such a one."""
        if not self.asked.is_bound or not self.asked.is_valid():
            return None
        number = self.asked.cleaned_data["by"].strip()
        found = Product.objects.filter(product_number=number).first()
        if found is None:
            self.asked.add_error("by", _("There is no product %(number)s.") % {"number": number})
        elif found == self.product:
            self.asked.add_error("by", _("A product cannot replace itself."))
            return None
        return found

    def factor(self) -> Decimal:
        """How many new ones stand for one old one."""
        given: Decimal | None = self.asked.cleaned_data.get("factor")
        return Decimal(1) if given is None else given

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the affected revisions, one page of them, once the new part is chosen."""
        context = super().get_context_data(product=self.product, asked=self.asked, by=self.by, **kwargs)
        if self.by is not None:
            uses = AffectedUses(self.product)
            as_substitute, in_all = substitute_uses_shown(self.product)
            page = Paginator(uses, ROWS_A_PAGE).get_page(self.request.GET.get("page"))
            page.object_list = list(page.object_list)
            question = QueryDict(mutable=True)
            question.update({"by": self.by.product_number, "factor": plain(self.factor())})
            context |= {
                "page": page,
                "query": question.urlencode(),
                "as_substitute": as_substitute,
                "as_substitute_total": in_all,
                "edits": uses.counts[Way.EDIT],
                "changes": uses.counts[Way.CHANGE],
                "rests": uses.counts[Way.RESTS],
                "factor": self.factor(),
                "may_replace": self.actor.may(permissions.BOM_UPDATE),
            }
        return {**context, **self._done()}

    def _done(self) -> dict[str, Any]:
        """Say what the replacement before this page did."""
        edited, change = self.request.GET.get("edited", ""), self.request.GET.get("change", "")
        if not edited.isascii() or not edited.isdigit():
            return {}
        try:
            made = change_get(uuid.UUID(change)) if change else None
        except (ValueError, NotFound):
            made = None
        return {"done": True, "edited": int(edited[:9]), "made": made}

    def perform(self, form: Any) -> ProductReplacement:
        """Replace it in what was ticked, or in all."""
        if self.by is None:
            raise ValidationFailed(_("Choose the new part first."))
        return product_replace(
            actor=self.actor,
            product_id=self.product.pk,
            by_id=self.by.pk,
            factor=self.factor(),
            revisions=None if form.cleaned_data["scope"] == "all" else self._ticked(),
            reason=form.cleaned_data["reason"],
        )

    def _ticked(self) -> dict[uuid.UUID, int | None]:
        chosen: dict[uuid.UUID, int | None] = {}
        for text in self.request.POST.getlist("revision"):
            key, _colon, version = text.partition(":")
            try:
                chosen[uuid.UUID(key)] = int(version)
            except ValueError:
                raise ValidationFailed(_("Tick the revisions in the list.")) from None
        if not chosen:
            raise ValidationFailed(_("Tick at least one revision."))
        return chosen

    def get_success_url(self) -> str:
        """Show what was done, and what is left."""
        said = QueryDict(mutable=True)
        said["edited"] = str(self.result.edited)
        if self.result.change is not None:
            said["change"] = str(self.result.change.pk)
        if self.by is not None:
            said["by"] = self.by.product_number
        return f"{reverse('changes:product-replace', args=[self.product.pk])}?{said.urlencode()}"
