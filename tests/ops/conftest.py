"""Ops is tested with the sample API of the API room: it has pages, endpoints and failures to log."""

from tests.api_room.conftest import _sample_routes, admin, stranger, viewer

__all__ = ["_sample_routes", "admin", "stranger", "viewer"]
