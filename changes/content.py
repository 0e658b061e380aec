"""What a signature stands for: the change as it reads, in one canonical text, and the SHA-256 of that text.

Two changes that read alike have the same text; any edit of what an approver looks at makes another one. The text is
JSON in UTF-8 with sorted keys and without spaces, decimals in plain notation, ids as they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from plm_project.core.decimals import plain
from plm_project.tenancy.bulk import has_kept
from products.choices import FROZEN_STATES
from products.models import BomLine, DocumentVersion

if TYPE_CHECKING:
    from changes.models import Approval, EngineeringChange

FIELDS = ("change_number", "change_title", "change_description", "change_type", "priority", "urgency", "cost_impact",
          "reason_for_change", "business_impact", "effective_from", "round")  # fmt: skip
REDLINE_FIELDS = ("affected_id", "position", "operation", "line_id", "child_id", "quantity", "unit_of_measure",
                  "find_number", "reference_designators", "note")  # fmt: skip
ACTION_FIELDS = ("chosen_action", "replacement_id", "effective_from", "serials")
SETTINGS = "settings"  # younger than the oldest signatures: stands there only where it says something
DISPOSITION_FIELDS = ("affected_id", "product_id", "place", "action", "quantity", "cost", "note")


def content_of(change: EngineeringChange) -> dict[str, Any]:
    """Return what is signed: the change's own fields, its products with their bases, its redlines, and the files of its
    documents. Lines of a base that is still in work stand there with their versions, for they can be edited. What is
    planned for existing parts, and what a product's action says beyond a new revision, stands there where anything is, so that a
    content without it reads as it always did; so do the settings of a redline.
    5 queries, 6 with lines in work.
    """
    affected = list(
        change.affected.order_by("created_at", "id").values_list(
            "product_id", "base_revision_id", "base_revision__state", "no_disposition_reason", *ACTION_FIELDS
        )
    )
    open_bases = [base for _product, base, state, *_rest in affected if state not in FROZEN_STATES]
    actions = [[row[0], *row[4:]] for row in affected if any(row[4:])]
    lines = BomLine.objects.filter(parent_revision_id__in=open_bases).order_by("id") if open_bases else ()
    documents = change.documents.filter(document__is_deleted=False).values("document_id")
    files = DocumentVersion.objects.filter(revision__document_id__in=documents)
    return {
        **{name: getattr(change, name) for name in FIELDS},
        "change_id": change.pk,
        "affected": [[product, base] for product, base, *_rest in affected],
        **({"actions": actions} if actions else {}),
        "redlines": redlines_told(change),
        "lines_in_work": [[line.pk, line.version] for line in lines],
        "documents": sorted(str(key) for key in documents.values_list("document_id", flat=True)),
        "files": list(files.order_by("id").values_list("revision__document_id", "file_sha256")),
        **_existing_parts(
            change, [[product, reason] for product, _base, _state, reason, *_rest in affected if reason]
        ),
    }


def redlines_told(change: EngineeringChange) -> list[dict[str, Any]]:
    """Return the redlines of a change as they are signed and packed. One query, none where they were read with it."""
    names = (*REDLINE_FIELDS, SETTINGS)
    if has_kept(change, "redlines"):
        kept = sorted(change.redlines.all(), key=attrgetter("position", "id"))
        rows: Iterable[Sequence[Any]] = map(attrgetter(*names), kept)
    else:
        rows = change.redlines.order_by("position", "id").values_list(*names)
    return [
        {**dict(zip(REDLINE_FIELDS, values, strict=True)), **({SETTINGS: settings} if settings else {})}
        for *values, settings in rows
    ]


def _existing_parts(change: EngineeringChange, nothing: list[list[Any]]) -> dict[str, Any]:
    """Return what is planned for existing parts; a key for each kind that there is. Owners and days are not signed."""
    rows = change.dispositions.order_by("created_at", "id").values_list(*DISPOSITION_FIELDS)
    planned = [dict(zip(DISPOSITION_FIELDS, values, strict=True)) for values in rows]
    return {
        **({"dispositions": planned} if planned else {}),
        **({"nothing_to_dispose_of": nothing} if nothing else {}),
    }


def canonical(content: Any) -> str:
    """Return the one text of a content."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_as_text)


def hash_of(text: str) -> str:
    """Return the SHA-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def content_hash(change: EngineeringChange) -> str:
    """Return the hash of what would be signed now."""
    return hash_of(canonical(content_of(change)))


def void_votes(change: EngineeringChange, now: str = "") -> list[Approval]:
    """Return the approvals of the running round that were given to another content than the change has now; ``now`` is
    its hash where the caller has it already.
    """
    given = [vote for vote in change.round_votes() if vote.content_hash]
    if not given:
        return []
    now = now or content_hash(change)
    return [vote for vote in given if vote.content_hash != now]


def _as_text(value: Any) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)
