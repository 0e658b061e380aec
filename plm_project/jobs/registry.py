"""Which kinds of jobs there are. Contexts register theirs from ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from plm_project.core.actor import Actor
from plm_project.core.exceptions import PlmError, ValidationFailed
from plm_project.core.progress import Progress

if TYPE_CHECKING:
    from plm_project.jobs.models import Job


@dataclass(frozen=True)
class JobLink:
    """Where a finished job leads: "Open the imported product"."""

    label: str
    url: str


def no_links(job: Job) -> Sequence[JobLink]:
    """Return none."""
    return ()


@dataclass(frozen=True)
class JobKind:
    """``run(actor, job, progress)`` does the work and returns the result, a JSON object. It runs in the tenant's scope.

    ``name`` is stored with every job and must never change. ``permission`` is asked when a job is started, again when
    it runs, and of whoever wants to see its result. ``writes``: the work and the note that it is done are one
    transaction. A kind that only reads says False, and so locks nobody out on SQLite. ``template`` shows the result
    on the job's page (with ``job``), ``links`` where to go from there.

    A PlmError that ``run`` raises is the job's failure, in its words. ``JobFailed`` brings a result along.
    """

    name: str
    label: Any
    permission: str
    run: Callable[[Actor, Job, Progress], Mapping[str, Any]]
    writes: bool = True
    template: str = ""
    links: Callable[[Job], Sequence[JobLink]] = field(default=no_links)


class JobFailed(PlmError):
    """The work cannot be done. ``result`` says exactly why; the job's page shows it."""

    error_code = "VALIDATION_ERROR"
    status_code = 400

    def __init__(self, message: str, *, result: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.result = dict(result or {})


_kinds: dict[str, JobKind] = {}


def register_job_kind(kind: JobKind) -> None:
    """Register a kind. Registering the name again replaces it."""
    _kinds[kind.name] = kind


def job_kind(name: str) -> JobKind:
    """Return a kind; raise ValidationFailed for one that this installation does not have (any more)."""
    if name not in _kinds:
        raise ValidationFailed.field("kind", f"There is no kind of job called {name}.")
    return _kinds[name]


def job_kinds() -> list[JobKind]:
    """Return every kind by name."""
    return [_kinds[name] for name in sorted(_kinds)]
