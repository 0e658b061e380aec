"""Release packages: sealed when a change is implemented, compared and written whenever somebody asks."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes import permissions
from changes.choices import RELEASED_STATUSES
from changes.models import EngineeringChange, ReleasePackage
from changes.packages.contents import Entry, package_entries
from changes.packages.proof import MANIFEST, Listed, archive_write, manifest_text, merkle_root
from changes.selectors import change_get
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound
from plm_project.core.file_store import CHUNK, file_is_whole, file_open
from plm_project.core.progress import Progress, unheard
from plm_project.jobs.files import job_file_keep
from plm_project.jobs.models import Job
from plm_project.jobs.registry import JobKind
from plm_project.jobs.services import job_start
from products.permissions import DOCUMENTS_READ

KIND = "changes.release_package"
MEDIA_TYPE = "application/zip"


@dataclass(frozen=True)
class Difference:
    """An entry that the records do not make as they did when the package was sealed. ``what``: changed, missing, added, or
    file_changed, file_missing where the stored file is not what its hash says.
    """

    name: str
    what: str


@transaction.atomic
def package_seal(*, change_id: uuid.UUID) -> ReleasePackage:
    """Take the manifest of what an implemented change released; the second time nothing happens. Raises Conflict for a
    change that is not implemented.
    """
    change = _released(change_id)
    sealed = ReleasePackage.objects.filter(change=change).first()
    if sealed is not None:
        return sealed
    listed = [entry.listed for entry in package_entries(change)]
    rows = [[entry.name, entry.size, entry.sha256] for entry in listed]
    made, _created = ReleasePackage.objects.get_or_create(
        change=change, defaults={"merkle_root": merkle_root(listed), "entries": rows, "sealed_at": clock.now()}
    )
    return made


def package_differences(sealed: ReleasePackage) -> list[Difference]:
    """Return what the records make differently now, and which stored files are not what they were: somebody has changed,
    removed or added them behind the services. Reads every file.
    """
    entries = package_entries(sealed.change)
    return [*_compared(sealed, entries), *_file_faults(sealed, entries)]


def package_write(change_id: uuid.UUID, target: IO[bytes], progress: Progress = unheard) -> ReleasePackage:
    """Write the package of an implemented change as a ZIP. Raises Conflict, naming the entries, when the records do not
    make what was sealed, and NotFound when a stored file is missing.
    """
    sealed = package_seal(change_id=change_id)
    change = change_get(change_id)
    entries = package_entries(change)
    if different := _compared(sealed, entries):
        words = {"changed": _("changed"), "missing": _("missing"), "added": _("added")}
        raise Conflict(
            _("The records of this release are no longer what was sealed: %(entries)s.")
            % {"entries": ", ".join(f"{one.name} ({words[one.what]})" for one in different)}
        )
    manifest = manifest_text(change.change_number, [entry.listed for entry in entries]).encode()

    def contents() -> Iterator[tuple[str, int, Iterator[bytes]]]:
        yield MANIFEST, len(manifest), iter([manifest])
        for at, entry in enumerate(entries):
            progress(_("Writing %(name)s") % {"name": entry.name}, at, len(entries))
            yield entry.name, entry.size, _pieces(sealed.tenant_id, entry)

    archive_write(target, contents())
    return sealed


def package_start(*, actor: Actor, change_id: uuid.UUID) -> Job:
    """Have the package written as a job, whose file it is. Asked twice, it is one job. Raises Conflict for a change that
    is not implemented.
    """
    actor.require(permissions.CHANGES_READ)
    actor.require(DOCUMENTS_READ)
    change = _released(change_id)
    title = _("Release package of %(number)s") % {"number": change.change_number}
    return job_start(actor=actor, kind=KIND, title=title, input={"change_id": str(change.pk)}, once=True)


def _released(change_id: uuid.UUID) -> EngineeringChange:
    change = change_get(change_id)
    if change.status not in RELEASED_STATUSES:
        raise Conflict(_("Only what is implemented has a release package."))
    return change


def _compared(sealed: ReleasePackage, entries: Sequence[Entry]) -> list[Difference]:
    then = {name: Listed(name, size, sha256) for name, size, sha256 in sealed.entries}
    now = {entry.name: entry.listed for entry in entries}
    found = [Difference(name, "missing") for name in then.keys() - now.keys()]
    found += [Difference(name, "added") for name in now.keys() - then.keys()]
    found += [Difference(name, "changed") for name in then.keys() & now.keys() if then[name] != now[name]]
    if not found and merkle_root(then.values()) != sealed.merkle_root:
        found.append(Difference(MANIFEST, "changed"))
    return sorted(found, key=lambda one: one.name)


def _file_faults(sealed: ReleasePackage, entries: Sequence[Entry]) -> Iterator[Difference]:
    for entry in entries:
        if entry.content is None:
            try:
                if not file_is_whole(sealed.tenant_id, entry.sha256):
                    yield Difference(entry.name, "file_changed")
            except NotFound:
                yield Difference(entry.name, "file_missing")


def _pieces(tenant_id: uuid.UUID, entry: Entry) -> Iterator[bytes]:
    if entry.content is not None:
        yield entry.content
        return
    with file_open(tenant_id, entry.sha256) as stored:
        yield from stored.chunks(CHUNK)


def _run(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    change_id = uuid.UUID(job.input["change_id"])
    with tempfile.TemporaryFile() as made:
        sealed = package_write(change_id, made, progress)
        size = made.tell()
        made.seek(0)
        job_file_keep(job, "result", File(made))
    number = sealed.change.change_number
    return {
        "change_number": number,
        "merkle_root": sealed.merkle_root,
        "entries": len(sealed.entries),
        "file": {"name": f"{number}.zip", "media_type": MEDIA_TYPE, "size": size},
    }


PACKAGE_KIND = JobKind(
    name=KIND,
    label=gettext_lazy("Release package"),
    permission=DOCUMENTS_READ,
    run=_run,
    template="changes/_package_job.html",
)
