"""Records whose state only a transition may change (django-fsm, protected fields), and what their machines share.

A machine's transition to a state is a method named ``to_<state>``. A guard is a function of the record that answers ""
when the way is free and the reason when it is not; a rule of permission is the same with the actor beside the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django_fsm import FSMField, TransitionNotAllowed

from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, PermissionDenied, ValidationFailed

Guard = Callable[[Any], str]
PermissionRule = Callable[[Any, Actor], str]


class Guarded(models.Model):
    """Base beside TenantRecord for models with a protected FSMField.

    The library's own refresh lifts the protection for the whole process while it runs; this one copies the freshly
    read values into the instance instead. ``clean_fields`` skips protected fields, which a plain one would assign.
    """

    class Meta:
        abstract = True

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        """Read the row again."""
        rows = type(self)._base_manager.using(using) if from_queryset is None else from_queryset
        fresh = rows.get(pk=self.pk)
        wanted = set(fields) if fields is not None else None
        for field in self._meta.concrete_fields:
            if wanted is None or field.name in wanted or field.attname in wanted:
                self.__dict__[field.attname] = getattr(fresh, field.attname)
                if field.is_relation and field.is_cached(self):  # type: ignore[attr-defined]
                    field.delete_cached_value(self)  # type: ignore[attr-defined]
        if wanted is None:
            self._prefetched_objects_cache: dict[str, Any] = {}

    def clean_fields(self, exclude: Any = None) -> None:
        """Clean all fields but the protected ones."""
        protected = {field.name for field in self._meta.concrete_fields if isinstance(field, FSMField)}
        super().clean_fields(exclude={*(exclude or ()), *protected})


def permitted(permission: str, rule: PermissionRule | None = None) -> Any:
    """Return what a ``@transition`` takes as ``permission``: the actor must hold it (django-fsm calls it ``user``).

    ``rule`` narrows it by the record: its author alone, its named approvers.
    """

    def check(instance: Any, actor: Actor) -> bool:
        return actor.may(permission) and not (rule and rule(instance, actor))

    check.plm_permission = permission  # type: ignore[attr-defined]
    check.plm_rule = rule  # type: ignore[attr-defined]
    return check


def asks_reason(guard: Guard) -> Guard:
    """Mark a guard that the caller's reason can satisfy: doors offer the transition and ask for one."""
    guard.asks_reason = True  # type: ignore[attr-defined]
    return guard


@asks_reason
def has_reason(record: Any) -> str:
    """A step back, or an end, is explained."""
    return "" if record.transition_reason.strip() else _("Give a reason.")


def condition(guard: Guard) -> Callable[[Any], bool]:
    """Turn a guard into a django-fsm condition that keeps the guard, so that the reason can be shown."""

    def holds(record: Any) -> bool:
        return not guard(record)

    holds.guard = guard  # type: ignore[attr-defined]
    return holds


@dataclass(frozen=True)
class TransitionOption:
    """One transition as a door shows it: possible now, or why not. ``needs_reason``: possible once a reason is given;
    ``question`` is what to ask for then. ``permitted``: it is not for want of permission that it is impossible."""

    to: str
    label: str
    possible: bool
    needs_reason: bool
    reasons: tuple[str, ...]
    permission: str
    permitted: bool = True
    question: str = ""


def transition_options(record: Any, field: str, actor: Actor) -> list[TransitionOption]:
    """Return every other state of ``record`` with whether ``actor`` can go there now, and why not."""
    machine = record._meta.get_field(field)
    now = getattr(record, field)
    return [_option(record, machine, str(state), str(now), actor) for state in dict(machine.choices) if state != now]


def step(record: Any, field: str, to: str, actor: Actor) -> None:
    """Run the transition ``to_<to>`` of a record, with its permission and guards; the caller has it locked.

    Raises PermissionDenied, ValidationFailed when a reason is missing, and Conflict when there is no way or a guard
    stops it; each says why. ``record.transition_reason`` holds the caller's reason.
    """
    if _stepped(record, field, to, actor):
        return
    option = next((entry for entry in transition_options(record, field, actor) if entry.to == to), None)
    if option is None:
        raise Conflict(_("It is in this state already."))
    if not option.permitted:
        raise PermissionDenied(option.reasons[-1])
    if option.possible and option.needs_reason:
        raise ValidationFailed.field("reason", option.question)
    raise Conflict(" ".join(option.reasons)) from TransitionNotAllowed(to)


def _stepped(record: Any, field: str, to: str, actor: Actor) -> bool:
    """Run the transition and return whether it could be. Its guards are asked once, by the transition itself: some of them
    read all there is to sign of a change."""
    method = getattr(record, f"to_{to}", None)
    if method is None or not method._django_fsm.has_transition_perm(record, getattr(record, field), actor):
        return False
    try:
        method()
    except TransitionNotAllowed:
        return False
    return True


def _option(record: Any, machine: Any, state: str, now: str, actor: Actor) -> TransitionOption:
    labels = dict(machine.choices)
    method = getattr(record, f"to_{state}", None)
    found = method._django_fsm.get_transition(now) if method is not None else None
    if found is None or (found.target != state):
        reason = _("There is no way from %(now)s to %(to)s.") % {"now": labels[now], "to": labels[state]}
        return TransitionOption(state, str(labels[state]), False, False, (reason,), "")
    failing = [(check.guard, text) for check in found.conditions if (text := check.guard(record))]
    reasons = [text for guard, text in failing if not hasattr(guard, "asks_reason")]
    questions = [text for guard, text in failing if hasattr(guard, "asks_reason")]
    refusal = _refusal(found.permission, record, actor)
    if refusal:
        reasons.append(refusal)
    return TransitionOption(
        to=state,
        label=str(labels[state]),
        possible=not reasons,
        needs_reason=bool(questions),
        reasons=tuple(reasons),
        permission=found.permission.plm_permission,
        permitted=not refusal,
        question=" ".join(questions),
    )


def _refusal(check: Any, record: Any, actor: Actor) -> str:
    """Return why the actor may not, or an empty string."""
    if not actor.may(check.plm_permission):
        return _("You need the permission %(permission)s for this.") % {"permission": check.plm_permission}
    return check.plm_rule(record, actor) if check.plm_rule else ""
