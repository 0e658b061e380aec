"""The OpenAPI description: what envelope, errors, ETags and idempotency do, told to clients."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter

from plm_project.api.authentication import ActorAuthentication
from plm_project.api.serializers import StrictFields

JSON = "application/json"
FIXED = "x-plm-enum"  # becomes ``enum`` at the very end: drf-spectacular would make components of them that collide
ERROR_CODES = [
    "VALIDATION_ERROR",
    "AUTHENTICATION_REQUIRED",
    "PERMISSION_DENIED",
    "NOT_FOUND",
    "CONFLICT",
    "PRECONDITION_FAILED",
    "RATE_LIMITED",
    "INTERNAL_ERROR",
]
ERROR_ANSWERS = {
    "400": "VALIDATION_ERROR: the request breaks a rule; details say which.",
    "401": "AUTHENTICATION_REQUIRED: no credentials, or wrong, expired or revoked ones.",
    "403": "PERMISSION_DENIED: the caller lacks the permission, or is no member of the tenant.",
    "404": "NOT_FOUND: no such record in the caller's tenant.",
    "409": "CONFLICT: the record's state, or somebody else at work, forbids it.",
    "412": "PRECONDITION_FAILED: the record was changed since the ETag in If-Match.",
    "413": "VALIDATION_ERROR: the body is too large.",
    "415": "VALIDATION_ERROR: the body is of another media type.",
    "429": "RATE_LIMITED: too many calls; Retry-After says how long to wait.",
}
META: dict[str, Any] = {
    "type": "object",
    "properties": {"request_id": {"type": "string"}},
    "required": ["request_id"],
}
PAGINATION: dict[str, Any] = {
    "type": "object",
    "properties": {name: {"type": "integer"} for name in ("page", "page_size", "total_pages", "total_count")},
    "required": ["page", "page_size", "total_pages", "total_count"],
}
ERROR: dict[str, Any] = {
    "type": "object",
    "properties": {
        "success": {"type": "boolean", FIXED: [False]},
        "error": {"type": "string", "description": "What is wrong, for people."},
        "details": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
            "description": "Messages per field; a row of a list is named like structure[2].quantity.",
        },
        "error_code": {"type": "string", FIXED: ERROR_CODES},
        "meta": {
            "type": "object",
            "properties": {"request_id": {"type": "string"}, "timestamp": {"type": "string", "format": "date-time"}},
            "required": ["request_id", "timestamp"],
        },
    },
    "required": ["success", "error", "details", "error_code", "meta"],
}

TENANT_HEADER = OpenApiParameter(
    "X-Tenant-ID",
    str,
    OpenApiParameter.HEADER,
    description="The tenant's id or slug; needed when a signed-in person belongs to several.",
)
KEY_HEADER = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"},
    OpenApiParameter.HEADER,
    description="A key of your own. A repeat within 24 hours does nothing and gets the first answer again.",
)
MATCH_HEADER = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag the change is based on. 412 when the record was changed since.",
)
NONE_MATCH_HEADER = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of your copy. 304 when it is still right.",
)


class ActorScheme(OpenApiAuthenticationExtension):
    """How a caller shows who they are: an API token, or the pages' session."""

    target_class = ActorAuthentication
    name = ["BearerToken", "Session"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        """One of the two is enough."""
        return [{name: []} for name in self.name]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        """Describe both."""
        return [
            {"type": "http", "scheme": "bearer", "description": "An API token of one tenant."},
            {
                "type": "apiKey",
                "in": "cookie",
                "name": settings.SESSION_COOKIE_NAME,
                "description": "The pages' session; writing calls need the CSRF token in X-CSRFToken.",
            },
        ]


class EnvelopeSchema(AutoSchema):
    """Wraps every success in the envelope, and declares the errors and headers that all operations share."""

    def get_override_parameters(self) -> list[Any]:
        """Add the headers that apply to the operation."""
        found = [*super().get_override_parameters(), TENANT_HEADER]
        if self.method == "POST":
            found.append(KEY_HEADER)
        if self.writes_one():
            found.append(MATCH_HEADER)
        if self.method == "GET" and getattr(self.view, "action", "") == "retrieve":
            found.append(NONE_MATCH_HEADER)
        return found

    def writes_one(self) -> bool:
        """Return whether the operation changes one record that has an address."""
        return self.method != "GET" and bool(getattr(self.view, "detail", False))

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """Describe the operation, then wrap its successes and add the errors."""
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        responses = operation["responses"]
        for status, response in responses.items():
            if status.startswith("2"):
                self._wrap(response)
        self._register("Error", ERROR)
        error = {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}
        for status in self._error_statuses(bool(operation.get("requestBody"))):
            responses.setdefault(status, {"description": ERROR_ANSWERS[status], "content": error})
        return operation

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)
        if direction == "request" and isinstance(serializer, StrictFields):
            schema["additionalProperties"] = False
        return schema

    def _error_statuses(self, has_body: bool) -> list[str]:
        found = ["400", "401", "403", "404", "429"]
        if self.method != "GET":
            found.append("409")
        if self.writes_one():
            found.append("412")
        if has_body:
            found += ["413", "415"]
        return sorted(found)

    def _wrap(self, response: dict[str, Any]) -> None:
        content = response.get("content", {}).get(JSON)
        if not content:
            return
        schema = content["schema"]
        name = schema.get("$ref", "").rpartition("/")[2]
        envelope = envelope_of(schema, paged=self._is_paged(name, schema))
        content["schema"] = self._register(f"{name}Envelope", envelope) if name else envelope
        for example in content.get("examples", {}).values():
            if "value" in example:
                example["value"] = example_of(example["value"], paged="pagination" in envelope["properties"])

    def _is_paged(self, name: str, schema: Mapping[str, Any]) -> bool:
        return name.startswith("Paginated") or (schema.get("type") == "array" and bool(self._get_paginator()))

    def _register(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        # A copy: drf-spectacular edits what it is given, and the next description starts from our originals.
        own = copy.deepcopy(schema)
        component = ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, schema=own, object=name)
        self.registry.register_on_missing(component)
        reference: dict[str, Any] = component.ref
        return reference


def envelope_of(schema: Mapping[str, Any], *, paged: bool) -> dict[str, Any]:
    """Return the schema of the success envelope around ``schema``."""
    properties: dict[str, Any] = {"success": {"type": "boolean", FIXED: [True]}, "data": schema}
    required = ["success", "data", "meta"]
    if paged:
        properties["pagination"] = PAGINATION
        required.insert(2, "pagination")
    properties["message"] = {"type": "string"}
    properties["meta"] = META
    return copy.deepcopy({"type": "object", "properties": properties, "required": required})


def example_of(value: Any, *, paged: bool) -> dict[str, Any]:
    """Return an example of the envelope around an example of the data."""
    example: dict[str, Any] = {"success": True, "data": value}
    if paged:
        count = len(value) if isinstance(value, list) else 1
        example["pagination"] = {"page": 1, "page_size": 20, "total_pages": 1, "total_count": count}
    return {**example, "meta": {"request_id": "0198c5b0-7c1e-7a30-8d58-2f4a5f1f6c11"}}


def preprocess(endpoints: list[Any]) -> list[Any]:
    """Describe the API alone: nothing outside of its prefix, and not the schema and its pages themselves."""
    prefix = settings.SPECTACULAR_SETTINGS["SCHEMA_PATH_PREFIX"]
    return [entry for entry in endpoints if entry[0].startswith(prefix) and not hasattr(entry[3].cls, "undocumented")]


def postprocess(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Finish the description: our fixed values, and components in order, so that its snapshot is stable."""
    _fix_values(result)
    for kind, found in result.get("components", {}).items():
        result["components"][kind] = dict(sorted(found.items()))
    return result


def _fix_values(node: Any) -> None:
    if isinstance(node, dict):
        if FIXED in node:
            node["enum"] = node.pop(FIXED)
        for value in node.values():
            _fix_values(value)
    elif isinstance(node, list):
        for value in node:
            _fix_values(value)
