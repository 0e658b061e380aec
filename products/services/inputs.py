"""What services take, and the checks that turn Django's errors into ours."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.base import TenantRecord
from products.choices import LineType

# Filled by the ground, never by a caller. full_clean would ask the database about some, and the rest of them take
# longer than what is to be checked.
GROUND_FIELDS = (
    "id", "tenant", "version", "created_at", "created_by", "updated_at", "updated_by",
    "is_deleted", "deleted_at", "deleted_by",
)  # fmt: skip

# What a line says: a caller may change it, and the next revision takes it along.
LINE_FIELDS = (
    "child_id",
    "quantity",
    "unit_of_measure",
    "find_number",
    "reference_designators",
    "effective_from",
    "effective_to",
    "serials",
    "condition",
    "line_type",
    "is_optional",
    "attrition_percent",
    "setup_quantity",
    "rounding_multiple",
    "notes",
    "custom_attributes",
)


@dataclass(frozen=True)
class LineInput:
    """A BOM line as a caller gives it. Without a find number it goes to the end; without a unit it takes the child's."""

    child_id: uuid.UUID
    quantity: Decimal
    unit_of_measure: str | None = None
    find_number: int | None = None
    reference_designators: tuple[str, ...] = ()
    effective_from: dt.date | None = None
    effective_to: dt.date | None = None
    notes: str = ""
    custom_attributes: Mapping[str, Any] | None = None
    serials: Sequence[Mapping[str, Any]] | None = None
    condition: str = ""
    line_type: str = LineType.STANDARD
    is_optional: bool = False
    attrition_percent: Decimal = Decimal(0)
    setup_quantity: Decimal = Decimal(0)
    rounding_multiple: Decimal = Decimal(0)


def clean(record: TenantRecord, *, prefix: str = "", exclude: tuple[str, ...] = ()) -> None:
    """Check one record's own rules; raise ValidationFailed naming each field (with ``prefix`` before it)."""
    try:
        record.full_clean(exclude={*GROUND_FIELDS, *exclude}, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        details = {f"{prefix}{name}": messages for name, messages in error.message_dict.items()}
        raise ValidationFailed(_("Please check the marked fields."), details=details) from error


def clean_some(record: TenantRecord, names: Iterable[str], *, prefix: str = "") -> None:
    """Check these fields of a record and its own rules, as ``clean`` does for all: a record with forty fields of which one was
    edited, thousands of times.
    """
    problems: dict[str, list[Any]] = {}
    for name in names:
        field: Any = record._meta.get_field(name)
        value = getattr(record, field.attname)
        if not (field.blank and value in field.empty_values):
            try:
                setattr(record, field.attname, field.clean(value, record))
            except ValidationError as error:
                problems[field.name] = error.error_list
    try:
        record.clean()
    except ValidationError as error:
        problems = error.update_error_dict(problems)
    if problems:
        details = {f"{prefix}{name}": messages for name, messages in ValidationError(problems).message_dict.items()}
        raise ValidationFailed(_("Please check the marked fields."), details=details)


def apply(record: TenantRecord, changes: Mapping[str, Any], *, allowed: frozenset[str]) -> dict[str, dict[str, Any]]:
    """Set the changed fields; return {field: {"from", "to"}} of those that differ.

    Raises ValidationFailed for a field that may not be set this way.
    """
    refused = sorted(set(changes) - allowed)
    if refused:
        raise ValidationFailed(
            _("These fields cannot be changed here."),
            details={name: [_("Cannot be changed here.")] for name in refused},
        )
    differences: dict[str, dict[str, Any]] = {}
    for name, value in changes.items():
        before = getattr(record, name)
        if before != value:
            setattr(record, name, value)
            differences[name] = {"from": before, "to": value}
    return differences
