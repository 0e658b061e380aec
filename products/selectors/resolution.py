"""Which revision of a product a structure question takes, as SQL that runs on SQLite and PostgreSQL alike.

The rule (INTERFACES, Modes): *effective* takes the revision that is or was released and effective on the date, and
falls back to the latest one; *released* is the same without falling back; *latest* and *as_stored* take the latest.
Lines count when they hold on the date; *as_stored* takes every line.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext as _

from plm_project.core import clock
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.scope import require_tenant_id
from products.choices import FROZEN_STATES, ResolutionMode
from products.models import BomLine, ProductRevision

REVISION = ProductRevision._meta.db_table
LINE = BomLine._meta.db_table
_FROZEN = ", ".join(f"'{state.value}'" for state in sorted(FROZEN_STATES))


@dataclass(frozen=True)
class Resolution:
    """A date and a mode: everything that decides which revisions and lines are meant."""

    as_of: dt.date
    mode: ResolutionMode

    @classmethod
    def of(cls, mode: str | None = None, as_of: dt.date | None = None) -> Resolution:
        """Build one with the defaults: effective, today. Raises ValidationFailed for an unknown mode."""
        try:
            chosen = ResolutionMode(mode or ResolutionMode.EFFECTIVE)
        except ValueError:
            raise ValidationFailed.field(
                "mode", _("Unknown mode; choose one of: %(modes)s") % {"modes": ", ".join(ResolutionMode.values)}
            ) from None
        return cls(as_of or clock.today(), chosen)

    @property
    def by_release(self) -> bool:
        """Whether release and effectivity decide (else the latest revision is taken)."""
        return self.mode in (ResolutionMode.EFFECTIVE, ResolutionMode.RELEASED)


@dataclass(frozen=True)
class Sql:
    """A piece of SQL with its parameters."""

    text: str
    params: tuple[Any, ...] = ()


def as_parameter(value: uuid.UUID) -> Any:
    """Return a UUID as the database stores it (32 hex digits on SQLite)."""
    return models.UUIDField().get_db_prep_value(value, connection=connection)


def tenant_parameter() -> Any:
    """Return the running tenant as a parameter: raw SQL carries the first wall with it too."""
    return as_parameter(require_tenant_id())


def effective_test(alias: str, resolution: Resolution) -> Sql:
    """Test whether the revision ``alias`` was released and is effective on the date."""
    return Sql(
        f"({alias}.state IN ({_FROZEN}) "
        f"AND ({alias}.effective_from IS NULL OR {alias}.effective_from <= %s) "
        f"AND ({alias}.effective_to IS NULL OR {alias}.effective_to > %s))",
        (resolution.as_of, resolution.as_of),
    )


def revision_of(product: Sql | str, resolution: Resolution) -> Sql:
    """Return a scalar expression: the id of the revision that ``resolution`` takes of a product, or NULL.

    ``product`` is the SQL of the product's key. Two look-ups on the index of (product, sequence), of which the second
    runs only where the first finds nothing: sorting by "effective first" cost twice as much a product.
    """
    asked = product if isinstance(product, Sql) else Sql(product)
    rows = f"SELECT rr.id FROM {REVISION} rr WHERE rr.product_id = {asked.text} AND rr.tenant_id = %s AND NOT rr.is_deleted"
    params = (*asked.params, tenant_parameter())
    latest = Sql(f"({rows} ORDER BY rr.sequence DESC LIMIT 1)", params)
    if not resolution.by_release:
        return latest
    effective = effective_test("rr", resolution)
    found = Sql(f"({rows} AND {effective.text} ORDER BY rr.sequence DESC LIMIT 1)", (*params, *effective.params))
    if resolution.mode == ResolutionMode.RELEASED:
        return found
    return Sql(f"COALESCE({found.text}, {latest.text})", (*found.params, *latest.params))


def line_test(alias: str, resolution: Resolution) -> Sql:
    """Test whether the line ``alias`` is live and holds on the date (every live line when as stored)."""
    if resolution.mode == ResolutionMode.AS_STORED:
        return Sql(f"NOT {alias}.is_deleted")
    return Sql(
        f"(NOT {alias}.is_deleted AND ({alias}.effective_from IS NULL OR {alias}.effective_from <= %s) "
        f"AND ({alias}.effective_to IS NULL OR {alias}.effective_to > %s))",
        (resolution.as_of, resolution.as_of),
    )
