"""Compliance records in lists, alone, and as a product shows them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, F, Prefetch, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from compliance.choices import LAPSING, ComplianceStatus
from compliance.models import ComplianceRecord, Evidence, Regulation
from plm_project.core import clock
from plm_project.core.exceptions import NotFound, ValidationFailed


@dataclass(frozen=True)
class RecordFilter:
    """What a list of records is narrowed by; every default means "all".

    ``expiring_before``: still valid today, and its last valid day lies before that date. ``current``: records of the
    products' current revisions alone.
    """

    regulation_id: uuid.UUID | None = None
    regulation_code: str = ""
    status: Sequence[str] = ()
    product_id: uuid.UUID | None = None
    assessor_id: uuid.UUID | None = None
    expiring_before: dt.date | None = None
    current: bool = False


def live_records() -> QuerySet[ComplianceRecord]:
    """Return records whose regulation, revision and product are all live."""
    return ComplianceRecord.objects.filter(
        regulation__is_deleted=False, revision__is_deleted=False, revision__product__is_deleted=False
    )


def current_records() -> QuerySet[ComplianceRecord]:
    """Return the records of the products' current revisions: the released one, else the latest in use."""
    return live_records().filter(revision__label=F("revision__product__revision"))


def with_status_now(rows: QuerySet[ComplianceRecord], day: dt.date | None = None) -> QuerySet[Any]:
    """Annotate ``read_status``: the status as it reads on ``day`` (default: today)."""
    over = Q(status__in=LAPSING, valid_until__lt=day or clock.today())
    return rows.annotate(
        read_status=Case(
            When(over, then=Value(str(ComplianceStatus.EXPIRED))), default=F("status"), output_field=CharField()
        )
    )


def record_list(wanted: RecordFilter | None = None) -> QuerySet[ComplianceRecord]:
    """Return records with product, revision, regulation and assessor, by product number and regulation."""
    wanted = wanted or RecordFilter()
    rows: QuerySet[Any] = with_status_now(current_records() if wanted.current else live_records())
    if wanted.regulation_id is not None:
        rows = rows.filter(regulation_id=wanted.regulation_id)
    if wanted.regulation_code:
        rows = rows.filter(regulation__code__iexact=wanted.regulation_code)
    if wanted.status:
        rows = rows.filter(read_status__in=list(wanted.status))
    if wanted.product_id is not None:
        rows = rows.filter(revision__product_id=wanted.product_id)
    if wanted.assessor_id is not None:
        rows = rows.filter(assessor_id=wanted.assessor_id)
    if wanted.expiring_before is not None:
        rows = rows.filter(status__in=LAPSING, valid_until__gte=clock.today(), valid_until__lt=wanted.expiring_before)
    return rows.select_related("revision__product", "regulation", "assessor").order_by(
        "revision__product__product_number", "-revision__sequence", "regulation__code", "regulation__edition", "id"
    )


def record_get(record_id: uuid.UUID) -> ComplianceRecord:
    """Return one record with everything its page shows; raise NotFound."""
    evidence = Evidence.objects.select_related("created_by").order_by("-created_at", "-id")
    record = (
        live_records()
        .select_related("revision__product", "regulation", "assessor")
        .prefetch_related(Prefetch("evidence", queryset=evidence))
        .filter(pk=record_id)
        .first()
    )
    if record is None:
        raise NotFound(_("There is no such compliance record."))
    return record


def regulation_get(regulation_id: uuid.UUID) -> Regulation:
    """Return a live regulation; raise NotFound."""
    found = Regulation.objects.filter(pk=regulation_id).first()
    if found is None:
        raise NotFound(_("There is no such regulation."))
    return found


def regulation_by_code(code: str) -> list[Regulation]:
    """Return all versions of a regulation; raise ValidationFailed naming ``regulation`` when there is none."""
    found = list(Regulation.objects.filter(code__iexact=code).order_by("edition", "id"))
    if not found:
        raise ValidationFailed.field("regulation", _("There is no regulation %(code)s.") % {"code": code})
    return found


def product_references(product_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[Mapping[str, Any]]]:
    """Return the compliance records of products' current revisions as the product's API answer shows them (SPEC §3).

    One query for a whole page of products.
    """
    today = clock.today()
    found: dict[uuid.UUID, list[Mapping[str, Any]]] = {}
    rows = current_records().filter(revision__product_id__in=list(product_ids))
    for record in rows.select_related("revision", "regulation").order_by(
        "regulation__code", "regulation__edition", "id"
    ):
        found.setdefault(record.revision.product_id, []).append(
            {
                "record_id": str(record.pk),
                "regulation_id": str(record.regulation_id),
                "regulation": record.regulation.code,
                "edition": record.regulation.edition,
                "is_binding": record.regulation.is_binding,
                "revision": record.revision.label,
                "status": record.status_on(today),
                "assessed_at": record.assessed_at.isoformat() if record.assessed_at else None,
                "valid_until": record.valid_until.isoformat() if record.valid_until else None,
            }
        )
    return found
