"""Members of the tenant, and its API tokens. A door: every write goes through the services."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plm_project.accounts import permissions
from plm_project.accounts.models import ApiToken, Membership, User
from plm_project.accounts.roles import Role
from plm_project.accounts.services import membership_end, membership_grant, token_issue, token_revoke, user_create
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.tenancy.admin import PlmAdmin, RecordAdmin, RecordForm, Step, StepsMixin, badge, moment

LONGEST_DAYS = 3 * 365


@admin.register(User)
class PersonAdmin(PlmAdmin):
    """The people of the tenant, for choices and to look at. Not on the index: members are what is managed."""

    needs: ClassVar = {"view": permissions.MEMBERS_READ}
    list_display = ("email", "full_name", "is_active")
    search_fields = ("email", "full_name")
    ordering = ("email",)
    fields = ("email", "full_name", "is_active")
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        """Members alone: other people of the installation are nobody's business here."""
        return super().get_queryset(request).filter(pk__in=Membership.objects.values("user_id"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Keep it off the index."""
        return False


class RolesField(forms.MultipleChoiceField):
    """One or several roles."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Roles"))
        super().__init__(choices=Role.choices, widget=forms.CheckboxSelectMultiple, **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare sets: the order says nothing."""
        return set(initial or []) != set(data or [])


class MemberForm(RecordForm):
    """The roles of a member."""

    roles = RolesField()

    class Meta:
        model = Membership
        fields: ClassVar = ["roles"]


class NewMemberForm(RecordForm):
    """Somebody joins: known to the installation by their address, or new to it."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("A new person chooses a password by “Forgotten or first password?” on the sign-in page."),
    )
    full_name = forms.CharField(label=_("Name"), max_length=150, required=False)
    roles = RolesField()

    class Meta:
        model = Membership
        fields: ClassVar = ["roles"]


@admin.register(Membership)
class MembershipAdmin(RecordAdmin):
    """Who works for the tenant, in which roles."""

    needs: ClassVar = {
        "view": permissions.MEMBERS_READ,
        "add": permissions.MEMBERS_MANAGE,
        "change": permissions.MEMBERS_MANAGE,
        "delete": permissions.MEMBERS_MANAGE,
    }
    form = MemberForm
    list_display = ("person", "address", "role_names", "since")
    search_fields = ("user__email", "user__full_name")
    ordering = ("user__email",)
    readonly_fields = ("person", "address", "audit_created", "audit_changed")

    def layout(self, request: HttpRequest, obj: Any) -> Any:
        """A new member has an address; a stored one a record."""
        if obj is None:
            return [(None, {"fields": ["email", "full_name", "roles"]})]
        return [
            (None, {"fields": [("person", "address"), "roles"]}),
            (_("Record"), {"fields": [("audit_created", "audit_changed")]}),
        ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """A new member is asked for more."""
        if obj is None:
            kwargs["form"] = NewMemberForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the people."""
        return super().get_queryset(request).select_related("user", "created_by", "updated_by")

    @admin.display(description=_("person"), ordering="user__full_name")
    def person(self, obj: Membership) -> str:
        """Who."""
        return str(obj.user)

    @admin.display(description=_("e-mail address"), ordering="user__email")
    def address(self, obj: Membership) -> str:
        """The address they sign in by."""
        return obj.user.email

    @admin.display(description=_("roles"))
    def role_names(self, obj: Membership) -> str:
        """The roles by their names."""
        return ", ".join(str(Role(role).label) for role in obj.roles if role in Role.values)

    @admin.display(description=_("since"), ordering="created_at")
    def since(self, obj: Membership) -> str:
        """Since when."""
        return moment(obj.created_at)

    def create_record(self, actor: Actor, form: Any) -> Membership:
        """By the service."""
        data = form.cleaned_data
        _user, member = user_create(actor=actor, email=data["email"], roles=data["roles"], full_name=data["full_name"])
        return member

    def update_record(self, actor: Actor, obj: Any, form: Any) -> Membership:
        """By the service."""
        Membership.objects.select_for_update().get(pk=obj.pk).expect_version(form.version_seen)
        if "roles" not in form.changed_data:
            return obj  # type: ignore[no-any-return]
        return membership_grant(actor=actor, user=obj.user, roles=form.cleaned_data["roles"], reason=form.why)

    def delete_record(self, actor: Actor, obj: Any, *, reason: str, expected_version: int | None) -> None:
        """By the service: it ends the membership, not the person."""
        member = Membership.objects.select_for_update().get(pk=obj.pk)
        member.expect_version(expected_version)
        membership_end(actor=actor, member=member, reason=reason or _now("ended"))


class TokenForm(RecordForm):
    """A new token."""

    days = forms.IntegerField(label=_("Valid for (days)"), min_value=1, max_value=LONGEST_DAYS, initial=365)
    permissions = forms.MultipleChoiceField(
        label=_("Permissions"),
        required=False,
        choices=lambda: [(name, name) for name in permissions.all_permissions()],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all that the person has. A token never has more than its person."),
    )

    class Meta:
        model = ApiToken
        fields: ClassVar = ["name", "user", "permissions"]


@admin.register(ApiToken)
class ApiTokenAdmin(StepsMixin, RecordAdmin):
    """API tokens: issued once, shown once, revoked for ever."""

    needs: ClassVar = {"view": permissions.TOKENS_MANAGE, "add": permissions.TOKENS_MANAGE}
    form = TokenForm
    actions = None
    list_display = ("name", "begins_with", "person", "state", "expires", "used")
    search_fields = ("name", "user__email")
    list_select_related = ("user",)
    autocomplete_fields = ("user",)
    readonly_fields = (
        "begins_with",
        "person",
        "state",
        "expires",
        "used",
        "allowed",
        "audit_created",
        "audit_changed",
    )

    def layout(self, request: HttpRequest, obj: Any) -> Any:
        """A stored token is only looked at."""
        if obj is None:
            return [(None, {"fields": ["name", "user", "days", "permissions"]})]
        return [
            (None, {"fields": [("name", "begins_with"), ("person", "state"), ("expires", "used"), "allowed"]}),
            (_("Record"), {"fields": [("audit_created", "audit_changed")]}),
        ]

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the people."""
        return super().get_queryset(request).select_related("user", "created_by", "updated_by")

    @admin.display(description=_("begins with"))
    def begins_with(self, obj: ApiToken) -> str:
        """What its holder can tell it by."""
        return f"{obj.prefix}…"

    @admin.display(description=_("acts for"), ordering="user__email")
    def person(self, obj: ApiToken) -> str:
        """Whose permissions it has at most."""
        return str(obj.user)

    @admin.display(description=_("state"))
    def state(self, obj: ApiToken) -> str:
        """Whether it opens the door."""
        if obj.revoked_at is not None:
            return badge("revoked", _now("revoked"))
        return badge("active", _now("valid")) if obj.is_valid_at(clock.now()) else badge("expired", _now("expired"))

    @admin.display(description=_("expires"), ordering="expires_at")
    def expires(self, obj: ApiToken) -> str:
        """Until when."""
        return moment(obj.expires_at)

    @admin.display(description=_("last used"), ordering="last_used_at")
    def used(self, obj: ApiToken) -> str:
        """When it was last used, to some minutes."""
        return moment(obj.last_used_at)

    @admin.display(description=_("permissions"))
    def allowed(self, obj: ApiToken) -> str:
        """What it is narrowed to."""
        return ", ".join(obj.permissions) or _now("all that the person has")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Issue it; its text lives as long as this request."""
        data = form.cleaned_data
        token, text = token_issue(
            actor=request.actor,  # type: ignore[attr-defined]
            user=data["user"],
            name=data["name"],
            lifetime=dt.timedelta(days=data["days"]),
            permissions=data["permissions"],
        )
        obj.__dict__.update(token.__dict__)
        request.plm_token_text = text  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Show the text in this answer alone: no message, no session and no cache ever holds it."""
        context = {
            **self.admin_site.each_context(request),
            "title": _now("API token issued"),
            "opts": self.opts,
            "token": obj,
            "text": request.plm_token_text,  # type: ignore[attr-defined]
            "media": self.media,
        }
        headers = {"Cache-Control": "no-store"}
        return TemplateResponse(request, "admin/plm/token_issued.html", context, headers=headers)

    def steps(self, request: HttpRequest, obj: ApiToken) -> list[Step]:
        """Revoke it."""
        why = (_now("It is revoked already."),) if obj.revoked_at is not None else ()
        return [Step("revoke", _now("Revoke"), why, needs_reason=True, is_grave=True)]

    def take_step(self, actor: Actor, obj: ApiToken, name: str, data: dict[str, Any]) -> None:
        """By the service."""
        token_revoke(actor=actor, token=obj, reason=data["reason"])
