"""What every page class shares: a declared permission, one way to refuse, htmx answers."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Literal

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_POST
from django.views.generic import FormView, TemplateView

from plm_project.core.actor import Actor
from plm_project.core.exceptions import AuthenticationRequired, NotFound, PermissionDenied, PlmError
from plm_project.tenancy.scope import roll_back_scope
from plm_project.web import errors
from plm_project.web.forms import apply_error_to_form
from plm_project.web.preferences import COOKIE_AGE, THEME_COOKIE, THEMES
from plm_project.web.safe_next import is_safe, safe_next

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
INVALID = 422
Level = Literal["success", "info", "warning", "danger"]


def is_htmx(request: HttpRequest) -> bool:
    """Return whether htmx asks for a part of the page (a restored history entry wants the whole page)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def toast(response: HttpResponse, level: Level, text: str) -> HttpResponse:
    """Let the answer to an htmx request show a toast (announced politely, errors at once)."""
    triggers = json.loads(response.headers.get("HX-Trigger", "{}"))
    triggers["plm:toast"] = {"level": level, "text": str(text)}
    response.headers["HX-Trigger"] = json.dumps(triggers)
    return response


class PageMixin:
    """Deny by default, then refuse in one voice.

    ``permission`` is required on every page class; one that declares none refuses everybody with 403.
    ``write_permission`` asks for another one for POST and the like. ``partial_template_name`` is what htmx gets.

    A PlmError raised anywhere in the view becomes: NotFound the 404 page, PermissionDenied the 403 page; any other a
    page with its status on GET, and on POST a message on ``get_error_url()`` after undoing what was written.
    htmx gets the status and a toast instead, and swaps nothing.
    """

    permission: ClassVar[str] = ""
    write_permission: ClassVar[str] = ""
    partial_template_name: ClassVar[str] = ""

    request: HttpRequest

    @property
    def actor(self) -> Actor:
        """Who asks. Inside the view there always is one."""
        found: Actor | None = getattr(self.request, "actor", None)
        if found is None:
            raise AuthenticationRequired(_("Please sign in."))
        return found

    def dispatch(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Check who asks, run the view, turn a PlmError into an answer."""
        if getattr(request, "actor", None) is None:
            return self.refuse_stranger()
        try:
            self.check_permission()
            answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc] # of the view beside it
        except PlmError as error:
            return self.refuse(error)
        return answer

    def required_permission(self) -> str:
        """Return the permission this request needs."""
        if self.request.method not in SAFE_METHODS and self.write_permission:
            return self.write_permission
        return self.permission

    def check_permission(self) -> None:
        """Raise PermissionDenied unless the class declares a permission and the actor holds it."""
        if not self.permission:
            raise PermissionDenied(_("This page is not open to anybody yet."))
        self.actor.require(self.required_permission())

    def refuse_stranger(self) -> HttpResponse:
        """Nobody is signed in: to the sign-in page and back. Somebody without a tenant: say why."""
        error: PlmError | None = getattr(self.request, "auth_error", None)
        if error is not None:
            return self.refuse(error)
        here = self.request.get_full_path()
        if is_htmx(self.request):
            shown = self.request.headers.get("HX-Current-URL", "")
            target = _sign_in_url(shown if is_safe(self.request, shown) else here)
            return HttpResponse(status=401, headers={"HX-Redirect": target})
        return HttpResponseRedirect(_sign_in_url(here if self.request.method in SAFE_METHODS else "/"))

    def refuse(self, error: PlmError) -> HttpResponse:
        """Answer a refusal."""
        writing = self.request.method not in SAFE_METHODS
        if writing and getattr(self.request, "actor", None) is not None:
            roll_back_scope()
        if is_htmx(self.request):
            answer = HttpResponse(status=error.status_code, headers={"HX-Reswap": "none"})
            return toast(answer, "danger", str(error.message))
        if writing and not isinstance(error, NotFound | PermissionDenied | AuthenticationRequired):
            messages.error(self.request, str(error.message))
            return redirect(self.get_error_url())
        return errors.page_for(self.request, error)

    def words_asked(self, longest: int = 200) -> str:
        """Return what ``q`` in the address looks for: cut, and without NUL, which PostgreSQL takes in no text."""
        return self.request.GET.get("q", "").replace("\0", "")[:longest]

    def get_error_url(self) -> str:
        """Return where to show the message of a refused POST: the page it came from, else this address."""
        came_from = self.request.headers.get("Referer", "")
        return came_from if is_safe(self.request, came_from) else self.request.path

    def get_template_names(self: Any) -> list[str]:
        """Return the partial for htmx where the class names one."""
        if self.partial_template_name and is_htmx(self.request):
            return [self.partial_template_name]
        names: list[str] = super().get_template_names()  # type: ignore[misc]
        return names


class PageView(PageMixin, TemplateView):
    """A page without a form."""


class ServiceFormMixin(PageMixin):
    """A page whose form calls a service: override ``perform(form)``; a refusal returns to the form's fields.

    ``success_message`` is shown afterwards. ``renamed_fields`` maps the service's names to the form's.
    """

    success_message: ClassVar[Any] = ""
    renamed_fields: ClassVar[dict[str, str]] = {}

    def perform(self, form: Any) -> Any:
        """Call the service with the cleaned data; what it returns is kept as ``self.result``."""
        raise ImproperlyConfigured(f"{type(self).__name__} must say what its form does: override perform()")

    def form_invalid(self: Any, form: BaseForm) -> HttpResponse:
        """Draw the form again with what is wrong, as 422: the request was understood and refused."""
        answer: HttpResponse = self.render_to_response(self.get_context_data(form=form), status=INVALID)
        return answer

    def form_valid(self: Any, form: BaseForm) -> HttpResponse:
        """Run the service; its own refusals go to the form, the rest to ``refuse``."""
        try:
            with transaction.atomic():  # a savepoint: the page is drawn again after a refusal, and that may query
                self.result = self.perform(form)
        except (NotFound, PermissionDenied, AuthenticationRequired):
            raise
        except PlmError as error:
            apply_error_to_form(form, error, renamed=self.renamed_fields)
            invalid: HttpResponse = self.form_invalid(form)
            return invalid
        if self.success_message:
            messages.success(self.request, self.success_message)
        return HttpResponseRedirect(self.get_success_url())


class PageFormView(ServiceFormMixin, FormView):  # type: ignore[type-arg] # not subscriptable when it runs
    """A page with a form that calls a service."""


@method_decorator(require_POST, name="dispatch")
class ThemeView(View):
    """Remember the theme in a cookie. Open to everybody, also before sign-in: it touches nothing but the browser."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set the cookie and go back."""
        chosen = request.POST.get("theme", "")
        response = HttpResponseRedirect(safe_next(request, "dashboard"))
        if chosen in THEMES:
            response.set_cookie(
                THEME_COOKIE, chosen, max_age=COOKIE_AGE, samesite="Lax", secure=request.is_secure(), path="/"
            )
        return response


def _sign_in_url(target: str) -> str:
    return f"{resolve_url('accounts:login')}?{urlencode({'next': target})}"
