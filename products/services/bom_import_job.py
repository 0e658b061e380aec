"""The import of a large file as a job: the same service with the same result, beside the requests.

The job keeps a copy of the file of its own. When the file has faults, that copy goes back to the preview, with the
mapping and the corrections it was read with, to be put right there.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound
from plm_project.core.progress import Progress
from plm_project.jobs.files import job_file_open
from plm_project.jobs.models import Job
from plm_project.jobs.registry import JobFailed, JobKind, JobLink
from plm_project.jobs.selectors import job_get
from plm_project.jobs.services import job_start
from products import permissions
from products.importing import AUTO, Corrections
from products.importing.preview import file_lines
from products.models import Product
from products.services.bom_import import bom_import
from products.services.bom_import_answer import bom_import_answer
from products.services.import_files import import_file_keep

KIND = "products.bom_import"
MOST_KEPT = 1_000  # faults, skipped rows and warnings each that a job keeps


def is_long(content: bytes) -> bool:
    """Return whether a file has more rows than are imported while somebody waits (IMPORT_IN_REQUEST_ROWS)."""
    return file_lines(content) > settings.IMPORT_IN_REQUEST_ROWS


def bom_import_start(
    *,
    actor: Actor,
    content: bytes,
    filename: str,
    parent_number: str,
    parent_name: str = "",
    dialect: str = AUTO,
    mapping: Mapping[str, str] | None = None,
    sheet: str | None = None,
    corrections: Corrections | None = None,
) -> Job:
    """Have a file imported by a job. The arguments are those of ``bom_import``; raises as ``job_start``."""
    corrected = corrections or Corrections()
    given = {
        "filename": filename,
        "parent_number": parent_number,
        "parent_name": parent_name,
        "dialect": dialect,
        "mapping": dict(mapping) if mapping is not None else None,
        "sheet": sheet,
        "cells": [[row, field, text] for (row, field), text in corrected.cells.items()],
        "left_out": sorted(corrected.left_out),
    }
    title = _("Import of %(file)s below %(parent)s") % {"file": filename, "parent": parent_number}
    return job_start(actor=actor, kind=KIND, title=title, input=given, content=ContentFile(content))


def bom_import_again(*, actor: Actor, job_id: uuid.UUID) -> str:
    """Put the file of a job back among those that wait for confirmation, and return its token.

    Raises NotFound for a job of another kind, or one whose file is no longer kept.
    """
    actor.require(permissions.PRODUCTS_IMPORT)
    job = job_get(actor, job_id)
    if job.kind != KIND:
        raise NotFound(_("There is no such import."))
    with job_file_open(job, "input") as content:
        return import_file_keep(
            actor=actor,
            upload=content,
            filename=job.input["filename"],
            parent_number=job.input["parent_number"],
            parent_name=job.input["parent_name"],
        )


def sent_fields(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a job was given as the fields of the preview's forms."""
    yield "dialect", given["dialect"]
    if given["sheet"]:
        yield "sheet", given["sheet"]
    for field, column in (given["mapping"] or {}).items():
        yield f"map_{field}", column
    for row, field, text in given["cells"]:
        yield f"cell_{row}_{field}", text
    for row in given["left_out"]:
        yield "leave_out", str(row)


def _run(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    given = job.input
    with job_file_open(job, "input") as stored:
        content = stored.read()
    result = bom_import(
        actor=actor,
        content=content,
        filename=given["filename"],
        parent_number=given["parent_number"],
        parent_name=given["parent_name"],
        dialect=given["dialect"],
        mapping=given["mapping"],
        sheet=given["sheet"],
        corrections=Corrections(
            {(row, field): text for row, field, text in given["cells"]}, frozenset(given["left_out"])
        ),
        progress=progress,
    )
    answer = _kept(bom_import_answer(result))
    if result.faults:
        raise JobFailed(_("The file has faults; nothing was imported."), result=answer)
    parent = Product.objects.filter(product_number=result.parent).values_list("pk", flat=True).first()
    return {**answer, "parent_id": str(parent)}


def _kept(answer: dict[str, Any]) -> dict[str, Any]:
    """Cut long lists, and say how long they were."""
    for name in ("errors", "rows_skipped", "warnings"):
        answer[f"{name}_count"] = len(answer[name])
        answer[name] = answer[name][:MOST_KEPT]
    return answer


def _links(job: Job) -> list[JobLink]:
    if "parent_id" not in job.result:
        return []
    return [JobLink(_("Open the imported product"), reverse("products:product-bom", args=[job.result["parent_id"]]))]


IMPORT_KIND = JobKind(
    name=KIND,
    label=gettext_lazy("Import of a bill of materials"),
    permission=permissions.PRODUCTS_IMPORT,
    run=_run,
    template="products/_import_job.html",
    links=_links,
)
