"""The release gate: nothing is released that is non-compliant with a regulation its tenant made binding.

Judged is what the change will make: each product it releases with its planned lines, and below them all that some unit
or variant may hold on its day, substitutes as much as the parts they may be taken for, where products of the same
change count with their planned lines too. Held is a non-compliant part under a binding regulation that is in force on
that day, holds where the released product is sold, and reaches the part by market and type, also by a type it had
earlier. What was found of an earlier revision stands until the newer one is assessed itself, so a person has to take
the finding up again or waive it: a new letter is no way past it. A day in the past is judged as today.

A waiver with a reason lets it go while it is valid; one that has run out does not. What is not
assessed, in progress, or expired after having been compliant does not hold a release: it asks for work, and the change
page says so elsewhere, but nobody has found it wanting.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes.gates import GateFinding, PlannedProduct, PlannedRelease, ReleaseGate
from changes.services.gating import lone_release
from compliance.choices import ComplianceStatus
from compliance.market_codes import meet, spread
from compliance.models import Regulation
from compliance.selectors.applicability import markets_of, reaches, regulations_in_force
from compliance.selectors.standing import Standing, standing_findings
from compliance.selectors.structure import Finding, part_at
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.locks import Lock, take
from products.extensions import ReleaseGuard
from products.models import Product, ProductRevision
from products.selectors.graph import structure_of_products
from products.selectors.resolution import Resolution


@dataclass(frozen=True)
class _Part:
    """A product in the planned structure."""

    number: str
    product_type: str
    revision_id: uuid.UUID | None
    children: tuple[uuid.UUID, ...]


def releases_hold(release: PlannedRelease) -> list[GateFinding]:
    """Return what holds the release: per released product, regulation and non-compliant part, with the way to it.

    A fixed number of queries: two for the structure below, one each for regulations, markets and types, two for findings.
    """
    day = max(release.day, clock.today())
    binding = _binding(day)
    return _held_by(binding, release, day) if binding and release.products else []


def _held_by(binding: Sequence[Regulation], release: PlannedRelease, day: dt.date) -> list[GateFinding]:
    parts = _planned_structure(release, day)
    taken = {key: part.revision_id for key, part in parts.items() if part.revision_id is not None}
    findings = {key: found for key, found in standing_findings(taken, day, binding).items() if _is_bad(found)}
    if not findings:
        return []
    sold = markets_of(parts.keys())
    types = _types_ever({product_id for product_id, _regulation in findings}, parts)
    return [f for product in release.products for f in _held(product, binding, parts, findings, sold, types)]


def _binding(day: dt.date) -> list[Regulation]:
    return [row for row in regulations_in_force(day) if row.is_binding]


def _is_bad(found: Finding) -> bool:
    return found.status == ComplianceStatus.NON_COMPLIANT or found.is_lapsed_waiver


def _planned_structure(release: PlannedRelease, day: dt.date) -> dict[uuid.UUID, _Part]:
    """Return every product of the structures as they will be; the change's own products with their planned lines."""
    own = {product.product_id: product for product in release.products}
    below = {line.child_id for product in release.products for line in product.lines} - set(own)
    structure = structure_of_products(sorted(below), Resolution.whatever_may_be_built(day))
    found = [part_at(structure, at) for at in range(len(structure))]
    parts = {
        part.product_id: _Part(
            part.number,
            part.product_type,
            part.revision_id,
            tuple(found[structure.child[line]].product_id for line in structure.built_in(at)),
        )
        for at, part in enumerate(found)
        if part.product_id not in own
    }
    parts |= {
        key: _Part(
            product.product_number,
            product.product_type,
            product.base_id,
            tuple(line.child_id for line in product.lines),
        )
        for key, product in own.items()
    }
    return parts


def _types_ever(product_ids: Iterable[uuid.UUID], parts: Mapping[uuid.UUID, _Part]) -> dict[uuid.UUID, set[str]]:
    """Return every type each product has or had: calling a part something else takes no finding out of the world."""
    types = {key: {parts[key].product_type} for key in product_ids}
    rows = Product.history.filter(id__in=list(types)).order_by().values_list("id", "product_type").distinct()
    for key, product_type in rows:
        types[key].add(product_type)
    return types


def _held(
    product: PlannedProduct,
    binding: Sequence[Regulation],
    parts: Mapping[uuid.UUID, _Part],
    findings: Standing,
    sold: Mapping[uuid.UUID, frozenset[str]],
    types: Mapping[uuid.UUID, set[str]],
) -> Iterable[GateFinding]:
    order, parents = _nearest_first(product.product_id, parts)
    nowhere: frozenset[str] = frozenset()
    for regulation in binding:
        if not meet(spread(regulation.markets), sold.get(product.product_id, nowhere)):
            continue
        for product_id in order:
            part = parts[product_id]
            found = findings.get((product_id, regulation.pk))
            markets = sold.get(product_id, nowhere)
            if found and any(reaches(regulation, product_type, markets) for product_type in types[product_id]):
                yield _finding(product, regulation, part, found, _path(product_id, parents, parts))


def _nearest_first(
    top: uuid.UUID, parts: Mapping[uuid.UUID, _Part]
) -> tuple[list[uuid.UUID], dict[uuid.UUID, uuid.UUID]]:
    order, parents, seen = [top], {}, {top}
    for product_id in order:  # grows while it is read
        for child in parts[product_id].children:
            if child not in seen and child in parts:
                seen.add(child)
                parents[child] = product_id
                order.append(child)
    return order, parents


def _path(
    product_id: uuid.UUID, parents: Mapping[uuid.UUID, uuid.UUID], parts: Mapping[uuid.UUID, _Part]
) -> tuple[str, ...]:
    way = [product_id]
    while (above := parents.get(way[-1])) is not None:
        way.append(above)
    return tuple(parts[key].number for key in reversed(way))


def _finding(
    product: PlannedProduct, regulation: Regulation, part: _Part, found: Finding, path: tuple[str, ...]
) -> GateFinding:
    facts = {"part": part.number, "regulation": regulation, "path": " → ".join(path)}
    if found.status == ComplianceStatus.NON_COMPLIANT:
        message = _("%(part)s is non-compliant with %(regulation)s (%(path)s).") % facts
    else:
        message = _("The waiver of %(part)s for %(regulation)s has expired (%(path)s).") % facts
    return GateFinding(
        product.product_id,
        product.product_number,
        message,
        record_address(found.record_id),
        part.number,
        path,
    )


def record_address(record_id: uuid.UUID) -> str:
    """Return where a finding is mended: the record's page."""
    return reverse("compliance:record-detail", args=[record_id])


def findings_keep(actor: Actor) -> None:
    """Let nobody change a finding or its scope until the release is committed."""
    take(Lock.COMPLIANCE, actor.tenant_id)


def revision_hold(revision: ProductRevision, day: dt.date) -> list[str]:
    """Return what holds a revision that is to be released on its own, by the same rule."""
    judged = max(day, clock.today())
    binding = _binding(judged)
    if not binding:
        return []  # most tenants bind nobody: then what the revision holds is not even read
    return [finding.message for finding in _held_by(binding, lone_release(revision, day), judged)]


RELEASE_GUARD = ReleaseGuard("compliance", revision_hold, findings_keep)
RELEASE_GATE = ReleaseGate("compliance", gettext_lazy("Compliance"), releases_hold, findings_keep)
