"""The bases of every endpoint: JSON only, declared permissions, one transaction, idempotent POST, ETags."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn, cast

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.generics import GenericAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.utils.mediatypes import media_type_matches
from rest_framework.viewsets import ViewSetMixin

from plm_project.api import etag
from plm_project.api.authentication import ActorAuthentication
from plm_project.api.envelope import Answer, EnvelopeRenderer
from plm_project.api.idempotency import perform_once
from plm_project.api.pagination import PagePagination
from plm_project.api.parsers import ExactJSONParser
from plm_project.api.permissions import DeclaredPermission
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound
from plm_project.tenancy.scope import roll_back_scope

METHODS = ["get", "head", "post", "put", "patch", "delete"]  # no OPTIONS: the schema describes the API


class AlwaysFirst(BaseContentNegotiation):
    """One form of answer, whatever Accept says: an error must never fail for want of a renderer."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Return the parser for the body's media type, or None (415)."""
        content_type = request.content_type or ""
        return next((parser for parser in parsers if media_type_matches(parser.media_type, content_type)), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        """Return the first renderer."""
        return renderers[0], renderers[0].media_type


class PlmEndpoint(GenericAPIView):  # type: ignore[type-arg]
    """What views and viewsets share. Subclasses declare ``permission_map`` and ``get_queryset`` (from selectors).

    ``answer_serializer_class`` writes records when it differs from ``serializer_class``, which reads input.
    Set ``etag_covers_answer = False`` where an answer holds more than the record's version vouches for: then
    If-None-Match is not answered with 304.
    """

    permission_map: ClassVar[Mapping[str, str]] = {}
    answer_serializer_class: ClassVar[Any] = None
    etag_covers_answer: ClassVar[bool] = True

    http_method_names = METHODS
    renderer_classes = (EnvelopeRenderer,)
    parser_classes = (ExactJSONParser,)
    authentication_classes = (ActorAuthentication,)
    permission_classes = (DeclaredPermission,)
    pagination_class = PagePagination
    content_negotiation_class = AlwaysFirst
    metadata_class = None

    # --- the request ------------------------------------------------------------------------------------------------
    @property
    def actor(self) -> Actor:
        """Return who asks. While the schema is drawn there is nobody: then an actor without a real tenant."""
        if getattr(self, "swagger_fake_view", False):
            return Actor(kind="user", tenant_id=uuid.UUID(int=0), label="schema")
        return cast(Actor, self.request.auth)

    @property
    def expected_version(self) -> int | None:
        """Return the version that If-Match insists on, for the service to compare under the row lock."""
        return etag.expected_version(self.request)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Put the idempotency check around the handler of a POST; everything before it (401, 403, 429) comes first."""
        if request.method == "POST" and (handler := getattr(self, "post", None)) is not None:
            self.post = functools.partial(self._once, handler)
        return super().dispatch(request, *args, **kwargs)

    def _once(self, handler: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        def work() -> HttpResponseBase:
            response: HttpResponseBase = handler(request, *args, **kwargs)
            return response

        def render(response: Any) -> HttpResponseBase:
            finished: Any = self.finalize_response(request, response, *args, **kwargs)
            return finished.render() if hasattr(finished, "render") else finished

        return perform_once(request, work, render)

    def perform_authentication(self, request: Request) -> None:
        """Count the call before the credentials are judged: guessing tokens is limited too."""
        super().check_throttles(request)
        super().perform_authentication(request)

    def check_throttles(self, request: Request) -> None:
        """Counted already, see ``perform_authentication``. Once the caller may call, judge the body's size here."""
        if not (request.content_type or "").startswith("multipart/"):
            len(request._request.body)  # raises RequestDataTooBig; DRF's own reading knows no limit

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Undo what a handler wrote when it answers a refusal without raising; keep answers out of shared caches."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if response.status_code >= 400 and getattr(request, "actor", None) is not None:
            roll_back_scope()
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    def validated(self, serializer_class: Any = None, *, partial: bool = False) -> dict[str, Any]:
        """Return the checked body; raise VALIDATION_ERROR with every fault in it."""
        chosen = serializer_class or self.get_serializer_class()
        serializer = chosen(data=self.request.data, partial=partial, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values

    # --- records ----------------------------------------------------------------------------------------------------
    def get_queryset(self) -> QuerySet[Any]:
        """Return the records the action may touch. Every subclass takes them from a selector."""
        raise NotImplementedError(f"{type(self).__name__}.get_queryset must call a selector")

    def get_object(self) -> Any:
        """Return the record of the address, checked against If-Match when the call writes; else NotFound."""
        name = self.lookup_url_kwarg or self.lookup_field
        record = one_or_not_found(self.get_queryset(), **{self.lookup_field: self.kwargs[name]})
        if self.request.method not in ("GET", "HEAD") and hasattr(record, "version"):
            etag.require_match(self.request, record)
        return record

    # --- answers ----------------------------------------------------------------------------------------------------
    def written(self, record: Any, *, many: bool = False, serializer_class: Any = None) -> Any:
        """Return a record (or several) as it goes on the wire."""
        chosen = serializer_class or self.answer_serializer_class or self.get_serializer_class()
        return chosen(record, many=many, context=self.get_serializer_context()).data

    def answer_page(self, rows: Any, *, serializer_class: Any = None) -> Answer:
        """Answer one page of a queryset or sequence. Filters of the view are the caller's: ``filter_queryset``."""
        assert self.paginator is not None
        page: Any = self.paginator.paginate_queryset(rows, self.request, view=self)
        data = self.written(page, many=True, serializer_class=serializer_class)
        return cast(Answer, self.paginator.get_paginated_response(data))

    def answer_one(self, record: Any, *, message: str = "", status: int = 200, serializer_class: Any = None) -> Answer:
        """Answer one record with its ETag; 304 when the caller has it already."""
        headers = {"ETag": etag.etag_of(record)} if hasattr(record, "version") else {}
        if headers and self.etag_covers_answer and etag.not_modified(self.request, record):
            return Answer(status=304, headers=headers)
        data = self.written(record, serializer_class=serializer_class)
        return Answer(data, status=status, message=message, headers=headers)

    def answer_deleted(self) -> Answer:
        """Answer 204: done, nothing to show."""
        return Answer(status=204)


class PlmView(PlmEndpoint):
    """A single view: handlers are ``get``, ``post`` …, and so are the keys of ``permission_map``."""


class PlmViewSet(ViewSetMixin, PlmEndpoint):  # type: ignore[misc]
    """The base of the contexts' viewsets: handlers are actions, and so are the keys of ``permission_map``."""

    lookup_value_converter: ClassVar[str] = "uuid"

    def answer_created(self, record: Any, *, message: str = "", serializer_class: Any = None) -> Answer:
        """Answer 201 with the record, its ETag and where to find it."""
        answer = self.answer_one(record, message=message, status=201, serializer_class=serializer_class)
        answer.headers["Location"] = self.location_of(record)
        return answer

    def location_of(self, record: Any) -> str:
        """Return the path of a record's own address, with the slash."""
        match = self.request.resolver_match
        namespace = f"{match.namespace}:" if match is not None and match.namespace else ""
        return reverse(
            f"{namespace}{self.basename}-detail", kwargs={self.lookup_url_kwarg or self.lookup_field: record.pk}
        )


class ReadActions:
    """Mixin of the two usual reads, for a PlmViewSet."""

    def list(self: Any, request: Request, *args: Any, **kwargs: Any) -> Answer:
        """List the records, filtered and paged."""
        answer: Answer = self.answer_page(self.filter_queryset(self.get_queryset()))
        return answer

    def retrieve(self: Any, request: Request, *args: Any, **kwargs: Any) -> Answer:
        """Read one record."""
        answer: Answer = self.answer_one(self.get_object())
        return answer


def one_or_not_found(queryset: QuerySet[Any], **lookup: Any) -> Any:
    """Return the one record that matches; raise NotFound when there is none, or when the value is no key at all."""
    try:
        return queryset.get(**lookup)
    except (queryset.model.DoesNotExist, ValidationError, ValueError, TypeError):
        refuse_unknown()


def refuse_unknown() -> NoReturn:
    """Raise NotFound in the words used everywhere."""
    raise NotFound(_("There is no such record."))
