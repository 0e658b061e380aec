"""What happens to existing parts: the panel of the change page, and the pages on which it is planned and completed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from changes import permissions
from changes.choices import ChangeStatus
from changes.disposition_forms import (
    CompleteForm,
    DispositionForm,
    NoDispositionForm,
    OrganiseForm,
    ReopenForm,
    disposition_values,
)
from changes.lifecycle import is_author_or_manager
from changes.models import AffectedProduct, Disposition, EngineeringChange
from changes.selectors.dispositions import (
    DispositionCost,
    cost_of,
    existed_before,
    is_over,
    parts_to_dispose_of,
)
from changes.services import (
    disposition_add,
    disposition_complete,
    disposition_remove,
    disposition_reopen,
    disposition_update,
    no_disposition_set,
)
from changes.services.dispositions import may_carry_out
from changes.views.base import AffectedOfChange, ChangePage, ServicePage, change_url
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound

ANCHOR = "dispositions"


@dataclass(frozen=True)
class ShownDisposition:
    """A row with what the reader may do with it."""

    row: Disposition
    may_change: bool
    may_complete: bool
    may_reopen: bool


@dataclass(frozen=True)
class ShownParts:
    """One affected product with what happens to its existing parts. ``is_undecided``: it existed before, and nobody has
    said anything yet.
    """

    affected: AffectedProduct
    rows: tuple[ShownDisposition, ...]
    is_undecided: bool


@dataclass(frozen=True)
class ShownPanel:
    """The panel: products, the planned cost of all rows, and how many are done."""

    products: tuple[ShownParts, ...]
    cost: DispositionCost
    rows: int
    done: int


def existing_parts(change: EngineeringChange, actor: Actor) -> ShownPanel:
    """Return the panel from what ``change_get`` has read. No query."""
    rows = list(change.dispositions.all())
    organises = (
        not is_over(change) and actor.may(permissions.CHANGES_UPDATE) and not is_author_or_manager(change, actor)
    )
    carries_out = change.status == ChangeStatus.IMPLEMENTED
    products = []
    for entry in change.affected.all():
        own = tuple(
            ShownDisposition(
                row,
                may_change=organises and not row.is_done,
                may_complete=carries_out and not row.is_done and may_carry_out(row, actor),
                may_reopen=carries_out and row.is_done and may_carry_out(row, actor),
            )
            for row in rows
            if row.affected_id == entry.pk
        )
        undecided = not own and not entry.no_disposition_reason and existed_before(entry)
        products.append(ShownParts(entry, own, undecided))
    return ShownPanel(tuple(products), cost_of(rows), len(rows), sum(row.is_done for row in rows))


class DispositionPage(ChangePage, ServicePage):
    """A form about the existing parts of a change; afterwards back to its panel."""

    template_name = "changes/disposition.html"
    title: Any = ""
    button: Any = gettext_lazy("Save")
    renamed_fields = OrganiseForm.renamed

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the words, and where to go back to."""
        shared = {"title": self.get_title(), "button": self.button, "back": change_url(self.change, ANCHOR)}
        return super().get_context_data(**{**shared, "possible": self.is_possible(), "row": None, **kwargs})

    def get_title(self) -> str:
        """Return what the page is about."""
        return str(self.title)

    def is_possible(self) -> bool:
        """Return whether the form makes sense for the reader; the services decide anyway."""
        return True

    def get_success_url(self) -> str:
        """The panel of the change."""
        return change_url(self.change, ANCHOR)

    def get_error_url(self) -> str:
        """The panel of the change."""
        return change_url(self.change, ANCHOR)


class AffectedPage(AffectedOfChange, DispositionPage):
    """A form about one affected product."""

    permission = permissions.CHANGES_UPDATE

    def is_possible(self) -> bool:
        """Return whether it is a draft that the reader may edit."""
        draft = self.change.is_draft and not is_author_or_manager(self.change, self.actor)
        return draft and self.affected is not None


class RowPage(DispositionPage):
    """A form about one disposition."""

    @cached_property
    def row(self) -> Disposition:
        """The disposition of the address; one of another change is not found."""
        for row in self.change.dispositions.all():
            if row.pk == self.kwargs["disposition"]:
                return row
        raise NotFound(_("There is no such disposition."))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the row."""
        return super().get_context_data(**{"row": self.row, **kwargs})


class DispositionAddView(AffectedPage):
    """One more place of an affected product's existing parts."""

    form_class = DispositionForm

    def get_title(self) -> str:
        """Name the product."""
        return _("Existing parts of %(number)s") % {"number": self.affected.product.product_number}

    def get_form_kwargs(self) -> dict[str, Any]:
        """Offer the product and the parts that are taken out."""
        return {**super().get_form_kwargs(), "parts": parts_to_dispose_of(self.affected)}

    def get_initial(self) -> dict[str, Any]:
        """Carry the version of the change along."""
        return {"expected_version": self.change.version}

    def perform(self, form: Any) -> Disposition:
        """Add it."""
        row = disposition_add(
            actor=self.actor,
            change_id=self.change.pk,
            affected_id=self.affected.pk,
            values=form.values(),
            expected_version=form.cleaned_data["expected_version"],
        )
        messages.success(self.request, _("%(what)s is added.") % {"what": row.label})
        return row


class NoDispositionView(AffectedPage):
    """Say that there is nothing to dispose of, and why."""

    form_class = NoDispositionForm

    def get_title(self) -> str:
        """Name the product."""
        return _("Nothing to dispose of: %(number)s") % {"number": self.affected.product.product_number}

    def get_initial(self) -> dict[str, Any]:
        """Show what was said."""
        return {"reason": self.affected.no_disposition_reason, "expected_version": self.affected.version}

    def perform(self, form: Any) -> AffectedProduct:
        """Keep it."""
        given = form.cleaned_data
        found = no_disposition_set(
            actor=self.actor,
            affected_id=self.affected.pk,
            reason=given["reason"],
            expected_version=given["expected_version"],
        )
        messages.success(self.request, _("%(number)s is saved.") % {"number": found.product.product_number})
        return found


class DispositionEditView(RowPage):
    """Edit a row: all of it in a draft, later who does it until when."""

    permission = permissions.CHANGES_UPDATE

    def get_form_class(self) -> Any:
        """Show what may be changed now."""
        return DispositionForm if self.change.is_draft else OrganiseForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """Offer the parts where the part may be changed."""
        found: dict[str, Any] = super().get_form_kwargs()
        if self.change.is_draft:
            found["parts"] = parts_to_dispose_of(self.row.affected)
        return found

    def get_initial(self) -> dict[str, Any]:
        """Show the row as it stands."""
        return disposition_values(self.row)

    def get_title(self) -> str:
        """Name the row."""
        return self.row.label

    def is_possible(self) -> bool:
        """Return whether it can be organised by the reader."""
        over = is_over(self.change) or self.row.is_done
        return not over and not is_author_or_manager(self.change, self.actor)

    def perform(self, form: Any) -> Disposition:
        """Save it."""
        row = disposition_update(
            actor=self.actor,
            disposition_id=self.row.pk,
            changes=form.values(),
            expected_version=form.cleaned_data["expected_version"],
        )
        messages.success(self.request, _("%(what)s is saved.") % {"what": row.label})
        return row


class DispositionCompleteView(RowPage):
    """Say that it is done, and what was really done."""

    permission = permissions.CHANGES_DISPOSE
    form_class = CompleteForm
    button = gettext_lazy("It is done")

    def get_title(self) -> str:
        """Name the row."""
        return _("Done: %(what)s") % {"what": self.row.label}

    def get_initial(self) -> dict[str, Any]:
        """Begin with what was planned."""
        planned = disposition_values(self.row)
        return {"quantity_done": planned["quantity"], "expected_version": self.row.version}

    def is_possible(self) -> bool:
        """Return whether the reader can say so now."""
        open_now = self.change.status == ChangeStatus.IMPLEMENTED and not self.row.is_done
        return open_now and may_carry_out(self.row, self.actor)

    def perform(self, form: Any) -> Disposition:
        """Complete it."""
        row = disposition_complete(actor=self.actor, disposition_id=self.row.pk, **form.cleaned_data)
        messages.success(self.request, _("%(what)s is done.") % {"what": row.label})
        return row


class DispositionReopenView(RowPage):
    """Take back that it is done."""

    permission = permissions.CHANGES_DISPOSE
    form_class = ReopenForm
    button = gettext_lazy("Open again")

    def get_title(self) -> str:
        """Name the row."""
        return _("Not done after all: %(what)s") % {"what": self.row.label}

    def get_initial(self) -> dict[str, Any]:
        """Carry the version along."""
        return {"expected_version": self.row.version}

    def is_possible(self) -> bool:
        """Return whether the reader can say so now."""
        done_now = self.change.status == ChangeStatus.IMPLEMENTED and self.row.is_done
        return done_now and may_carry_out(self.row, self.actor)

    def perform(self, form: Any) -> Disposition:
        """Open it again."""
        row = disposition_reopen(actor=self.actor, disposition_id=self.row.pk, **form.cleaned_data)
        messages.success(self.request, _("%(what)s is to be done again.") % {"what": row.label})
        return row


class DispositionRemoveView(ChangePage, View):
    """Take a row out of a draft."""

    permission = permissions.CHANGES_UPDATE
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: uuid.UUID, disposition: uuid.UUID) -> HttpResponse:
        """Take it out."""
        if all(row.pk != disposition for row in self.change.dispositions.all()):
            raise NotFound(_("There is no such disposition."))
        row = disposition_remove(actor=self.actor, disposition_id=disposition)
        messages.success(request, _("%(what)s is taken out.") % {"what": row.label})
        return HttpResponseRedirect(change_url(self.change, ANCHOR))

    def get_error_url(self) -> str:
        """Back to the change."""
        return change_url(self.change, ANCHOR)
