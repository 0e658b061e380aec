"""What a structure question reads lines from: the table, or with it the substitutes, each as a line beside its own."""

from __future__ import annotations

from django.db import connection

from products.models import LineSubstitute
from products.selectors.resolution import LINE, Resolution, Sql, tenant_parameter

SUBSTITUTE = LineSubstitute._meta.db_table
# A substitute holds when its line does: what limits it is the line's.
LINES = ("tenant_id", "parent_revision_id", "find_number", "effective_from", "effective_to", "serials", "condition",
         "line_type", "is_optional", "is_deleted")  # fmt: skip
OWN = ("id", "quantity", "unit_of_measure", "reference_designators")


def lines_of(revision: str, resolution: Resolution) -> Sql:
    """Return what stands after FROM or JOIN, before the alias, for the lines of the SQL ``revision``.

    With substitutes it is a subquery, on PostgreSQL with the revision inside: joined from outside it would be read as a
    whole for each revision. SQLite, which has no LATERAL, hands the condition down itself.
    """
    if not resolution.with_substitutes:
        return Sql(LINE)
    is_lateral = connection.vendor == "postgresql"
    of = f" AND b.parent_revision_id = {revision}" if is_lateral else ""
    shared, own, theirs = (_names(*entry) for entry in (("b", LINES), ("b", OWN), ("s", OWN)))
    return Sql(
        f"{'LATERAL ' if is_lateral else ''}(SELECT {own}, b.child_id, {shared} FROM {LINE} b "
        f"WHERE b.tenant_id = %s AND NOT b.is_deleted{of} "
        f"UNION ALL SELECT {theirs}, s.product_id, {shared} FROM {SUBSTITUTE} s JOIN {LINE} b ON b.id = s.line_id "
        f"WHERE s.tenant_id = %s AND NOT s.is_deleted AND NOT b.is_deleted{of})",
        (tenant_parameter(), tenant_parameter()),
    )


def _names(alias: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)
