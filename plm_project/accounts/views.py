"""Sign-in, passwords and the tenant switcher. They decide nothing themselves, so they need no web room below them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm
from django.contrib.auth.views import (
    LoginView,
    PasswordResetCompleteView,
    PasswordResetConfirmView,
    PasswordResetDoneView,
    PasswordResetView,
)
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.http import require_POST

from plm_project.accounts.actors import memberships_of
from plm_project.accounts.addresses import account_address
from plm_project.accounts.middleware import remember_tenant
from plm_project.accounts.passwords import PasswordLinkForm, may_ask_for_link


def attempted_address(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Return the address that sign-in is tried for, as accounts are found by it: django-axes counts failures under it,
    and another spelling of the same account must not start a new count."""
    typed = (credentials or request.POST).get("username") or ""
    return account_address(str(typed))


class SignInForm(AuthenticationForm):
    """E-mail address and password."""

    error_messages = {
        "invalid_login": _("E-mail address or password is wrong."),
        "inactive": _("This account is closed."),
    }


class SignInView(LoginView):
    """Guessing is limited by django-axes, here and for the admin alike."""

    form_class = SignInForm
    template_name = "accounts/login.html"
    redirect_authenticated_user = True


class PasswordResetPage(PasswordResetView):
    """Ask for the link. Every address gets the same answer: known, unknown, or asked for too often."""

    form_class = PasswordLinkForm
    template_name = "accounts/password_reset.html"
    subject_template_name = "accounts/password_mail_subject.txt"
    email_template_name = "accounts/password_mail.txt"
    success_url = reverse_lazy("accounts:password-sent")

    def form_valid(self, form: PasswordResetForm) -> HttpResponse:
        """Mail the link, within the limits."""
        if not may_ask_for_link(self.request, form.cleaned_data["email"]):
            return HttpResponseRedirect(str(self.success_url))
        return super().form_valid(form)


class PasswordSentPage(PasswordResetDoneView):
    """Says that a mail is on its way, if there is such an account."""

    template_name = "accounts/password_sent.html"


class PasswordSetPage(PasswordResetConfirmView):
    """Choose the password, by the link. It signs nobody in, and ends every session the person has."""

    template_name = "accounts/password_set.html"
    success_url = reverse_lazy("accounts:password-changed")


class PasswordChangedPage(PasswordResetCompleteView):
    """Leads to the sign-in page."""

    template_name = "accounts/password_changed.html"


@method_decorator(require_POST, name="dispatch")
class TenantSwitchView(View):
    """Choose the tenant to work in. A tenant one does not belong to is answered like one that does not exist."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Remember the choice and go back to a page that exists in every tenant."""
        if not request.user.is_authenticated:
            return HttpResponseRedirect(resolve_url("accounts:login"))
        try:
            wanted = uuid.UUID(request.POST.get("tenant", ""))
        except ValueError:
            wanted = None
        if wanted not in {membership.tenant_id for membership in memberships_of(request.user)}:  # type: ignore[arg-type]
            raise Http404(str(_("You do not belong to such a tenant.")))
        remember_tenant(request, wanted)  # type: ignore[arg-type]
        target = request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
            target = resolve_url("dashboard")
        return HttpResponseRedirect(target)
