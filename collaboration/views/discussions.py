"""The discussion of a change: begin a thread, reply, edit, remove, resolve. All lead back to its place on the change page."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView

from changes.models import EngineeringChange
from changes.permissions import CHANGES_READ
from changes.selectors import change_get
from collaboration import permissions
from collaboration.discussion_panel import may_discuss, shown_thread, thread_url
from collaboration.discussion_wording import anchor_words
from collaboration.forms import CommentForm, ThreadForm
from collaboration.models import Comment, DiscussionThread
from collaboration.selectors.discussions import comment_get, comment_versions, discussed, people_to_call, thread_get
from collaboration.services import (
    comment_add,
    comment_edit,
    comment_remove,
    thread_reopen,
    thread_resolve,
    thread_start,
)
from collaboration.services.anchoring import anchor_find
from plm_project.core.exceptions import NotFound
from plm_project.web.views import PageFormView, PageMixin

ANCHORS = ("affected", "line", "redline")


class DiscussionPage(PageMixin):
    """Who may read changes may look; who writes in rooms may write here. Another tenant's is not found."""

    permission = CHANGES_READ
    write_permission = permissions.COLLABORATION_UPDATE
    kwargs: dict[str, Any]

    @cached_property
    def thread(self) -> DiscussionThread:
        """The thread ``pk`` in the address."""
        return thread_get(self.kwargs["pk"])

    def get_error_url(self) -> str:
        """Back to the thread."""
        return thread_url(self.thread)


class PeopleToCallView(DiscussionPage, View):
    """Whom "@" and the letters ``q`` may mean, as JSON, for the text boxes."""

    permission = permissions.COLLABORATION_UPDATE

    def get(self, request: HttpRequest) -> HttpResponse:
        """Name at most a handful."""
        found = people_to_call(self.words_asked(), besides=self.actor.user_id)
        return JsonResponse({"people": [asdict(person) for person in found]})

    def get_error_url(self) -> str:
        """To the changes."""
        return reverse("changes:change-list")


class DiscussionView(DiscussionPage, View):
    """A thread's own address, for notices and links: leads to its place on the change page."""

    write_permission = ""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Go there."""
        return HttpResponseRedirect(thread_url(self.thread))


class CommentVersionsView(DiscussionPage, TemplateView):
    """What an edited comment said before."""

    template_name = "collaboration/comment_versions.html"
    write_permission = ""

    @cached_property
    def comment(self) -> Comment:
        """The comment ``pk`` in the address; one that was taken back is not found."""
        return comment_get(self.kwargs["pk"])

    @cached_property
    def thread(self) -> DiscussionThread:
        """Its thread."""
        return thread_get(self.comment.thread_id)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the texts and what the thread is about."""
        return super().get_context_data(
            change=self.thread.change,
            comment=self.comment,
            about=anchor_words(self.thread.anchor, self.thread.said),
            thread_url=thread_url(self.thread),
            versions=comment_versions(self.comment),
            **kwargs,
        )


class DiscussionNewView(DiscussionPage, PageFormView):
    """Begin a thread on what the address names."""

    template_name = "collaboration/discussion_new.html"
    form_class = ThreadForm
    success_message = gettext_lazy("Your comment is there.")
    renamed_fields = {"affected_id": "affected", "line_id": "line", "redline_id": "redline"}

    @cached_property
    def change(self) -> EngineeringChange:
        """The change ``pk`` in the address."""
        return change_get(self.kwargs["pk"])

    def get_initial(self) -> dict[str, Any]:
        """What it is about comes with the address."""
        return {name: self.request.GET.get(name) for name in ANCHORS if self.request.GET.get(name)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the change and the anchor in words."""
        shared = {"change": self.change, "about": self._about(), "may_discuss": may_discuss(self.change, self.actor)}
        return super().get_context_data(**{**shared, **kwargs})

    def perform(self, form: Any) -> Any:
        """By the service."""
        given = form.cleaned_data
        return thread_start(
            actor=self.actor,
            change_id=self.change.pk,
            text=given["text"],
            is_blocking=given["is_blocking"],
            **{f"{name}_id": given[name] for name in ANCHORS},
        )

    def get_success_url(self) -> str:
        """To the thread."""
        return thread_url(self.result)

    def get_error_url(self) -> str:
        """Back to the change."""
        return reverse("changes:change-detail", args=[self.kwargs["pk"]])

    def _about(self) -> str:
        source = self.request.POST if self.request.method == "POST" else self.request.GET
        try:
            named = {f"{name}_id": uuid.UUID(source[name]) if source.get(name) else None for name in ANCHORS}
        except ValueError as fault:
            raise NotFound(_("There is nothing like this in the change.")) from fault
        found = anchor_find(self.change, **named)
        return anchor_words(found["anchor"], found["said"])


class _ThreadForm(DiscussionPage, PageFormView):
    """A form about one thread, which stands above it."""

    form_class = CommentForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the thread in words."""
        thread = self.thread
        shared = {
            "change": thread.change,
            "item": shown_thread(thread.change, discussed([thread])[0], self.actor),
            "thread_url": thread_url(thread),
            "may_discuss": may_discuss(thread.change, self.actor),
        }
        return super().get_context_data(**{**shared, **kwargs})

    def get_success_url(self) -> str:
        """Back to the thread."""
        return thread_url(self.thread)


class DiscussionReplyView(_ThreadForm):
    """Reply. The form stands on the change page too; what is refused comes back here, as it was typed."""

    template_name = "collaboration/discussion_reply.html"
    success_message = gettext_lazy("Your reply is there.")

    def perform(self, form: Any) -> Any:
        """By the service."""
        return comment_add(actor=self.actor, thread_id=self.thread.pk, text=form.cleaned_data["text"])


class DiscussionSettleView(DiscussionPage, View):
    """Resolve or reopen a thread, as it was read: a reply that came since is read first."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, step: str) -> HttpResponse:
        """Do it and show it."""
        version = request.POST.get("expected_version", "")
        service = thread_resolve if step == "resolve" else thread_reopen
        thread = service(
            actor=self.actor, thread_id=self.thread.pk, expected_version=int(version) if version.isdecimal() else None
        )
        messages.success(request, _("It is open again.") if thread.is_open else _("It is resolved."))
        return HttpResponseRedirect(thread_url(thread))


class _CommentForm(_ThreadForm):
    """A form about one's own comment; anybody else's is not found."""

    @cached_property
    def comment(self) -> Comment:
        """The comment ``pk`` in the address."""
        found = comment_get(self.kwargs["pk"])
        if self.request.method == "GET" and found.created_by_id != self.actor.user_id:
            raise NotFound(_("There is no such comment."))
        return found

    @cached_property
    def thread(self) -> DiscussionThread:
        """Its thread."""
        return thread_get(self.comment.thread_id)

    def get_initial(self) -> dict[str, Any]:
        """The text as it stands."""
        return {"text": self.comment.text, "expected_version": self.comment.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the comment."""
        return super().get_context_data(**{"comment": self.comment, **kwargs})


class CommentEditView(_CommentForm):
    """Another text for one's own comment."""

    template_name = "collaboration/comment_edit.html"
    success_message = gettext_lazy("Your comment is changed.")

    def perform(self, form: Any) -> Any:
        """By the service."""
        given = form.cleaned_data
        return comment_edit(
            actor=self.actor,
            comment_id=self.comment.pk,
            text=given["text"],
            expected_version=given["expected_version"],
        )


class CommentRemoveView(_CommentForm):
    """Take one's own comment back, after a question."""

    template_name = "collaboration/comment_remove.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take it back."""
        thread = self.thread
        comment_remove(actor=self.actor, comment_id=self.comment.pk)
        messages.success(request, _("Your comment is removed."))
        return HttpResponseRedirect(thread_url(thread))
