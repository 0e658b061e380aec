"""The files of jobs: what one works on (``input``) and what one made (``result``), in the storage ``files``.

They lie below the job's id, not under their hash as documents do: they go with the job, whatever else holds the same
content.
"""

from __future__ import annotations

import uuid
from typing import Any, Literal

from django.core.files.base import File
from django.core.files.storage import storages
from django.utils.translation import gettext as _

from plm_project.core.exceptions import NotFound
from plm_project.jobs.models import Job

Which = Literal["input", "result"]
NAMES: tuple[Which, ...] = ("input", "result")


def job_file_keep(job: Job, which: Which, content: File[Any]) -> None:
    """Store a file of the job in place of an earlier one."""
    storage, name = storages["files"], _name(job.tenant_id, job.pk, which)
    storage.delete(name)
    storage.save(name, content)


def job_file_open(job: Job, which: Which) -> File[Any]:
    """Open a file for reading. The caller has checked who may. Raises NotFound where there is none."""
    try:
        return storages["files"].open(_name(job.tenant_id, job.pk, which), "rb")
    except FileNotFoundError:
        raise NotFound(_("This file is no longer kept.")) from None


def job_files_drop(tenant_id: uuid.UUID, job_id: uuid.UUID) -> None:
    """Remove the files of a job; nothing happens where there are none."""
    for which in NAMES:
        storages["files"].delete(_name(tenant_id, job_id, which))


def _name(tenant_id: uuid.UUID, job_id: uuid.UUID, which: Which) -> str:
    return f"{tenant_id.hex}/jobs/{job_id.hex}/{which}"
