"""Cost and mass of every product, as a job that makes a file of them."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from typing import Any

from django.core.files.base import File
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plm_project.core.actor import Actor
from plm_project.core.delimited import csv_lines
from plm_project.core.progress import Progress
from plm_project.jobs.files import job_file_keep
from plm_project.jobs.models import Job
from plm_project.jobs.registry import JobKind
from plm_project.jobs.services import job_start
from products import permissions
from products.models import Product
from products.selectors.questions import resolution_asked
from products.selectors.rollup import tenant_currency
from products.selectors.rollup_all import ProductCost, rollup_everything

KIND = "products.rollup_all"
# Fixed words, whatever the language: other programs read the file.
HEADING = ("number", "unit_cost", "currency", "mass_kg", "cost_complete")
REPORTED_EVERY = 2_000  # rows


def rollup_all_start(*, actor: Actor, **query: Any) -> Job:
    """Have cost and mass of all products computed, by default effective today. Asked twice, it is one job.

    ``query``: the question (``questions.QUESTION_FIELDS``). Raises ValidationFailed for one that makes no sense, else as
    ``job_start``.
    """
    resolution = resolution_asked(query)
    given = {name: value for name, value in query.items() if value}
    given |= {"mode": resolution.mode.value, "as_of": resolution.as_of.isoformat()}
    title = _("Cost and mass of all products on %(day)s") % {"day": resolution.as_of.isoformat()}
    return job_start(actor=actor, kind=KIND, title=title, input=given, once=True)


def _run(actor: Actor, job: Job, progress: Progress) -> dict[str, Any]:
    as_of = dt.date.fromisoformat(job.input["as_of"])
    resolution = resolution_asked({**job.input, "as_of": as_of})
    progress(_("Reading the structure and adding up"), 0, Product.objects.count())
    costs = rollup_everything(resolution)
    currency = tenant_currency()
    with tempfile.TemporaryFile("w+b") as made:
        for line in csv_lines(HEADING, _rows(costs, currency, progress)):
            made.write(line.encode())
        size = made.tell()
        made.seek(0)
        job_file_keep(job, "result", File(made))
    file = {"name": f"rollup-{as_of.isoformat()}.csv", "media_type": "text/csv; charset=utf-8", "size": size}
    return {
        **job.input,
        "currency": currency,
        "products": len(costs),
        "incomplete": sum(1 for cost in costs if not cost.cost_complete),
        "file": file,
    }


def _rows(costs: list[ProductCost], currency: str, progress: Progress) -> Iterator[tuple[Any, ...]]:
    for at, cost in enumerate(costs):
        if at % REPORTED_EVERY == 0:
            progress(_("Writing the file"), at, len(costs))
        complete = "true" if cost.cost_complete else "false"
        yield cost.product_number, cost.unit_cost, currency, cost.mass_kg, complete
    progress(_("Writing the file"), len(costs), len(costs))


ROLLUP_KIND = JobKind(
    name=KIND,
    label=gettext_lazy("Roll-up of everything"),
    permission=permissions.PRODUCTS_READ,
    run=_run,
    writes=False,
    template="products/_rollup_job.html",
)
