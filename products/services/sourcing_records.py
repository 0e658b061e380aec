"""What the services of sourcing share: rows under lock, and a name that is taken told at its field."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, ValidationFailed
from plm_project.tenancy.base import TenantRecord
from products.services.inputs import apply, clean

R = TypeVar("R", bound=TenantRecord)


def record_locked(model: type[R], record_id: uuid.UUID) -> R:
    """Return a live record, locked to the end of the transaction; raise NotFound."""
    found = model.objects.select_for_update().filter(pk=record_id).first()
    if found is None:
        raise NotFound(_("There is no such record."))
    return found  # type: ignore[no-any-return]


def named_or_refused(rows: models.QuerySet[Any], record_id: uuid.UUID, field: str) -> Any:
    """Return the record that an input names; one that is not there is a fault of ``field``."""
    found = rows.filter(pk=record_id).first()
    if found is None:
        raise ValidationFailed.field(field, _("There is no such record."))
    return found


def record_create(actor: Actor, record: R, data: Mapping[str, Any], *, allowed: frozenset[str], taken: str) -> R:
    """Fill, check and store a new record. ``taken`` is the field at which a value that is used already is told."""
    refused = sorted(set(data) - allowed)
    if refused:
        raise ValidationFailed(
            _("These fields cannot be set."), details={name: [_("Cannot be set.")] for name in refused}
        )
    for name, value in data.items():
        setattr(record, name, value)
    return record_store(actor, record, _("created"), taken=taken)


def record_change(
    actor: Actor, record: R, changes: Mapping[str, Any], *, allowed: frozenset[str], taken: str, reason: str = ""
) -> R:
    """Change a locked record. Nothing changed: nothing is written."""
    differences = apply(record, changes, allowed=allowed)
    if not differences:
        return record
    said = reason or _("changed: %(fields)s") % {"fields": ", ".join(sorted(differences))}
    return record_store(actor, record, said, taken=taken)


def record_store(actor: Actor, record: R, reason: str, *, taken: str) -> R:
    """Check a record's own rules and save it. What the database knows already is a Conflict, told at its field."""
    clean(record)
    try:
        with transaction.atomic():
            return record.save_as(actor, reason=reason)
    except IntegrityError as error:
        field = taken_field(error, taken)
        message = _("This is in use already.")
        raise Conflict(_("There is such a record already."), details={field: [message]}) from error


def taken_field(error: IntegrityError, default: str) -> str:
    """Return the field whose uniqueness was broken, as the constraint's name tells; ``default`` where it tells none."""
    text = str(error)
    return next((field for field in ("code", "name") if f"_{field}_once" in text), default)
