"""Manufacturer parts: the list of all, and one part with the products it may stand for and what it is offered at."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from products import permissions
from products.forms.sourcing import ManufacturerPartFilterForm, ManufacturerPartForm, RemoveForm
from products.models import ManufacturerPart
from products.selectors.sourcing import (
    manufacturer_part_get,
    manufacturer_part_list,
    offers_of_part,
    part_counts,
    sources_of_part,
)
from products.services.partners import manufacturer_part_delete, manufacturer_part_update
from products.views.base import ServicePage, actor_of, page_of
from products.views.sourcing_lists import RoomMixin

OFFERS_SHOWN = 200


class ManufacturerPartListView(RoomMixin, TemplateView):
    """All manufacturer parts, narrowed by words and availability, those that are running out told at a glance."""

    place = "parts"
    template_name = "products/sourcing/manufacturer_parts.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filtered page with how often each part is used."""
        form = ManufacturerPartFilterForm(self.request.GET)
        form.is_valid()
        asked = form.cleaned_data
        rows = manufacturer_part_list(asked.get("q", ""), lifecycle=asked.get("lifecycle", ""))
        page = page_of(rows, self.request)
        counts = part_counts([part.pk for part in page])
        narrowed = any(self.request.GET.get(name) for name in ("q", "lifecycle"))
        found = [(part, counts[part.pk]) for part in page]
        return super().get_context_data(form=form, page=page, parts=found, narrowed=narrowed, **kwargs)


class ManufacturerPartPage(RoomMixin):
    """A page about the manufacturer part ``pk`` in the address."""

    place = "parts"
    kwargs: dict[str, Any]

    @cached_property
    def part(self) -> ManufacturerPart:
        """The part; another tenant's is not found."""
        return manufacturer_part_get(self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the part."""
        return super().get_context_data(part=self.part, **kwargs)

    def get_success_url(self) -> str:
        """Back to the part."""
        return reverse("products:manufacturer-part", args=[self.kwargs["pk"]])


class ManufacturerPartView(ManufacturerPartPage, TemplateView):
    """One part: what it is, which products it may stand for, what it is offered at."""

    template_name = "products/sourcing/manufacturer_part.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a page of its products, and its offers."""
        actor = actor_of(self.request)
        return super().get_context_data(
            page=page_of(sources_of_part(self.part), self.request),
            offers=list(offers_of_part(self.part)[:OFFERS_SHOWN]),
            may_read_products=actor.may(permissions.PRODUCTS_READ),
            **kwargs,
        )


class ManufacturerPartEditView(ManufacturerPartPage, ServicePage):
    """Its number, description, availability and link."""

    permission = permissions.SOURCING_UPDATE
    template_name = "products/sourcing/manufacturer_part_form.html"
    form_class: Any = ManufacturerPartForm

    def get_initial(self) -> dict[str, Any]:
        """Show it as it is."""
        shown = {name: getattr(self.part, name) for name in ("mpn", "description", "lifecycle", "link")}
        return {**shown, "expected_version": self.part.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the page."""
        return super().get_context_data(panel_title=str(self.part), submit_label=_("Save"), **kwargs)

    def perform(self, form: ManufacturerPartForm) -> None:
        """Change what differs."""
        changes = dict(form.cleaned_data)
        expected = changes.pop("expected_version")
        manufacturer_part_update(actor=self.actor, part_id=self.part.pk, changes=changes, expected_version=expected)
        messages.success(self.request, _("Saved."))


class ManufacturerPartDeleteView(ManufacturerPartPage, ServicePage):
    """Take a part out of sight, after a question."""

    permission = permissions.SOURCING_UPDATE
    template_name = "products/sourcing/manufacturer_part_form.html"
    form_class: Any = RemoveForm

    def get_initial(self) -> dict[str, Any]:
        """Remember which version was looked at."""
        return {"expected_version": self.part.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the page."""
        title = _("Delete %(name)s?") % {"name": self.part}
        return super().get_context_data(panel_title=title, submit_label=_("Delete"), danger=True, **kwargs)

    def perform(self, form: RemoveForm) -> None:
        """Delete it; one that is a source or is offered stays, and the page says so."""
        manufacturer_part_delete(actor=self.actor, part_id=self.part.pk, **form.cleaned_data)
        messages.success(self.request, _("%(name)s is deleted.") % {"name": self.part})

    def get_success_url(self) -> str:
        """Back to the list."""
        return reverse("products:manufacturer-parts")
