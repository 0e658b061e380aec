"""What hangs on a session, in place: people and links."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from collaboration import permissions
from collaboration.models import CollaborationSession, SessionChange, SessionParticipant, SessionProduct
from collaboration.services import (
    change_link_add,
    change_link_remove,
    participant_add,
    participant_remove,
    participant_role_change,
    product_link_add,
    product_link_remove,
)
from plm_project.core.actor import Actor
from plm_project.tenancy.admin import PermittedInline, RowForm, RowsInline, name_choices

name_choices(SessionParticipant, lambda entry: str(entry.user))


class SessionRows(PermittedInline):
    """Rows of a session; who may edit them is said by the service: its hosts, and who manages sessions."""

    needs: ClassVar = {
        "view": permissions.COLLABORATION_READ,
        "add": permissions.COLLABORATION_UPDATE,
        "change": permissions.COLLABORATION_UPDATE,
        "delete": permissions.COLLABORATION_UPDATE,
    }


class ParticipantRow(RowForm):
    """A person and their role."""

    class Meta:
        model = SessionParticipant
        fields: ClassVar = ["user", "role"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding and "user" in self.fields:
            self.fields["user"].disabled = True


class ParticipantInline(SessionRows, RowsInline):
    """Who takes part, also in a session that has ended: to read."""

    model = SessionParticipant
    form = ParticipantRow
    fk_name = "session"
    fields = ("user", "role")
    autocomplete_fields = ("user",)
    verbose_name_plural = _("people")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the people."""
        return super().get_queryset(request).select_related("user")

    def row_add(self, actor: Actor, parent: Any, form: Any) -> None:
        """By the service."""
        given = form.cleaned_data
        participant_add(actor=actor, session_id=parent.pk, user_id=given["user"].pk, role=given["role"])

    def row_update(self, actor: Actor, row: Any, form: Any) -> None:
        """By the service."""
        participant_role_change(
            actor=actor, session_id=row.session_id, user_id=row.user_id, role=form.cleaned_data["role"]
        )

    def row_remove(self, actor: Actor, row: Any) -> None:
        """By the service."""
        participant_remove(actor=actor, session_id=row.session_id, user_id=row.user_id)


class LinkRow(RowForm):
    """What the session is about. A link is removed and another one added, not changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            for field in self.fields.values():
                field.disabled = True


class LinkInline(SessionRows, RowsInline):
    """Links are set while the session has not ended."""

    form = LinkRow
    fk_name = "session"

    def is_open(self, request: HttpRequest, obj: CollaborationSession) -> bool:
        """Not after the end."""
        return obj.is_open

    def row_update(self, actor: Actor, row: Any, form: Any) -> None:
        """There is nothing to change on a row."""


class ProductInline(LinkInline):
    """The products it is about."""

    model = SessionProduct
    fields = ("product",)
    autocomplete_fields = ("product",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the products."""
        return super().get_queryset(request).select_related("product")

    def row_add(self, actor: Actor, parent: Any, form: Any) -> None:
        """By the service."""
        product_link_add(actor=actor, session_id=parent.pk, product_id=form.cleaned_data["product"].pk)

    def row_remove(self, actor: Actor, row: Any) -> None:
        """By the service."""
        product_link_remove(actor=actor, session_id=row.session_id, product_id=row.product_id)


class ChangeInline(LinkInline):
    """The changes it is about."""

    model = SessionChange
    fields = ("change",)
    autocomplete_fields = ("change",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the changes."""
        return super().get_queryset(request).select_related("change")

    def row_add(self, actor: Actor, parent: Any, form: Any) -> None:
        """By the service."""
        change_link_add(actor=actor, session_id=parent.pk, change_id=form.cleaned_data["change"].pk)

    def row_remove(self, actor: Actor, row: Any) -> None:
        """By the service."""
        change_link_remove(actor=actor, session_id=row.session_id, change_id=row.change_id)
