"""Which revision of a product a structure question takes, as SQL that runs on SQLite and PostgreSQL alike.

The rule (INTERFACES, Modes): *effective* takes the revision that is or was released and effective on the date, and
falls back to the latest one; *released* is the same without falling back; *latest* and *as_stored* take the latest.
Lines count when they hold on the date, for the unit and for the options chosen; *as_stored* takes every line.
``reasons.py`` says which of these rules chose a line and a revision.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext as _

from plm_project.core import clock
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.scope import require_tenant_id
from products.choices import FROZEN_STATES, ResolutionMode, Rule
from products.conditions import CODE, condition_holds
from products.effectivity import HIGHEST_SERIAL
from products.models import BomLine, ProductRevision

REVISION = ProductRevision._meta.db_table
LINE = BomLine._meta.db_table
CHOICE = re.compile(f"{CODE}:{CODE}")
_FROZEN = ", ".join(f"'{state.value}'" for state in sorted(FROZEN_STATES))


@dataclass(frozen=True)
class Resolution:
    """Everything that decides which revisions and lines are meant.

    ``serial`` is a unit of ``end_item``; without one the newest unit is meant: ranges with an open end hold, or with
    ``any_unit`` all of them. ``choices`` are the options chosen (``family:choice``); None asks for the 150 % structure,
    in which every condition counts as fulfilled. Optional lines count with ``with_optional`` alone. ``with_substitutes``
    asks for what may be taken for the part of a line as well, as lines of their own beside it. ``without`` takes
    rules away: what they chose is gone. ``conditions`` are the stored conditions that ``choices`` fulfil.
    """

    as_of: dt.date
    mode: ResolutionMode
    serial: int | None = None
    end_item: uuid.UUID | None = None
    choices: frozenset[str] | None = None
    with_optional: bool = False
    any_unit: bool = False
    with_substitutes: bool = False
    without: frozenset[Rule] = frozenset()
    conditions: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        mode: str | None = None,
        as_of: dt.date | None = None,
        *,
        serial: int | None = None,
        end_item: uuid.UUID | None = None,
        choices: Iterable[str] | None = None,
        with_optional: bool = False,
        any_unit: bool = False,
        without: Iterable[Rule] = (),
    ) -> Resolution:
        """Build one with the defaults: effective, today. One query where choices are given, else none.

        Raises ValidationFailed for an unknown mode, a serial number without its end item, and a choice that is none.
        """
        try:
            chosen = ResolutionMode(mode or ResolutionMode.EFFECTIVE)
        except ValueError:
            raise ValidationFailed.field(
                "mode", _("Unknown mode; choose one of: %(modes)s") % {"modes": ", ".join(ResolutionMode.values)}
            ) from None
        if serial is not None and not 1 <= serial <= HIGHEST_SERIAL:
            raise ValidationFailed.field("serial", _("A serial number is a whole number from 1 on."))
        if serial is not None and end_item is None:
            raise ValidationFailed.field("end_item", _("A serial number counts units of an end item: name it."))
        made = frozenset(choice.strip().lower() for choice in choices) if choices is not None else None
        for choice in sorted(made or ()):
            if not CHOICE.fullmatch(choice):
                raise ValidationFailed.field(
                    "choices", _("“%(choice)s” is no choice; write family:choice.") % {"choice": choice}
                )
        return cls(
            as_of or clock.today(),
            chosen,
            serial=serial,
            end_item=end_item,
            choices=made,
            with_optional=with_optional,
            any_unit=any_unit and serial is None,
            without=frozenset(without),
            conditions=() if made is None else conditions_fulfilled(made),
        )

    @classmethod
    def whatever_may_be_built(cls, as_of: dt.date | None = None) -> Resolution:
        """Everything that some unit of some variant may hold on the day, substitutes too: what compliance asks for."""
        return cls(
            as_of or clock.today(), ResolutionMode.EFFECTIVE, with_optional=True, any_unit=True, with_substitutes=True
        )

    @property
    def by_release(self) -> bool:
        """Whether release and effectivity decide (else the latest revision is taken)."""
        return self.mode in (ResolutionMode.EFFECTIVE, ResolutionMode.RELEASED)


def conditions_fulfilled(choices: frozenset[str]) -> tuple[str, ...]:
    """Return those of the tenant's stored conditions that ``choices`` fulfil. One query of distinct conditions."""
    stored = BomLine.objects.exclude(condition="").order_by("condition").values_list("condition", flat=True).distinct()
    return tuple(text for text in stored if condition_holds(text, choices))


@dataclass(frozen=True)
class Sql:
    """A piece of SQL with its parameters."""

    text: str
    params: tuple[Any, ...] = ()


_KEY: models.UUIDField[Any, Any] = models.UUIDField()


def as_parameter(value: uuid.UUID) -> Any:
    """Return a UUID as the database stores it (32 hex digits on SQLite)."""
    return _KEY.get_db_prep_value(value, connection=connection)


def tenant_parameter() -> Any:
    """Return the running tenant as a parameter: raw SQL carries the first wall with it too."""
    return as_parameter(require_tenant_id())


def effective_test(alias: str, resolution: Resolution) -> Sql:
    """Test whether the revision ``alias`` was released and is effective on the date and for the unit."""
    serials = serial_test(alias, resolution, Rule.REVISION_SERIAL)
    if Rule.REVISION_EFFECTIVE in resolution.without:
        serials = Sql(f"{alias}.serials IS NOT NULL AND {serials.text}", serials.params)
    return Sql(
        f"({alias}.state IN ({_FROZEN}) "
        f"AND ({alias}.effective_from IS NULL OR {alias}.effective_from <= %s) "
        f"AND ({alias}.effective_to IS NULL OR {alias}.effective_to > %s) AND {serials.text})",
        (resolution.as_of, resolution.as_of, *serials.params),
    )


def serial_test(alias: str, resolution: Resolution, rule: Rule) -> Sql:
    """Test whether ``alias`` holds for the unit: it has no ranges, or one that the unit is in.

    Without a serial number a range with an open end holds, of the end item asked about or, where none is named, of any.
    """
    if rule in resolution.without:
        return Sql(f"{alias}.serials IS NULL")
    if connection.vendor == "postgresql":
        rows, end_item = f"jsonb_array_elements({alias}.serials) unit(range)", "(unit.range->>'end_item')"
        first, last = "(unit.range->>'first')::bigint", "(unit.range->>'last')::bigint"
    else:
        rows, end_item = f"json_each({alias}.serials) unit", "json_extract(unit.value, '$.end_item')"
        first, last = "json_extract(unit.value, '$.first')", "json_extract(unit.value, '$.last')"
    tests: list[str] = []
    params: list[Any] = []
    if resolution.end_item is not None:
        tests.append(f"{end_item} = %s")
        params.append(str(resolution.end_item))
    if resolution.serial is None:
        tests.append(f"{last} IS NULL")
    else:
        tests.append(f"{first} <= %s AND ({last} IS NULL OR {last} >= %s)")
        params += [resolution.serial, resolution.serial]
    return Sql(
        f"({alias}.serials IS NULL OR EXISTS (SELECT 1 FROM {rows} WHERE {' AND '.join(tests)}))", tuple(params)
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
        return latest if Rule.REVISION_LATEST not in resolution.without else Sql("NULL")
    effective = effective_test("rr", resolution)
    found = Sql(f"({rows} AND {effective.text} ORDER BY rr.sequence DESC LIMIT 1)", (*params, *effective.params))
    if resolution.mode == ResolutionMode.RELEASED or Rule.REVISION_FALLBACK in resolution.without:
        return found
    return Sql(f"COALESCE({found.text}, {latest.text})", (*found.params, *latest.params))


def line_test(alias: str, resolution: Resolution) -> Sql:
    """Test whether the line ``alias`` is live and holds for the date, the unit and the choices.

    As stored, every live line does.
    """
    if resolution.mode == ResolutionMode.AS_STORED:
        return Sql(f"NOT {alias}.is_deleted" if Rule.LINE_STORED not in resolution.without else "1 = 0")
    tests = [Sql(f"NOT {alias}.is_deleted"), *(test for test in _limits(alias, resolution))]
    return Sql(
        f"({' AND '.join(test.text for test in tests)})", tuple(value for test in tests for value in test.params)
    )


def _limits(alias: str, resolution: Resolution) -> Iterator[Sql]:
    without = resolution.without
    if Rule.LINE_DATE in without:
        yield Sql(f"{alias}.effective_from IS NULL AND {alias}.effective_to IS NULL")
    else:
        yield Sql(
            f"({alias}.effective_from IS NULL OR {alias}.effective_from <= %s) "
            f"AND ({alias}.effective_to IS NULL OR {alias}.effective_to > %s)",
            (resolution.as_of, resolution.as_of),
        )
    if not resolution.any_unit or Rule.LINE_SERIAL in without:
        yield serial_test(alias, resolution, Rule.LINE_SERIAL)
    if Rule.LINE_CONDITION in without:
        yield Sql(f"{alias}.condition = ''")
    elif resolution.choices is not None:
        yield _condition_test(alias, resolution.conditions)
    if not resolution.with_optional or Rule.LINE_OPTIONAL in without:
        yield Sql(f"NOT {alias}.is_optional")
    if Rule.LINE_ALWAYS in without:
        yield Sql(f"NOT ({unlimited(alias)})")


def _condition_test(alias: str, fulfilled: Sequence[str]) -> Sql:
    if not fulfilled:
        return Sql(f"{alias}.condition = ''")
    return Sql(
        f"({alias}.condition = '' OR {alias}.condition IN ({', '.join(['%s'] * len(fulfilled))}))", tuple(fulfilled)
    )


def unlimited(alias: str) -> str:
    """Test whether nothing limits when the line ``alias`` holds."""
    return (
        f"{alias}.effective_from IS NULL AND {alias}.effective_to IS NULL AND {alias}.serials IS NULL "
        f"AND {alias}.condition = '' AND NOT {alias}.is_optional"
    )


def packed_limits(alias: str) -> str:
    """Return an expression: what ``reasons.limits_of`` reads, an empty text for a line without anything out of the ordinary."""
    fields = ", ".join(
        f"{alias}.{name}"
        for name in ("line_type", "is_optional", "condition", "effective_from", "effective_to", "serials")
    )
    made = f"json_build_array({fields})::text" if connection.vendor == "postgresql" else f"json_array({fields})"
    return f"CASE WHEN {alias}.line_type = 'standard' AND {unlimited(alias)} THEN '' ELSE {made} END"
