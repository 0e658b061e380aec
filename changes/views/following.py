"""What a draft takes over: what other changes released, and the parts that must be released with it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import View

from changes import permissions
from changes.models import Redline
from changes.services import change_rebase, children_add, conflict_settle
from changes.views.base import ChangePage, change_url
from plm_project.core.exceptions import NotFound


class _Post(ChangePage, View):
    permission = permissions.CHANGES_UPDATE
    http_method_names = ("post", "options")

    def get_error_url(self) -> str:
        """Back to the change, which shows how it stands."""
        return change_url(self.change)


class RebaseView(_Post):
    """Draw the redlines anew on what is released now."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Do it and say what came of it."""
        done = change_rebase(actor=self.actor, change_id=self.change.pk)
        for one in done:
            facts = {"number": one.affected.product.product_number, "label": one.to_label, "n": one.conflicts}
            if one.conflicts:
                words = ngettext(
                    "%(number)s follows revision %(label)s; %(n)d conflict is left to you.",
                    "%(number)s follows revision %(label)s; %(n)d conflicts are left to you.",
                    one.conflicts,
                )
                messages.warning(request, words % facts)
            else:
                messages.success(request, _("%(number)s follows revision %(label)s.") % facts)
        if not done:
            messages.info(request, _("The change is up to date."))
        return HttpResponseRedirect(change_url(self.change, "products"))


class ChildrenAddView(_Post):
    """Add the parts that are not released yet, so that this change releases them."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Add them and say which."""
        added = children_add(actor=self.actor, change_id=self.change.pk)
        if added:
            numbers = ", ".join(entry.product.product_number for entry in added)
            messages.success(request, _("Added: %(numbers)s.") % {"numbers": numbers})
        else:
            messages.info(request, _("Every part is released, or in this change."))
        return HttpResponseRedirect(change_url(self.change, "products"))


class ConflictSettleView(_Post):
    """Keep mine, or take theirs."""

    def post(self, request: HttpRequest, pk: uuid.UUID, redline: uuid.UUID) -> HttpResponse:
        """Settle it and show the line, or where it was."""
        found = Redline.all_objects.filter(pk=redline, change=self.change).first()
        if found is None:
            raise NotFound(_("There is no such redline."))
        field, key = request.POST.get("field", ""), request.POST.get("key", "")
        open_ones = {(told["field"], told.get("key", "")) for told in found.conflicts}
        is_left = (field, key) in open_ones if field else bool(open_ones)
        if found.is_deleted or not is_left:  # a second click, or somebody else was faster
            messages.info(request, _("This is settled already."))
            return HttpResponseRedirect(change_url(self.change, "products"))
        take = request.POST.get("take", "")
        left = conflict_settle(actor=self.actor, redline_id=found.pk, take=take, field=field, key=key)
        messages.success(request, _("Kept.") if take == "mine" else _("Taken as released."))
        line_id = left.line_id or left.pk if left is not None else found.line_id
        return HttpResponseRedirect(change_url(self.change, f"line-{line_id}"))
