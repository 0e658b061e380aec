"""What a release package holds, as it was when the change was implemented: whoever asks later gets the same bytes.

Released lines, signed contents and stored files cannot change; names of products are read from their history, and what
came after that moment is left out. A fixed number of queries, whatever the change holds.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.db.models import Q

from changes.choices import ChangeStatus
from changes.content import ACTION_FIELDS, DISPOSITION_FIELDS, FIELDS, REDLINE_FIELDS, SETTINGS, redlines_told
from changes.models import (
    AffectedProduct,
    Approval,
    ChangeDocument,
    Disposition,
    EngineeringChange,
    Redline,
    SignedContent,
)
from changes.packages.proof import SIGNATURES, SIGNED, Listed
from plm_project.core.decimals import plain
from plm_project.tenancy.id_sets import in_ids
from products.models import BomLine, DocumentLink, DocumentVersion, Product, ProductRevision
from products.selectors.substitutes import Substitute, substitutes_of_lines
from products.services.inputs import LINE_FIELDS

README = """\
This is a release package: what one engineering change released, why, by whose signatures, and the files that belong to it.

manifest.json     every entry with its size and SHA-256, and the Merkle root over them
change.json       the change, its products with their revisions, its redlines
structure/        the released bills of materials, and under before/ those they follow
signatures.json   the votes of all rounds: name, time, meaning, comment, hash of what was signed
signed/           what was signed, word for word, named by its SHA-256
history.json      who did what, when and why, up to the release
files/            the files of its documents, by their SHA-256
documents.json    which file is which document

Check it with: python proof.py THIS.zip --root ROOT
proof.py is a part of the PLM (changes/packages/proof.py) and needs Python alone. The root stands on the change's page.
"""
# Younger than the oldest packages: named only where they say something, so that those make the same bytes as ever.
YOUNGER_OF_PRODUCT = ("no_disposition_reason", *ACTION_FIELDS)
YOUNGER = frozenset({*YOUNGER_OF_PRODUCT, SETTINGS})
HISTORY: dict[str, tuple[Any, tuple[str, ...]]] = {
    "change": (EngineeringChange, (*FIELDS, "status")),
    "affected_product": (
        AffectedProduct,
        ("product_id", "base_revision_id", "resulting_revision_id", *YOUNGER_OF_PRODUCT),
    ),
    "document": (ChangeDocument, ("document_id",)),
    "disposition": (Disposition, (*DISPOSITION_FIELDS, "owner_id", "due_on")),
    "redline": (Redline, (*REDLINE_FIELDS, SETTINGS)),
    "approval": (
        Approval,
        ("approver_id", "round", "rules", "decision", "comment", "signed_name", "meaning", "content_hash"),
    ),
}


@dataclass(frozen=True)
class Entry:
    """One entry of a package: its content, or None for a stored file that is named by ``sha256``."""

    name: str
    content: bytes | None
    size: int
    sha256: str

    @property
    def listed(self) -> Listed:
        """Return it as the manifest lists it."""
        return Listed(self.name, self.size, self.sha256)


def package_entries(change: EngineeringChange) -> list[Entry]:
    """Return the entries of an implemented change's package by name."""
    moment = _released_at(change)
    affected = list(change.affected.select_related("base_revision", "resulting_revision").order_by("created_at", "id"))
    revisions = _revisions(affected)
    lines = _lines(revisions)
    planned = list(change.dispositions.order_by("created_at", "id").values(*DISPOSITION_FIELDS))
    names = _names_at(
        {row.product_id for row in affected}
        | {line.child_id for found in lines.values() for line in found}
        | set(change.redlines.exclude(child=None).values_list("child_id", flat=True))
        | {row["product_id"] for row in planned},
        moment,
    )
    entries = [
        _text("README.txt", README),
        _json("change.json", _change(change, affected, planned, names)),
        *_structures(affected, lines, names),
        *_signed(change),
        _json("history.json", _history(change, moment)),
        *_files(change, affected, moment),
    ]
    return sorted(entries, key=lambda entry: entry.name)


def _released_at(change: EngineeringChange) -> dt.datetime:
    """Return the moment of the last write of the release: the history row that says implemented."""
    rows = EngineeringChange.history.filter(id=change.pk, status=ChangeStatus.IMPLEMENTED)
    moment: dt.datetime | None = rows.order_by("history_date").values_list("history_date", flat=True).first()
    found = moment or change.implemented_at
    assert found is not None
    return found


def _change(
    change: EngineeringChange,
    affected: Sequence[AffectedProduct],
    planned: Sequence[dict[str, Any]],
    names: dict[uuid.UUID, tuple[str, str]],
) -> dict[str, Any]:
    dispositions = [{**row, "product_number": names[row["product_id"]][0]} for row in planned]
    return {
        **{name: getattr(change, name) for name in FIELDS},
        "change_id": change.pk,
        "submitted_at": change.submitted_at,
        "decided_at": change.decided_at,
        "implemented_at": change.implemented_at,
        "implemented_by": change.implemented_by_id,
        "affected_products": [
            {
                "product_id": row.product_id,
                "product_number": names[row.product_id][0],
                "product_name": names[row.product_id][1],
                "from_revision": row.base_revision.label,
                "to_revision": row.resulting_revision.label if row.resulting_revision else None,
                "from_revision_id": row.base_revision_id,
                "to_revision_id": row.resulting_revision_id,
                **{name: value for name in YOUNGER_OF_PRODUCT if (value := getattr(row, name))},
            }
            for row in affected
        ],
        "redlines": redlines_told(change),
        **({"dispositions": dispositions} if dispositions else {}),
        **_fast_tracks(change),
    }


def _fast_tracks(change: EngineeringChange) -> dict[str, Any]:
    """Return which rounds went the fast track, why, and who was not asked; nothing where none did."""
    rows = list(change.fast_tracks.order_by("round").values("round", "conditions", "why", "left_out"))
    return {"fast_track": rows} if rows else {}


def _revisions(affected: Iterable[AffectedProduct]) -> list[ProductRevision]:
    found = {row.base_revision for row in affected}
    return sorted(
        found | {row.resulting_revision for row in affected if row.resulting_revision}, key=lambda one: str(one.pk)
    )


def _lines(revisions: Sequence[ProductRevision]) -> dict[uuid.UUID, list[BomLine]]:
    found: dict[uuid.UUID, list[BomLine]] = {revision.pk: [] for revision in revisions}
    rows = BomLine.objects.filter(parent_revision__in=revisions).select_related("child").order_by("find_number", "id")
    for line in rows:
        found[line.parent_revision_id].append(line)
    return found


def _structures(
    affected: Sequence[AffectedProduct],
    lines: dict[uuid.UUID, list[BomLine]],
    names: dict[uuid.UUID, tuple[str, str]],
) -> Iterable[Entry]:
    substitutes = substitutes_of_lines([line.pk for found in lines.values() for line in found])
    for row in affected:
        number, name = names[row.product_id]
        sides = [("structure", row.resulting_revision)]
        if row.base_revision_id != row.resulting_revision_id:
            sides.append(("structure/before", row.base_revision))
        for folder, revision in sides:
            if revision is None:
                continue
            content = {
                "product_id": row.product_id,
                "product_number": number,
                "product_name": name,
                "revision": revision.label,
                "revision_id": revision.pk,
                "lines": [_line(line, names, substitutes.get(line.pk, ())) for line in lines[revision.pk]],
            }
            yield _json(f"{folder}/{_safe(number)}_{_safe(revision.label)}.json", content)


def _line(line: BomLine, names: dict[uuid.UUID, tuple[str, str]], substitutes: Sequence[Substitute]) -> dict[str, Any]:
    number, name = names[line.child_id]
    return {
        **{field: getattr(line, field) for field in LINE_FIELDS},
        "line_id": line.pk,
        "product_number": number,
        "product_name": name,
        "substitutes": [one.stored() for one in substitutes],
    }


def _signed(change: EngineeringChange) -> Iterable[Entry]:
    votes = change.approvals.order_by("round", "created_at", "id")
    fields = (
        "round", "approver_id", "rules", "decision", "signed_name", "meaning", "decided_at", "comment", "content_hash"
    )  # fmt: skip
    yield _json(SIGNATURES, list(votes.values(*fields)))
    for content in SignedContent.objects.filter(change=change).order_by("content_hash"):
        yield _text(SIGNED.format(hash=content.content_hash), content.text)


def _history(change: EngineeringChange, moment: dt.datetime) -> list[dict[str, Any]]:
    told = []
    for record, (model, fields) in HISTORY.items():
        rows = model.history.filter(history_date__lte=moment)
        rows = rows.filter(id=change.pk) if model is EngineeringChange else rows.filter(change_id=change.pk)
        told += [
            {
                "record": record,
                "record_id": row.id,
                "history_id": row.history_id,
                "when": row.history_date,
                "kind": row.history_type,
                "who": row.history_actor,
                "user_id": row.history_user_id,
                "why": row.history_change_reason or "",
                "values": {name: getattr(row, name) for name in fields if name not in YOUNGER or getattr(row, name)},
            }
            for row in rows.order_by("history_date", "history_id")
        ]
    return sorted(told, key=lambda entry: (entry["when"], str(entry["history_id"])))


def _files(change: EngineeringChange, affected: Sequence[AffectedProduct], moment: dt.datetime) -> list[Entry]:
    """Return the newest file that each document had at ``moment``, and the list of which is which."""
    kept = Q(created_at__lte=moment) & (Q(is_deleted=False) | Q(deleted_at__gt=moment))
    links = ChangeDocument.all_objects.filter(kept, change=change).values("document_id")
    revisions = {row.base_revision_id for row in affected} | {row.resulting_revision_id for row in affected}
    of_products = DocumentLink.all_objects.filter(kept, product_id__in=[row.product_id for row in affected])
    of_products = of_products.filter(Q(product_revision=None) | Q(product_revision_id__in=revisions - {None}))
    versions = (
        DocumentVersion.objects.filter(
            Q(revision__document_id__in=links) | Q(revision__document_id__in=of_products.values("document_id")),
            created_at__lte=moment,
        )
        .select_related("revision__document")
        .order_by("revision__sequence", "number")
    )
    newest = {version.revision.document_id: version for version in versions}
    chosen = sorted(newest.values(), key=lambda version: version.revision.document.document_number)
    documents = [
        {
            "document_id": version.revision.document_id,
            "document_number": version.revision.document.document_number,
            "revision": version.revision.label,
            "version": version.number,
            "file": _place(version),
            "file_name": version.file_name,
            "sha256": version.file_sha256,
        }
        for version in chosen
    ]
    files = {_place(version): version for version in chosen}
    return [
        _json("documents.json", documents),
        *(Entry(place, None, version.file_size, version.file_sha256) for place, version in files.items()),
    ]


def _place(version: DocumentVersion) -> str:
    return f"files/{version.file_sha256}/{_safe(version.file_name)}"


def _names_at(product_ids: Iterable[uuid.UUID], moment: dt.datetime) -> dict[uuid.UUID, tuple[str, str]]:
    """Return numbers and names as they were; of a product whose history somebody has taken away, those of now."""
    wanted = list(product_ids)
    columns = ("id", "product_number", "product_name")
    now = Product.all_objects.filter(in_ids("id", wanted)).values_list(*columns)
    then = Product.history.filter(in_ids("id", wanted), history_date__lte=moment)
    rows = [*now, *then.order_by("history_date", "history_id").values_list(*columns)]
    return {key: (number, name) for key, number, name in rows}


def _safe(name: str) -> str:
    """Return a name that is no path, whatever it was."""
    return quote(name, safe=" ()+,;=@!") if name.strip(".") else quote(name, safe="").replace(".", "%2E")


def _text(name: str, text: str) -> Entry:
    content = text.encode()
    return Entry(name, content, len(content), hashlib.sha256(content).hexdigest())


def _json(name: str, value: Any) -> Entry:
    return _text(name, json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True, default=_plain) + "\n")


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return str(value)
