"""What people type on the pages of rooms. The forms read and explain; the services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from collaboration.choices import OPEN_STATUSES, Feature, ParticipantRole, SessionStatus
from collaboration.mention_box import MENTION_ATTRIBUTES
from collaboration.models import CollaborationSession
from collaboration.models.discussion import MAX_COMMENT
from collaboration.models.session import MAX_DESCRIPTION
from collaboration.services.moving import MAX_REASON

ANY = ("", _("Any"))
OPEN = "open"
MOMENT = "%Y-%m-%dT%H:%M"


class RoomForm(forms.Form):
    """Labels without a colon, as everywhere."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


def _version_field() -> forms.IntegerField:
    """The version of the session that the person saw; a stale one is refused by the service."""
    return forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)


class MomentInput(forms.DateTimeInput):
    """The browser's own picker of date and time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format=MOMENT)


class SessionFilterForm(RoomForm):
    """The filters of the list; its values live in the address. A value with a fault filters nothing."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=200,
        widget=forms.SearchInput(attrs={"placeholder": _("Title or description")}),
    )
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[ANY, (OPEN, _("Not ended")), *SessionStatus.choices]
    )
    whose = forms.ChoiceField(
        label=_("Whose"), required=False, choices=(("", _("All I may see")), ("mine", _("With me")))
    )
    product = forms.UUIDField(required=False, widget=forms.HiddenInput)
    change = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def wanted(self) -> dict[str, Any]:
        """Return what ``session_list`` is to be asked for."""
        self.is_valid()
        given = self.cleaned_data
        status = given.get("status")
        return {
            "q": given.get("q", ""),
            "status": sorted(OPEN_STATUSES) if status == OPEN else (status,) if status else (),
            "product_id": given.get("product"),
            "change_id": given.get("change"),
            "mine": given.get("whose") == "mine",
        }

    def is_narrowed(self) -> bool:
        """Return whether anything but the order is asked for."""
        return any(self.data.get(name) for name in self.fields)


class SessionFields(RoomForm):
    """What a host says of a session."""

    title = forms.CharField(label=_("Title"), min_length=3, max_length=200)
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=MAX_DESCRIPTION,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What is to be discussed and decided."),
    )
    scheduled_for = forms.DateTimeField(
        label=_("Planned for"),
        required=False,
        widget=MomentInput(),
        input_formats=[MOMENT, "%Y-%m-%d %H:%M"],
        help_text=_("Empty: whenever a host starts it."),
    )
    features = forms.MultipleChoiceField(
        label=_("Wanted"),
        required=False,
        choices=Feature.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What the participants should be ready for."),
    )

    def session_data(self) -> dict[str, Any]:
        """Return the input of the service."""
        return {name: self.cleaned_data[name] for name in SessionFields.base_fields}


class SessionCreateForm(SessionFields):
    """A new session, with what it is about."""

    product = forms.CharField(
        label=_("Product number"),
        required=False,
        max_length=50,
        help_text=_("A product the session is about. More can be added later."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "spellcheck": "false",
                "class": "pn",
                "list": "product-options",
                "hx-get": reverse_lazy("products:product-search"),
                "hx-target": "#product-options",
                "hx-trigger": "input changed delay:250ms",
                "hx-sync": "this:replace",
            }
        ),
    )
    change = forms.CharField(
        label=_("Change number"),
        required=False,
        max_length=20,
        help_text=_("An engineering change the session is about."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "pn"}),
    )


class SessionEditForm(SessionFields):
    """A session as it stands, with the version that the person saw."""

    expected_version = _version_field()


def session_values(session: CollaborationSession) -> dict[str, Any]:
    """Return a session as the edit form shows it."""
    values = {name: getattr(session, name) for name in SessionFields.base_fields}
    return {**values, "expected_version": session.version}


class InviteForm(RoomForm):
    """One more participant, found by name or address."""

    user_id = forms.UUIDField(label=_("Person"), widget=forms.Select)
    role = forms.ChoiceField(label=_("Role"), choices=ParticipantRole.choices, initial=ParticipantRole.EDITOR)

    def __init__(self, *args: Any, people: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = [(person.pk, f"{person} · {person.email}" if person.full_name else person.email) for person in people]
        self.fields["user_id"].widget.choices = [("", _("Choose a person")), *shown]  # type: ignore[attr-defined]


class RoleForm(RoomForm):
    """Another role for a participant."""

    role = forms.ChoiceField(label=_("Role"), choices=ParticipantRole.choices)


class LinkForm(RoomForm):
    """One more product or change that the session is about: by its number."""

    kind = forms.ChoiceField(label=_("What"), choices=(("product", _("Product")), ("change", _("Change"))))
    number = forms.CharField(
        label=_("Number"),
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "pn"}),
    )


class StepForm(RoomForm):
    """What is said with a step, and which version the person looked at."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3, "data-autofocus": ""}),
    )
    expected_version = _version_field()

    def __init__(self, *args: Any, needed: bool = False, asked: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asked:
            del self.fields["reason"]
            return
        self.fields["reason"].required = needed
        self.fields["reason"].help_text = _("Needed; kept for ever.") if needed else _("Kept for ever.")


class CommentForm(RoomForm):
    """What somebody says in a discussion, and which version of the thread or comment they saw."""

    text = forms.CharField(
        label=_("Comment"),
        max_length=MAX_COMMENT,
        widget=forms.Textarea(attrs={"rows": 4, **MENTION_ATTRIBUTES}),
        help_text=_("@ and somebody's whole name tells them."),
    )
    expected_version = _version_field()


class ThreadForm(CommentForm):
    """A new thread, and what it is about: one of the three, or none for the change as a whole."""

    is_blocking = forms.BooleanField(
        label=_("Must be resolved before release"),
        required=False,
        initial=True,
        help_text=_("Without it this is a note: it stays readable and holds nothing."),
    )
    affected = forms.UUIDField(required=False, widget=forms.HiddenInput)
    line = forms.UUIDField(required=False, widget=forms.HiddenInput)
    redline = forms.UUIDField(required=False, widget=forms.HiddenInput)
