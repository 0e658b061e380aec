"""What the bases refuse to programmers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse

from plm_project.api.router import either_slash
from plm_project.api.serializers import PlainDecimalField, UtcDateTimeField
from plm_project.api.viewsets import PlmViewSet
from tests.api_room.sample_api import TokenSerializer, TokenViewSet


def test_serializers_do_not_write() -> None:
    serializer = TokenSerializer(data={"name": "x"})
    assert serializer.is_valid()
    with pytest.raises(RuntimeError, match="Call a service"):
        serializer.save()


def test_records_come_from_selectors() -> None:
    with pytest.raises(NotImplementedError, match="selector"):
        PlmViewSet().get_queryset()


def test_the_schema_has_an_actor_that_may_do_nothing() -> None:
    view = TokenViewSet()
    view.swagger_fake_view = True
    assert not any(view.actor.may(permission) for permission in view.permission_map.values())


def test_routes_end_in_a_slash_and_reverse_with_it() -> None:
    def view(_request: Any) -> HttpResponse:
        return HttpResponse()

    with pytest.raises(ValueError, match="slash"):
        either_slash("x", view)
    route = either_slash("things/<int:number>/", view)
    assert route.resolve("things/7") is not None
    assert route.resolve("things/7/") is not None
    assert route.resolve("things/7//") is None
    assert route.resolve("things/x") is None
    assert reverse("tokens-list") == "/api/v1/plm/tokens/"
    with pytest.raises(NoReverseMatch):
        reverse("tokens-detail", args=["not-a-uuid"])


def test_fields_write_exactly(settings: Any) -> None:
    settings.TIME_ZONE = "America/New_York"
    moment = dt.datetime(2026, 7, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    assert UtcDateTimeField().to_representation(moment) == "2026-07-01T10:00:00Z"
    field = PlainDecimalField(max_digits=40, decimal_places=20)
    assert field.to_representation(Decimal("1.500000")) == "1.5"
    assert field.to_representation("1E+3") == "1000"
    assert field.run_validation("0.00000000000000000001") == Decimal("1E-20")
