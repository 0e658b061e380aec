"""The steps of a session as buttons, and the page behind each: say what it means, then do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from collaboration import permissions
from collaboration.choices import SessionStatus as Status
from collaboration.forms import StepForm
from collaboration.models import CollaborationSession
from collaboration.services import session_end, session_start
from collaboration.views.base import SessionPage
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound
from plm_project.tenancy.states import transition_options
from plm_project.web.views import PageFormView


@dataclass(frozen=True)
class Step:
    """One step in words. ``asks``: whether it takes a reason; calling off needs one."""

    name: str
    to: Status
    label: Any
    question: Any
    done: Any
    tone: str
    icon: str
    asks: bool = False
    needs_reason: bool = False


START = Step(
    "start",
    Status.ACTIVE,
    _lazy("Start"),
    _lazy("Participants can write and draw from now on."),
    _lazy("The session has started."),
    "primary",
    "play-circle",
)
END = Step(
    "end",
    Status.ENDED,
    _lazy("End session"),
    _lazy("Nothing can be added any more. Messages and board stay readable. This cannot be undone."),
    _lazy("The session has ended."),
    "danger-quiet",
    "archive",
    asks=True,
)
CALL_OFF = Step(
    "end",
    Status.ENDED,
    _lazy("Call off"),
    _lazy("The session will not take place. This cannot be undone."),
    _lazy("The session is called off."),
    "danger-quiet",
    "slash-circle",
    asks=True,
    needs_reason=True,
)


@dataclass(frozen=True)
class StepButton:
    """A step that is possible now, with the form its dialog shows."""

    step: Step
    form: StepForm
    url: str
    dialog_id: str


def step_named(name: str, session: CollaborationSession) -> Step:
    """Return the step of an address as it reads for this session; raise NotFound."""
    known = {"start": START, "end": CALL_OFF if session.status == Status.SCHEDULED else END}
    if name not in known:
        raise NotFound(_("There is no such step."))
    return known[name]


def steps_of(session: CollaborationSession, actor: Actor) -> list[StepButton]:
    """Return the buttons of what is possible now, the main one first."""
    possible = {option.to for option in transition_options(session, "status", actor) if option.possible}
    return [
        _button(step, session)
        for step in (step_named("start", session), step_named("end", session))
        if step.to in possible
    ]


def _button(step: Step, session: CollaborationSession) -> StepButton:
    dialog = f"step-{step.name}"
    form = StepForm(
        needed=step.needs_reason,
        asked=step.asks,
        initial={"expected_version": session.version},
        auto_id=f"{dialog}-%s",
    )
    return StepButton(step, form, reverse("collaboration:session-step", args=[session.pk, step.name]), dialog)


class SessionStepView(SessionPage, PageFormView):
    """One step on a page of its own. The dialogs post here too."""

    write_permission = permissions.COLLABORATION_UPDATE
    template_name = "collaboration/step.html"
    form_class = StepForm

    @property
    def step(self) -> Step:
        """The step in the address."""
        return step_named(self.kwargs["step"], self.session)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Ask as the step needs it."""
        return {**super().get_form_kwargs(), "needed": self.step.needs_reason, "asked": self.step.asks}

    def get_initial(self) -> dict[str, Any]:
        """The version that the person sees."""
        return {"expected_version": self.session.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the step, and whether it is possible now."""
        possible = any(button.step.name == self.step.name for button in steps_of(self.session, self.actor))
        return super().get_context_data(**{"step": self.step, "possible": possible, **kwargs})

    def perform(self, form: Any) -> CollaborationSession:
        """By the service of the step; say what was done."""
        service = session_start if self.step is START else session_end
        session = service(actor=self.actor, session_id=self.session.pk, **form.cleaned_data)
        messages.success(self.request, self.step.done)
        return session

    def get_success_url(self) -> str:
        """Back to the room."""
        return self.session.get_absolute_url()
