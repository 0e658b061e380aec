"""The pages of one's own notices: the list, the sheet under the bell, opening, marking, settings."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from collaboration import permissions
from collaboration.notice_forms import NoticeFilterForm, NoticeSettingsForm
from collaboration.notice_showing import all_shown, target_url
from collaboration.selectors import notice_choices, notice_get, notice_list, notice_unread_count
from collaboration.services import (
    notice_mark,
    notice_preferences_update,
    notices_read_all,
    notices_read_all_undo,
)
from plm_project.core.exceptions import ValidationFailed
from plm_project.web.safe_next import safe_next
from plm_project.web.views import PageFormView, PageMixin, PageView

PAGE_SIZE = 25
IN_SHEET = 8


class NoticeListView(PageView):
    """All of one's own, narrowed by the address."""

    permission = permissions.NOTICES_READ
    template_name = "collaboration/notices.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the filter form and a page of notices."""
        form = NoticeFilterForm(self.request.GET)
        page = Paginator(notice_list(self.actor, **form.wanted()), PAGE_SIZE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            form=form,
            page=page,
            notices=all_shown(page.object_list),
            unread=notice_unread_count(self.actor),
            undo=_moment(self.request.GET.get("marked", "")),
            **kwargs,
        )


class NoticeSheetView(PageView):
    """The newest ones, for the sheet under the bell."""

    permission = permissions.NOTICES_READ
    template_name = "collaboration/_notice_sheet.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add them."""
        return super().get_context_data(notices=all_shown(notice_list(self.actor)[:IN_SHEET]), **kwargs)


class NoticeOpenView(PageMixin, View):
    """Marks a notice read and leads to what it is about.

    A GET, so that it is a link like any other, in mails too: it can be opened in a new tab, and coming back from sign-in
    ends where it should. That it writes does no harm: only one's own, only "read", and twice is the same as once. A
    browser that fetches ahead, or asks for the head alone, marks nothing.
    """

    permission = permissions.NOTICES_UPDATE
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Mark and lead on."""
        notice = notice_get(self.actor, pk)
        if request.method == "GET" and not _is_fetched_ahead(request):
            notice_mark(actor=self.actor, notice_id=notice.pk, read=True)
        response = HttpResponseRedirect(target_url(notice))
        response.headers["Cache-Control"] = "no-store"
        return response


class NoticeStep(PageMixin, View):
    """Something that a button does. What is refused is said on the list, the one page all of them stand on."""

    permission = permissions.NOTICES_UPDATE
    http_method_names = ["post"]

    def get_error_url(self) -> str:
        """To the list."""
        return reverse("collaboration:notice-list")


class NoticeMarkView(NoticeStep):
    """Marks one read, or unread again: ``read`` is 1 or 0."""

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Mark and go back."""
        notice_mark(actor=self.actor, notice_id=pk, read=request.POST.get("read") != "0")
        return HttpResponseRedirect(safe_next(request, "collaboration:notice-list"))


class NoticesReadAllView(NoticeStep):
    """Marks all read. The list then offers to undo it."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Mark and show the list."""
        count, moment = notices_read_all(actor=self.actor)
        address = reverse("collaboration:notice-list")
        if not count:
            messages.info(request, _("Nothing was unread."))
            return HttpResponseRedirect(address)
        text = ngettext("One notice was marked as read.", "%(n)s notices were marked as read.", count)
        messages.success(request, text % {"n": count})
        return HttpResponseRedirect(f"{address}?{urlencode({'marked': moment.isoformat()})}")


class NoticesReadAllUndoView(NoticeStep):
    """Takes back what was marked at one moment."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Undo and show the list."""
        moment = _moment(request.POST.get("marked", ""))
        if moment is None:
            raise ValidationFailed.field("marked", _("There is nothing to undo."))
        count = notices_read_all_undo(actor=self.actor, moment=moment)
        text = ngettext("One notice is unread again.", "%(n)s notices are unread again.", count)
        messages.success(request, text % {"n": count})
        return HttpResponseRedirect(reverse("collaboration:notice-list"))


class NoticeSettingsView(PageFormView):
    """How one wants to be told."""

    permission = permissions.NOTICES_READ
    write_permission = permissions.NOTICES_UPDATE
    template_name = "collaboration/notice_settings.html"
    form_class = NoticeSettingsForm
    success_message = gettext_lazy("Your settings were saved.")
    success_url = reverse_lazy("collaboration:notice-settings")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Show what holds now."""
        return {**super().get_form_kwargs(), "choices": notice_choices(self.actor)}

    def perform(self, form: Any) -> int:
        """Have the service take them."""
        return notice_preferences_update(actor=self.actor, wishes=form.wishes())


def _moment(text: str) -> dt.datetime | None:
    """Return the moment an address names; None for anything else."""
    try:
        found = parse_datetime(text)
    except ValueError:  # the shape of a moment, but no day of any year
        return None
    return found if found is not None and found.tzinfo is not None else None


def _is_fetched_ahead(request: HttpRequest) -> bool:
    purposes = [request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz")]
    return any("prefetch" in purpose or "prerender" in purpose for purpose in purposes)
