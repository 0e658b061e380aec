"""The board of the twelve neighbours, and how one is configured."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from integrations import permissions
from integrations.callbacks.registry import callback_kinds
from integrations.forms import TargetForm
from integrations.selectors import Standing, board, callback_address, callbacks_of
from integrations.services import callback_secret_change, neighbour_catch_up, target_remove, target_save
from integrations.services.targets import try_words
from plm_project.web.views import PageFormView, PageMixin, PageView

CALLBACKS_SHOWN = 20


class BoardView(PageView):
    """All twelve: configured or not, breaker, what waits, what failed."""

    permission = permissions.INTEGRATIONS_READ
    template_name = "integrations/board.html"
    partial_template_name = "integrations/_board.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a card for each, and the sums."""
        cards = board()
        return super().get_context_data(
            cards=cards,
            in_use=sum(card.target is not None and card.target.is_enabled for card in cards),
            waiting=sum(card.waiting for card in cards),
            review=sum(card.review for card in cards),
            may_manage=self.actor.may(permissions.INTEGRATIONS_MANAGE),
            **kwargs,
        )


class _OneNeighbour:
    kwargs: dict[str, Any]

    @cached_property
    def standing(self) -> Standing:
        """The neighbour in the address; one that does not exist is not found."""
        return board(self.kwargs["key"])[0]

    def back(self) -> str:
        """Return the address of its settings."""
        return reverse("integrations:target", args=[self.kwargs["key"]])


class TargetView(_OneNeighbour, PageFormView):
    """Where one neighbour is reached, which contracts it has with us, and how it fares."""

    permission = permissions.INTEGRATIONS_READ
    write_permission = permissions.INTEGRATIONS_MANAGE
    template_name = "integrations/target.html"
    form_class = TargetForm
    success_message = gettext_lazy("Saved.")

    def get_initial(self) -> dict[str, Any]:
        """Return what is configured; the token never."""
        target = self.standing.target
        if target is None:
            return {"is_enabled": True}
        return {
            "base_url": target.base_url,
            "is_enabled": target.is_enabled,
            "allow_private": target.allow_private,
            "expected_version": target.version,
        }

    def perform(self, form: Any) -> Any:
        """Save."""
        given = form.cleaned_data
        return target_save(
            actor=self.actor,
            neighbour_key=self.kwargs["key"],
            base_url=given["base_url"],
            token=form.token_given(),
            is_enabled=given["is_enabled"],
            allow_private=given["allow_private"],
            expected_version=given["expected_version"],
        )

    def get_success_url(self) -> str:
        """Stay: the next thing is to try it."""
        return self.back()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the neighbour."""
        may_manage = self.actor.may(permissions.INTEGRATIONS_MANAGE)
        return super().get_context_data(
            card=self.standing,
            may_manage=may_manage,
            may_operate=self.actor.may(permissions.INTEGRATIONS_OPERATE),
            kinds=callback_kinds(self.kwargs["key"]),
            callbacks=callbacks_of(self.kwargs["key"])[:CALLBACKS_SHOWN],
            callback_address=callback_address(self.actor, self.kwargs["key"]),
            **kwargs,
        )


class TargetTryView(_OneNeighbour, PageMixin, View):
    """Ask the neighbour whether it is there."""

    permission = permissions.INTEGRATIONS_MANAGE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Try, and say how it went."""
        is_there, words = try_words(self.actor, key)
        (messages.success if is_there else messages.error)(request, words)
        return redirect(self.back())

    def get_error_url(self) -> str:
        """Back to the settings."""
        return self.back()


class TargetCatchUpView(_OneNeighbour, PageMixin, View):
    """Tell the neighbour what it missed."""

    permission = permissions.INTEGRATIONS_OPERATE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Do it, and say how much that is."""
        count = neighbour_catch_up(actor=self.actor, neighbour_key=key)
        said = ngettext("One delivery is on its way.", "%(count)d deliveries are on their way.", count)
        messages.success(request, said % {"count": count} if count else _("It missed nothing."))
        return redirect(self.back())

    def get_error_url(self) -> str:
        """Back to the settings."""
        return self.back()


class CallbackSecretView(_OneNeighbour, PageMixin, View):
    """Give the neighbour a secret for its callbacks."""

    permission = permissions.INTEGRATIONS_MANAGE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Make it and show it, this once."""
        secret = callback_secret_change(actor=self.actor, neighbour_key=key)
        context = {"card": self.standing, "secret": secret, "address": callback_address(self.actor, key)}
        return TemplateResponse(
            request, "integrations/callback_secret.html", context, headers={"Cache-Control": "no-store"}
        )

    def get_error_url(self) -> str:
        """Back to the settings."""
        return self.back()


class TargetRemoveView(_OneNeighbour, PageMixin, View):
    """Forget a neighbour's address and token."""

    permission = permissions.INTEGRATIONS_MANAGE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Remove it."""
        target_remove(actor=self.actor, neighbour_key=key)
        messages.success(request, _("The address and the token are gone."))
        return redirect(reverse("integrations:board"))

    def get_error_url(self) -> str:
        """Back to the settings."""
        return self.back()
