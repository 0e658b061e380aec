"""BOM line editing on a revision in work."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from products import permissions
from products.forms import LineForm, LineRemoveForm, PlmForm
from products.forms.lines import RENAMED, form_values, line_values
from products.models import BomLine, Product, ProductRevision
from products.selectors.levels import line_at_version
from products.selectors.records import line_get, revision_get
from products.selectors.substitutes import substitutes_of_line
from products.services import LineInput, line_add, line_remove, line_update
from products.views.base import EditPage, ProductPage, ServicePage, merge_stale
from products.views.editing import named_product
from products.views.revisions import bom_url


class RevisionLinesPage(ProductPage):
    """A page about lines of one revision."""

    permission = permissions.BOM_UPDATE
    tab = "bom"

    @cached_property
    def revision(self) -> ProductRevision:
        """The revision in the address."""
        return revision_get(self.kwargs["pk"])

    @cached_property
    def product(self) -> Product:  # type: ignore[override]
        """Its product."""
        return self.revision.product

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the revision; a released one leads to an engineering change instead of a form."""
        return super().get_context_data(revision=self.revision, bom_url=bom_url(self.revision), **kwargs)

    def get_success_url(self) -> str:
        """Back to the BOM."""
        return bom_url(self.revision)


class LineAddView(RevisionLinesPage, ServicePage):
    """A new line at the end, or at a find number."""

    template_name = "products/line_add.html"
    form_class = LineForm
    renamed_fields = RENAMED
    initial = {"quantity": "1"}

    def get_form_kwargs(self) -> dict[str, Any]:
        """A new line needs no find number."""
        return {**super().get_form_kwargs(), "adding": True}

    def perform(self, form: PlmForm) -> BomLine:
        """Add it."""
        given = dict(form.cleaned_data)
        del given["expected_version"]
        child = named_product(given.pop("child"), "child")
        given["reference_designators"] = tuple(given["reference_designators"])
        line = line_add(actor=self.actor, revision_id=self.revision.pk, line=LineInput(child_id=child.pk, **given))
        said = {"find": line.find_number, "number": line.child.product_number}
        messages.success(self.request, _("Line %(find)s, %(number)s, is added.") % said)
        return line

    def get_success_url(self) -> str:
        """Back to the BOM, or to the next new line."""
        if "another" in self.request.POST:
            return reverse("products:line-add", args=[self.revision.pk])
        return super().get_success_url()


class LinePage(RevisionLinesPage):
    """A page about one line."""

    @cached_property
    def line(self) -> BomLine:
        """The line in the address."""
        return line_get(self.kwargs["pk"])

    @cached_property
    def revision(self) -> ProductRevision:  # type: ignore[override]
        """Its revision."""
        return self.line.parent_revision

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the line."""
        return super().get_context_data(line=self.line, **kwargs)


class LineEditView(LinePage, EditPage):
    """A line's own values."""

    template_name = "products/line_edit.html"
    form_class = LineForm
    renamed_fields = RENAMED

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what may be taken for its part."""
        return super().get_context_data(substitutes=list(substitutes_of_line(self.line)), **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """Show the line as it stands."""
        return form_values(self.line)

    def save(self, form: PlmForm) -> None:
        """Change what differs."""
        changes = dict(form.cleaned_data)
        expected = changes.pop("expected_version")
        number = changes.pop("child")
        if number != self.line.child.product_number:
            changes["child_id"] = named_product(number, "child").pk
        line_update(actor=self.actor, line_id=self.line.pk, changes=changes, expected_version=expected)
        messages.success(self.request, _("Line %(find)s is saved.") % {"find": form.cleaned_data["find_number"]})

    def stale(self, form: PlmForm) -> dict[str, Any]:
        """Return what the page shows after a colleague's edit."""
        line = line_get(self.line.pk)
        seen = line_at_version(line, form.cleaned_data["expected_version"])
        last = line.history.order_by("-history_date", "-history_id").first()
        was = line_values(seen, seen.child.product_number) if seen else None
        now = line_values(line, line.child.product_number)
        merged, differences = merge_stale(form, was, now, line.version)
        return {"form": merged, "differences": differences, "last": last}


class LineRemoveView(LinePage, ServicePage):
    """Take a line off, after a question."""

    template_name = "products/line_remove.html"
    form_class = LineRemoveForm

    def get_initial(self) -> dict[str, Any]:
        """Remember which version was looked at."""
        return {"expected_version": self.line.version}

    def perform(self, form: PlmForm) -> None:
        """Remove it."""
        given = form.cleaned_data
        line_remove(
            actor=self.actor,
            line_id=self.line.pk,
            reason=given["reason"],
            expected_version=given["expected_version"],
        )
        messages.success(self.request, _("Line %(find)s is removed.") % {"find": self.line.find_number})
