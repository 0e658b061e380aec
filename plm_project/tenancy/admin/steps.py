"""Buttons for the steps of a record. Each is a POST with a reason; whether it is allowed is asked again by the service.

django-fsm's own admin mixin checks a transition's permission only when it draws the buttons, so it is not used here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied as Forbidden
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound, PermissionDenied
from plm_project.tenancy.admin.refusals import REFUSALS, message_of

if TYPE_CHECKING:  # the site is made before models may be defined, and that module defines one
    from plm_project.tenancy.states import TransitionOption


class StepForm(forms.Form):
    """A reason, and the version that the person saw. Every step has at most these."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    expected_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


@dataclass(frozen=True)
class Step:
    """One step as a page offers it. ``name`` stands in the address; ``why_not`` is empty when it is possible now."""

    name: str
    label: str
    why_not: tuple[str, ...] = ()
    question: str = ""
    needs_reason: bool = False
    is_grave: bool = False
    form_class: type[StepForm] = StepForm
    reason_label: str = ""

    @property
    def possible(self) -> bool:
        """Whether the button is offered."""
        return not self.why_not

    def make_form(self, data: Any = None, *, version: int | None = None) -> StepForm:
        """Return the step's form, with ids of its own so that several fit on a page."""
        made = self.form_class(data, initial={"expected_version": version}, auto_id=f"id_step_{self.name}_%s")
        if "reason" in made.fields:
            made.fields["reason"].required = self.needs_reason
            if self.reason_label:
                made.fields["reason"].label = self.reason_label
        return made


def steps_from_options(
    options: Iterable[TransitionOption],
    labels: dict[str, Any],
    *,
    grave: Sequence[str] = (),
    forms_: dict[str, type[StepForm]] | None = None,
) -> list[Step]:
    """Return the state machine's options as steps, those of ``labels`` alone: {state: what the button says}."""
    return [
        Step(
            name=option.to,
            label=str(labels[option.to]),
            why_not=() if option.possible else option.reasons,
            question=option.question,
            needs_reason=option.needs_reason,
            is_grave=option.to in grave,
            form_class=(forms_ or {}).get(option.to, StepForm),
        )
        for option in options
        if option.to in labels
    ]


class StepsMixin:
    """For a PlmAdmin: implement ``steps`` and ``take_step``."""

    def steps(self, request: HttpRequest, obj: Any) -> list[Step]:
        """Return the steps of a record as the caller sees them now."""
        raise NotImplementedError

    def take_step(self, actor: Actor, obj: Any, name: str, data: dict[str, Any]) -> Any:
        """Call the service of a step. ``data`` holds reason, expected_version and the step's own fields."""
        raise NotImplementedError

    def get_urls(self) -> list[Any]:
        """Add the address that steps are posted to."""
        opts = self.opts  # type: ignore[attr-defined]
        view = self.admin_site.admin_view(self.step_view)  # type: ignore[attr-defined]
        own = [path("<path:object_id>/step/<slug:name>/", view, name=f"{opts.app_label}_{opts.model_name}_step")]
        return own + super().get_urls()  # type: ignore[misc, no-any-return]

    def step_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Take one step. A name that is no step of this record is not found, whatever it is in the code."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        obj = self.record_or_404(request, object_id)  # type: ignore[attr-defined]
        if not self.has_view_permission(request, obj):  # type: ignore[attr-defined]
            raise Forbidden
        step = next((entry for entry in self.steps(request, obj) if entry.name == name), None)
        if step is None:
            raise Http404(_("There is no such step."))
        form = step.make_form(request.POST)
        if form.is_valid():
            self._try(request, obj, step, form.cleaned_data)
        else:
            for field_name, texts in form.errors.items():
                label = form.fields[field_name].label if field_name in form.fields else ""
                messages.error(
                    request, " ".join([f"{label}:", *map(str, texts)]) if label else " ".join(map(str, texts))
                )
        return HttpResponseRedirect(self.record_address(obj))

    def _try(self, request: HttpRequest, obj: Any, step: Step, data: dict[str, Any]) -> None:
        """Have the service do it; a refusal leaves nothing behind and is told on the record's page."""
        try:
            with transaction.atomic():
                done = self.take_step(request.actor, obj, step.name, data)  # type: ignore[attr-defined]
        except PermissionDenied as error:
            raise Forbidden(error.message) from error
        except NotFound as error:
            raise Http404(error.message) from error
        except REFUSALS as error:
            messages.error(request, message_of(error))
        else:
            messages.success(request, done if isinstance(done, str) else _("Done: %s") % step.label)

    def record_address(self, obj: Any) -> str:
        """Return the address of the record's page."""
        opts = self.opts  # type: ignore[attr-defined]
        site = self.admin_site.name  # type: ignore[attr-defined]
        return reverse(f"{site}:{opts.app_label}_{opts.model_name}_change", args=[quote(obj.pk)])

    def panels(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return the steps for the page's template."""
        found = self.steps(request, obj)
        version = getattr(obj, "version", None)
        offered = [(step, step.make_form(version=version)) for step in found if step.possible]
        return {
            **super().panels(request, obj),  # type: ignore[misc]
            "steps": offered,
            "steps_not_now": [step for step in found if not step.possible],
            "step_url_name": f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_step",  # type: ignore[attr-defined]
        }


class DatedStepForm(StepForm):
    """A step that takes effect on a day."""

    effective_from = forms.DateField(
        label=gettext_lazy("Effective from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Empty: from today."),
    )

    def clean_effective_from(self) -> dt.date | None:
        """Return the day, or None for today."""
        return self.cleaned_data["effective_from"] or None


class PlainStepForm(StepForm):
    """A step that asks for nothing."""

    reason = None  # type: ignore[assignment] # Django's way to drop an inherited form field
