"""The whole import: lock, plan, refuse or write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.locks import Lock, take
from plm_project.core.progress import Progress, unheard
from products import permissions
from products.importing.specs import ImportFault, LineSpec, ProductSpec
from products.models import BomLine
from products.models.bom_line import designators_differ
from products.services.structure_import.cycles import cycle_faults
from products.services.structure_import.known import known_load
from products.services.structure_import.plan import Plan, Planner
from products.services.structure_import.substitutes import named_in
from products.services.structure_import.write import plan_write


@dataclass(frozen=True)
class ImportResult:
    """What was made, or (with faults, or on a dry run) would have been made: then nothing was written."""

    products_created: int
    products_updated: int
    products_matched: int
    lines_created: int
    lines_updated: int
    faults: tuple[ImportFault, ...]
    written: bool
    warnings: tuple[ImportFault, ...] = ()


@transaction.atomic
def structure_import(
    *,
    actor: Actor,
    products: Sequence[ProductSpec],
    lines: Sequence[LineSpec],
    reason: str,
    update_known: bool = True,
    dry_run: bool = False,
    progress: Progress = unheard,
) -> ImportResult:
    """Create and change products and lines as the specs say, all or nothing.

    Known products are matched by number (and, with ``update_known``, brought to the file's values), lines by parent,
    child and find number. Lines of a released revision may only
    be repeated as they are. A counted line whose designators are more or fewer than its pieces is a warning. Every
    fault names file, row, column and code; one is enough for nothing to be written.
    """
    actor.require(permissions.PRODUCTS_IMPORT)
    take(Lock.STRUCTURE, actor.tenant_id)
    progress(_("Checking the lines"), 0, len(lines))
    parents = {line.parent for line in lines}
    described = {spec.number for spec in products}
    numbers = described | parents | {line.child for line in lines}
    numbers |= {entry.number for line in lines for entry in line.use.get("serials", ())}
    substitutes = named_in(lines)
    known = known_load(numbers | substitutes, parents, whole=described, with_substitutes=bool(substitutes))
    plan = Planner(actor, known, update_known=update_known).run(products, lines)
    progress(_("Looking for cycles"), len(lines), len(lines))
    faults = [*plan.faults, *cycle_faults([*plan.line_specs, *substitutes_as_lines(plan)])]
    written = not faults and not dry_run
    if written:
        plan_write(actor, plan, reason=reason, progress=progress)
    return ImportResult(
        products_created=len(plan.new_products),
        products_updated=len(plan.changed_products),
        products_matched=len(plan.matched),
        lines_created=len(plan.new_lines),
        lines_updated=len(plan.changed_lines),
        faults=tuple(sorted(faults, key=lambda fault: (fault.file, fault.row))),
        written=written,
        warnings=tuple(warning for line, spec in plan.line_specs for warning in _differing_designators(line, spec)),
    )


def substitutes_as_lines(plan: Plan) -> Iterator[tuple[BomLine, LineSpec]]:
    """Yield the new substitutes as lines beside their own: what may be built in must not contain its parent either."""
    specs = {line.pk: spec for line, spec in plan.line_specs}
    for row in plan.substitutes.new:
        beside = BomLine(parent_revision=row.line.parent_revision, child=row.product)
        yield beside, replace(specs[row.line_id], child=row.product.product_number)


def _differing_designators(line: BomLine, spec: LineSpec) -> Iterator[ImportFault]:
    """Real files have lines with more or fewer designators than pieces: they come in as they are, and are named."""
    fault = designators_differ(line.quantity, line.unit_of_measure, line.reference_designators)
    if fault:
        yield ImportFault(spec.file, spec.row, "quantity", "designators_not_counted", f"{spec.child}: {fault}")
