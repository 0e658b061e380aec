"""Pages: ``page`` from 1, ``page_size`` 1 to 100 (default 20). A page beyond the end is empty, not an error."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request

from plm_project.api.envelope import Answer
from plm_project.core.exceptions import ValidationFailed

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


class PagePagination(BasePagination):
    """Pages a queryset, or any sequence with a length and slices (an explosion knows its total without its rows).

    An unordered queryset raises RuntimeError: its pages could repeat and lose rows. Where the order leaves ties, the
    primary key settles them, for the same reason.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Return the rows of the page asked for; raise ValidationFailed for a bad ``page`` or ``page_size``."""
        self.page = _number(request, "page", default=1, limit=None)
        self.page_size = _number(request, "page_size", default=DEFAULT_PAGE_SIZE, limit=MAX_PAGE_SIZE)
        rows = ordered(queryset)
        self.total_count = rows.count() if isinstance(rows, QuerySet) else len(rows)
        self.total_pages = -(-self.total_count // self.page_size)
        if self.page > self.total_pages:
            return []
        start = (self.page - 1) * self.page_size
        return list(rows[start : start + self.page_size])

    def block(self) -> dict[str, int]:
        """Return the ``pagination`` part of the envelope."""
        return {
            "page": self.page,
            "page_size": self.page_size,
            "total_pages": self.total_pages,
            "total_count": self.total_count,
        }

    def get_paginated_response(self, data: Any) -> Answer:
        """Return the page in its envelope."""
        return Answer(data, pagination=self.block())

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Leave the list as it is: the envelope around it is added for all answers alike (``schema.py``)."""
        return schema

    def get_schema_operation_parameters(self, view: Any) -> list[Mapping[str, Any]]:
        """Describe the two parameters."""
        size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": DEFAULT_PAGE_SIZE}
        page = {"type": "integer", "minimum": 1, "maximum": 999_999_999, "default": 1}
        return [
            {"name": "page", "in": "query", "description": "Which page, from 1.", "schema": page},
            {"name": "page_size", "in": "query", "description": "Records a page.", "schema": size},
        ]


def ordered(rows: QuerySet[Any] | Sequence[Any]) -> QuerySet[Any] | Sequence[Any]:
    """Return ``rows`` in a total order; raise RuntimeError for a queryset without any order."""
    if not isinstance(rows, QuerySet):
        return rows
    if not rows.ordered:
        raise RuntimeError(f"{rows.model.__name__}: an unordered queryset cannot be paged")
    query: Any = rows.query
    plain_rows = not (
        query.combinator or query.distinct_fields or query.group_by or getattr(rows, "_fields", None) is not None
    )
    order = query.order_by or (rows.model._meta.ordering if query.default_ordering else ())
    names = {str(term).lstrip("-") for term in order if isinstance(term, str)}
    if not plain_rows or not order or names & {"pk", rows.model._meta.pk.name, "?"}:
        return rows
    return rows.order_by(*order, "pk")


def _number(request: Request, name: str, *, default: int, limit: int | None) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    number = int(text) if _NUMBER.fullmatch(text) else 0
    if number < 1:
        raise ValidationFailed.field(name, _("This must be a whole number of 1 or more."))
    if limit is not None and number > limit:
        raise ValidationFailed.field(name, _("At most %(limit)d is possible.") % {"limit": limit})
    return number
