"""The steps of a change as buttons, and the page behind each: say why, then do it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from changes import permissions, services
from changes.choices import ChangeStatus as Status
from changes.choices import Decision
from changes.content import void_votes
from changes.forms import StepForm
from changes.gates import GateResult
from changes.models import Approval, EngineeringChange
from changes.policy.standing import ballots_of, comments_only, required_by
from changes.selectors import change_get
from changes.views.base import STALE, ChangePage, ServicePage, change_url
from changes.views.deciders import rounds_of
from changes.views.step_table import STEPS, VOTES, Step
from changes.views.story import pictures_of
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, PreconditionFailed
from plm_project.tenancy.states import TransitionOption, transition_options

ASKS_GATES = frozenset({"submit", "approve", "implement"})


@dataclass(frozen=True)
class StepButton:
    """A step that is possible now, with the form its dialog shows. ``for_whom``: who is away, where a deputy votes."""

    step: Step
    form: StepForm
    url: str
    dialog_id: str
    for_whom: str = ""


@dataclass(frozen=True)
class Stopped:
    """A step that exists from here and is not possible now, with the reasons."""

    label: str
    reasons: tuple[str, ...]


def vote_in(change: EngineeringChange, actor: Actor, on_behalf_of: uuid.UUID | None = None) -> Approval | None:
    """Return the vote of the running round that the actor would cast or has cast: their own before one for somebody who
    is away, an open one before one that is cast. ``on_behalf_of`` names whose it is.
    """
    votes = [vote for vote, _delegation in ballots_of(change, actor)]
    if on_behalf_of is not None:
        return next((vote for vote in votes if vote.approver_id == on_behalf_of), None)
    open_votes = [vote for vote in votes if vote.decision == Decision.PENDING or is_void(vote, change)]
    waited = (vote for vote in open_votes if vote.is_asked)  # not one whose turn has not come
    return next(waited, None) or next(iter(open_votes or votes), None)


def is_void(vote: Approval, change: EngineeringChange) -> bool:
    """Return whether a vote of the running round was given to another content than the change has now."""
    return change.status in (Status.SUBMITTED, Status.APPROVED) and vote.pk in {void.pk for void in void_votes(change)}


def steps_of(change: EngineeringChange, actor: Actor, *, blocked: str = "") -> tuple[list[StepButton], list[Stopped]]:
    """Return the buttons, the main one first, and what is stopped. ``blocked``: why it cannot be submitted yet."""
    options = {option.to: option for option in transition_options(change, "status", actor)}
    vote = vote_in(change, actor)
    buttons: list[StepButton] = []
    stopped: list[Stopped] = []
    for step in STEPS.values():
        reasons = _why_not(step, options.get(step.to), change, actor, vote)
        if reasons is None:
            continue
        if step.name == "submit" and not reasons and blocked:
            reasons = (blocked,)
        if reasons:
            stopped.append(Stopped(str(step.label), reasons))
        else:
            buttons.append(step_button(step, change, actor, vote))
    return buttons, stopped


def step_button(step: Step, change: EngineeringChange, actor: Actor, vote: Approval | None = None) -> StepButton:
    """Return the button of a step. The ids in its form are its own: a page may show several."""
    dialog = f"step-{step.name}-{vote.pk if step.is_vote and vote else change.pk}"
    form = StepForm(
        label=step.comment_label,
        needed=step.needs_comment,
        meanings=step.meanings,
        initial=_seen(change) | ({"on_behalf_of": vote.approver_id} if step.is_vote and vote else {}),
        auto_id=f"{dialog}-%s",
    )
    is_deputys = step.is_vote and vote is not None and vote.approver_id != actor.user_id
    for_whom = vote.approver.get_full_name() if is_deputys and vote is not None else ""
    return StepButton(step, form, reverse("changes:change-step", args=[change.pk, step.name]), dialog, for_whom)


def _why_not(
    step: Step, option: TransitionOption | None, change: EngineeringChange, actor: Actor, vote: Approval | None
) -> tuple[str, ...] | None:
    """Return why the step is not possible, () when it is, None when the change's state does not know it."""
    if option is None or not option.permission:
        return None
    if not step.is_vote:
        return () if option.possible else option.reasons
    if vote is None:
        return (_("You are not one of the approvers of this change."),) if step.name == "approve" else None
    known = required_by(change.round_requirements(), [vote])
    if (step.name == "comment") != comments_only(vote, known):
        return None
    if step.name == "reject" and not _is_open(vote, change):
        return None
    if not _is_open(vote, change):
        return (_("You have decided already."),)
    if vote.decision == Decision.PENDING and not vote.is_asked and (why := _not_yet(change, vote)):
        return (why,) if step.name != "reject" else None
    if not actor.may(permissions.CHANGES_APPROVE):
        return (_("You need the permission %(permission)s for this.") % {"permission": permissions.CHANGES_APPROVE},)
    return ()


def _is_open(vote: Approval, change: EngineeringChange) -> bool:
    return vote.decision == Decision.PENDING or is_void(vote, change)


def _not_yet(change: EngineeringChange, vote: Approval) -> str:
    """Return why somebody has to wait; nothing where they are only needed no more, for then they still may."""
    running = next(one for one in rounds_of(change) if one.is_running)
    ballot = next(one for one in running.ballots if one.vote.pk == vote.pk)
    return "" if ballot.is_free else capfirst(ballot.note)


def _seen(change: EngineeringChange) -> dict[str, int]:
    return {"expected_version": change.version, "seen_round": change.round}


class ChangeStepView(ChangePage, ServicePage):
    """One step on a page of its own: what it means, what it is about, the comment. The dialogs post here too.

    A second click finds it done and says so. A decision on another content than the person saw is refused (409): the
    page shows the change as it is now and keeps the comment.
    """

    permission = permissions.CHANGES_READ  # which one a step takes, the state machine says
    template_name = "changes/step.html"
    form_class = StepForm
    renamed_fields = StepForm.renamed

    @property
    def step(self) -> Step:
        """The step in the address."""
        found = STEPS.get(self.kwargs["step"])
        if found is None:
            raise NotFound(_("There is no such step."))
        return found

    def get_form_kwargs(self) -> dict[str, Any]:
        """Ask as the step needs it."""
        step = self.step
        asks = {"label": step.comment_label, "needed": step.needs_comment, "meanings": step.meanings}
        return {**super().get_form_kwargs(), **asks}

    def get_initial(self) -> dict[str, Any]:
        """The version and the round that the person sees, and whose vote it is."""
        found: dict[str, Any] = _seen(self.change)
        vote = vote_in(self.change, self.actor) if self.step.is_vote else None
        return found | ({"on_behalf_of": vote.approver_id} if vote else {})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the step and the redlines it is about."""
        buttons, _stopped = steps_of(self.change, self.actor)
        possible = any(button.step.name == self.step.name for button in buttons)
        return super().get_context_data(
            **{
                "step": self.step,
                "possible": possible,
                "for_whom": next((button.for_whom for button in buttons if button.step.name == self.step.name), ""),
                "pictures": pictures_of(self.change),
                "gates": [result for result in self._gates() if not result.passed],
                **kwargs,
            }
        )

    def _gates(self) -> list[GateResult]:
        """What the release gates say, where the step leads towards a release."""
        return services.change_gates(self.change) if self.step.name in ASKS_GATES else []

    def form_valid(self, form: Any) -> HttpResponse:
        """Take the step once, however often it is sent."""
        if is_done(self.step, self.change, self.actor, form.cleaned_data.get("on_behalf_of")):
            return self._say_done()
        return super().form_valid(form)

    def perform(self, form: Any) -> EngineeringChange:
        """Call the service; a stale version is told apart from other refusals."""
        given, change = form.cleaned_data, self.change
        self.is_stale = self.is_late = False
        try:
            return self.step.service(
                actor=self.actor,
                change_id=change.pk,
                expected_version=_expected(change, given["expected_version"], given["seen_round"]),
                **self.step.given(given),
            )
        except PreconditionFailed:
            self.is_stale = True
            raise
        except Conflict:
            self.is_late = True
            raise

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show what is wrong; after a colleague's edit show the change as it is now."""
        if not (getattr(self, "is_stale", False) or getattr(self, "is_late", False)):
            return super().form_invalid(form)
        self.change = change_get(self.change.pk)  # type: ignore[misc]
        whose = form.cleaned_data.get("on_behalf_of")
        if is_done(self.step, self.change, self.actor, whose):  # the other click of the same person was faster
            return self._say_done()
        if not self.is_stale:
            return self.render_to_response(self.get_context_data(form=form), status=STALE)
        fresh = StepForm(
            initial={**_seen(self.change), "comment": form.cleaned_data["comment"], "on_behalf_of": whose},
            label=self.step.comment_label,
            needed=self.step.needs_comment,
            meanings=self.step.meanings,
        )
        return self.render_to_response(self.get_context_data(form=fresh, is_stale=True), status=STALE)

    def get_success_url(self) -> str:
        """Say what happened and show the change, or go on with the next decision."""
        messages.success(self.request, self.step.done % {"number": self.change.change_number})
        return self._back()

    def _say_done(self) -> HttpResponse:
        messages.info(self.request, self.step.already % {"number": self.change.change_number})
        return HttpResponseRedirect(self._back())

    def _back(self) -> str:
        if self.request.POST.get("back") == "approvals":
            return reverse("changes:my-approvals")
        return change_url(self.change)


def is_done(step: Step, change: EngineeringChange, actor: Actor, on_behalf_of: uuid.UUID | None = None) -> bool:
    """Return whether the step has been taken already: by this person, for the same approver, where it is a vote."""
    if step.is_vote:
        vote = vote_in(change, actor, on_behalf_of)
        return vote is not None and vote.decision == VOTES[step.name] and not is_void(vote, change)
    return change.status == step.to


def _expected(change: EngineeringChange, version: int | None, seen_round: int | None) -> int | None:
    """Return the version to insist on. While a round runs only votes count the version up: they are no reason to make
    the other approvers look again.
    """
    same = change.status == Status.SUBMITTED and seen_round == change.round
    return change.version if same else version
