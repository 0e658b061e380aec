"""Redlining: a line of the base revision as it is to be, a new line, a line struck out, a line left as it is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from changes import permissions
from changes.line_forms import AdditionForm, LineFields, RedlineForm, more_shown, row_values, untouched_row
from changes.merging import CUSTOM
from changes.models import AffectedProduct, Redline
from changes.selectors import drawn_rows
from changes.services import line_redraw, line_restore, line_strike, redline_add, redline_remove, redline_update
from changes.views.base import AffectedOfChange, ChangePage, ServicePage, change_url
from changes.views.story import affected_anchor
from plm_project.core.exceptions import NotFound
from plm_project.web.views import is_htmx
from products.models import BomLine, Product
from products.selectors.substitutes import substitutes_of_lines


class LineForms(ChangePage, ServicePage):
    """A page with the form of one line. htmx gets the form alone, to open it inside the table."""

    permission = permissions.CHANGES_UPDATE
    renamed_fields = LineFields.renamed
    template_name = "changes/line.html"
    partial_template_name = "changes/_line_editor.html"

    @property
    def affected(self) -> AffectedProduct:
        """The affected product that the line belongs to."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the product and where to go back."""
        back = change_url(self.change, self.anchor())
        place = {"editor_id": f"edit-{self.anchor()}", "closed": "close" in self.request.GET}
        return super().get_context_data(**{"affected": self.affected, "back": back, **place, **kwargs})

    def get_form_kwargs(self) -> dict[str, Any]:
        """Inside the table several forms may be open: each has ids of its own."""
        kwargs = super().get_form_kwargs()
        return {**kwargs, "auto_id": f"{self.anchor()}-%s"} if is_htmx(self.request) else kwargs

    def anchor(self) -> str:
        """Return where on the change page the line stands."""
        return affected_anchor(self.affected.pk)

    def form_valid(self, form: Any) -> HttpResponse:
        """Say at the field that there is no such part, instead of answering that the page does not exist."""
        number = form.cleaned_data["child"].strip()
        self.child = Product.objects.filter(product_number=number).first()
        if self.child is None:
            form.add_error("child", _("There is no product %(number)s.") % {"number": number})
            return self.form_invalid(form)
        return super().form_valid(form)

    def get_success_url(self) -> str:
        """Back to the line."""
        return change_url(self.change, self.anchor())


class BaseLinePage(LineForms):
    """About one line of a base revision."""

    form_class = RedlineForm

    @cached_property
    def line(self) -> BomLine:
        """The line, when an affected product of this change is based on its revision."""
        bases = [entry.base_revision_id for entry in self.change.affected.all()]
        rows = BomLine.objects.select_related("child")
        line = rows.filter(pk=self.kwargs["line"], parent_revision_id__in=bases).first()
        if line is None:
            raise NotFound(_("There is no such line in this change."))
        return line

    @property
    def affected(self) -> AffectedProduct:
        """The product the line belongs to."""
        return next(
            entry for entry in self.change.affected.all() if entry.base_revision_id == self.line.parent_revision_id
        )

    @cached_property
    def drawn(self) -> list[Redline]:
        """The redlines on the line."""
        return [redline for redline in self.change.redlines.all() if redline.line_id == self.line.pk]

    def anchor(self) -> str:
        """The line itself."""
        return f"line-{self.line.pk}"


class LineEditView(BaseLinePage):
    """What a line is to be: what differs from the base becomes its redlines."""

    def get_initial(self) -> dict[str, Any]:
        """The line with the redlines so far."""
        new = {name: value for redline in self.drawn for name, value in redline.new_values().items()}
        substitutes = substitutes_of_lines([self.line.pk]).get(self.line.pk, ())
        more = more_shown(self.line, substitutes, new)
        if not self.drawn:
            return untouched_row(self.line, self.change.version) | more
        return row_values(drawn_rows(self.drawn)[0], self.change.version) | more

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the line as it is in the base revision."""
        return super().get_context_data(**{"line": self.line, "drawn": self.drawn, **kwargs})

    def perform(self, form: Any) -> list[Redline]:
        """Draw it."""
        assert self.child is not None
        values = form.line_values(self.child.pk) | form.more_values()
        if values["unit_of_measure"] is None:
            values["unit_of_measure"] = self.child.unit_of_measure
        made = line_redraw(
            actor=self.actor,
            change_id=self.change.pk,
            line_id=self.line.pk,
            values=values,
            note=form.cleaned_data["note"],
            expected_version=form.cleaned_data["expected_version"],
        )
        if made:
            messages.success(self.request, _("Line %(find)s is redlined.") % {"find": self.line.find_number})
        else:
            messages.info(self.request, _("Line %(find)s stays as it is.") % {"find": self.line.find_number})
        return made


class LineActionView(BaseLinePage):
    """A button on a line; there is nothing to ask. Only POST."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Do it and show the line."""
        version = request.POST.get("expected_version", "")
        self.act(int(version) if version.isdecimal() and len(version) < 10 else None)
        return HttpResponseRedirect(change_url(self.change, self.anchor()))

    def act(self, version: int | None) -> None:
        """Call the service."""
        raise NotImplementedError

    def get_error_url(self) -> str:
        """Back to the change, which shows how it stands."""
        return change_url(self.change)


class LineStrikeView(LineActionView):
    """The line is to go."""

    def act(self, version: int | None) -> None:
        """Strike it."""
        line_strike(actor=self.actor, change_id=self.change.pk, line_id=self.line.pk, expected_version=version)
        messages.success(self.request, _("Line %(find)s is struck out.") % {"find": self.line.find_number})


class LineRestoreView(LineActionView):
    """The line stays as it is."""

    def act(self, version: int | None) -> None:
        """Take its redlines away."""
        line_restore(actor=self.actor, change_id=self.change.pk, line_id=self.line.pk, expected_version=version)
        messages.success(self.request, _("Line %(find)s stays as it is.") % {"find": self.line.find_number})


class AdditionView(AffectedOfChange, LineForms):
    """A new line for one of the affected products."""

    form_class = AdditionForm

    def get_initial(self) -> dict[str, Any]:
        """One of something."""
        return {"quantity": "1", "expected_version": self.change.version} | more_shown(None, (), {})

    def perform(self, form: Any) -> Redline:
        """Draw it."""
        assert self.child is not None
        redline = redline_add(
            actor=self.actor,
            change_id=self.change.pk,
            operation="add",
            affected_id=self.affected.pk,
            values=_given(form.line_values(self.child.pk) | form.settings()),
            note=form.cleaned_data["note"],
            expected_version=form.cleaned_data["expected_version"],
        )
        messages.success(self.request, _("%(number)s is added.") % {"number": self.child.product_number})
        return redline

    def get_success_url(self) -> str:
        """The new line, or the next one."""
        if "another" in self.request.POST:
            return self.request.path
        return change_url(self.change, f"line-{self.result.pk}")


class AdditionPage(LineForms):
    """About a line that a redline adds."""

    form_class = AdditionForm

    @cached_property
    def redline(self) -> Redline:
        """The addition in the address."""
        for redline in self.change.redlines.all():
            if redline.pk == self.kwargs["redline"] and redline.line_id is None:
                return redline
        raise NotFound(_("There is no such redline."))

    @property
    def affected(self) -> AffectedProduct:
        """The product it is added to."""
        return self.redline.affected

    def anchor(self) -> str:
        """The added line."""
        return f"line-{self.redline.pk}"


class AdditionEditView(AdditionPage):
    """Other values for an added line."""

    def get_initial(self) -> dict[str, Any]:
        """The line as it was drawn; the version is the redline's own."""
        shown = row_values(drawn_rows([self.redline])[0], self.redline.version)
        return shown | more_shown(None, (), self.redline.new_values())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the redline."""
        return super().get_context_data(**{"redline": self.redline, **kwargs})

    def perform(self, form: Any) -> Redline:
        """Save it."""
        assert self.child is not None
        values = form.line_values(self.child.pk) | form.settings(self.redline.new_values().get(CUSTOM))
        redline = redline_update(
            actor=self.actor,
            redline_id=self.redline.pk,
            changes={**values, "note": form.cleaned_data["note"]},
            expected_version=form.cleaned_data["expected_version"],
        )
        messages.success(self.request, _("The new line is saved."))
        return redline


class AdditionRemoveView(AdditionPage):
    """The added line is not wanted after all. Only POST."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take it away."""
        redline_remove(actor=self.actor, redline_id=self.redline.pk)
        messages.success(request, _("The new line is taken away."))
        return HttpResponseRedirect(change_url(self.change, affected_anchor(self.redline.affected_id)))

    def get_error_url(self) -> str:
        """Back to the change."""
        return change_url(self.change)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, [])}
