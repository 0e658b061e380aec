"""Idempotency-Key: a POST that is sent twice does its work once, and both get the same answer.

The stored answer and the work are one transaction, so a crash leaves both or neither. Two calls with one key at the
same time: on PostgreSQL an advisory lock per key sends the second away with 409 and Retry-After; on SQLite writing
transactions queue up, and the second finds the first one's answer. The unique index stands behind both.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.request import Request

from plm_project.api.authentication import caller_key
from plm_project.api.models import IdempotencyRecord
from plm_project.core import clock
from plm_project.core.exceptions import Conflict, ValidationFailed
from plm_project.core.locks import Lock, try_take
from plm_project.tenancy.scope import require_tenant_id, tenant_scope

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
LIFETIME = dt.timedelta(hours=24)
RETRY_AFTER = 1  # seconds
TOLD_ONCE = "[told once]"
KEPT_HEADERS = ("Content-Type", "Location", "ETag", "Content-Language")

_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)


class RequestInProgress(Conflict):
    """The first call with this key is still at work."""

    retry_after = RETRY_AFTER


@dataclass(frozen=True)
class Claim:
    """One call under one key: whose it is and what it asks."""

    key: str
    caller: str
    method: str
    path: str
    request_hash: str

    def stored(self) -> IdempotencyRecord | None:
        """Return the answer already given, taking the key's lock. Raises Conflict for a running or different call."""
        tenant_id = require_tenant_id()
        if not try_take(Lock.IDEMPOTENCY_KEY, uuid.uuid5(tenant_id, f"{self.caller}\n{self.key}")):
            raise RequestInProgress(_("A call with this Idempotency-Key is still running."))
        record = IdempotencyRecord.objects.filter(caller=self.caller, key=self.key).first()
        if record is None:
            return None
        if record.expires_at <= clock.now():
            record.delete()
            return None
        if (record.method, record.path, record.request_hash) != (self.method, self.path, self.request_hash):
            raise Conflict(
                _("This Idempotency-Key was used for another request."),
                details={HEADER: [_("Use a new key for a new request.")]},
            )
        return record

    def store(self, response: Any) -> None:
        """Keep a rendered success; a refusal is not kept, so that the caller may correct it and use the key again.

        What an answer tells once (``Answer.told_once``) is not kept: the repeat shows it masked.
        """
        if response.status_code >= 400:
            return
        if response.streaming:
            raise RuntimeError(f"{self.method} {self.path} streams its answer, which cannot be stored under a key")
        body = response.content.decode()
        for secret in getattr(response, "told_once", ()):
            body = body.replace(secret, TOLD_ONCE)
        moment = clock.now()
        IdempotencyRecord.objects.create(
            caller=self.caller,
            key=self.key,
            method=self.method,
            path=self.path,
            request_hash=self.request_hash,
            response_status=response.status_code,
            response_headers={name: response[name] for name in KEPT_HEADERS if response.has_header(name)},
            response_body=body,
            created_at=moment,
            expires_at=moment + LIFETIME,
        )


def perform_once(
    request: Request, work: Callable[[], HttpResponseBase], render: Callable[[HttpResponseBase], HttpResponseBase]
) -> HttpResponseBase:
    """Do ``work`` unless its key says it is done. ``render`` finishes the response, so that its bytes can be kept."""
    claim = claim_of(request)
    if claim is None:
        return work()
    if not connection.in_atomic_block:
        raise RuntimeError("A POST must run in one transaction with its stored answer")
    record = claim.stored()
    if record is not None:
        return replay(record)
    response = render(work())
    claim.store(response)
    return response


def claim_of(request: Request) -> Claim | None:
    """Return the claim a request makes; None without the header. Raises ValidationFailed for a bad key."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise ValidationFailed.field(HEADER, _("A key has 1 to 255 visible ASCII characters."))
    http: Any = request._request
    return Claim(
        key=key,
        caller=caller_key(http),
        method=str(request.method),
        path=http.get_full_path()[:2000],
        request_hash=hash_of(request),
    )


def hash_of(request: Request) -> str:
    """Return a hash of the address and what the body says, whatever its spacing and the order of its keys."""
    digest = hashlib.sha256(request._request.get_full_path().encode())
    data = request.data
    if request.FILES:
        for name in sorted(request.FILES):
            for upload in request.FILES.getlist(name):
                digest.update(f"\n{name}\n{upload.name}\n{upload.size}\n".encode())
                for chunk in upload.chunks():
                    digest.update(chunk)
                upload.seek(0)
    if hasattr(data, "lists"):  # a form: every value of every field, files aside
        data = {name: [v for v in values if not hasattr(v, "chunks")] for name, values in data.lists()}
    digest.update(json.dumps(data, sort_keys=True, default=str, ensure_ascii=True).encode())
    return digest.hexdigest()


def replay(record: IdempotencyRecord) -> HttpResponse:
    """Return the stored answer, marked as such."""
    headers: Mapping[str, str] = record.response_headers
    response = HttpResponse(record.response_body.encode(), status=record.response_status)
    if "Content-Type" not in headers:
        del response["Content-Type"]
    for name, value in headers.items():
        response[name] = value
    response[REPLAYED] = "true"
    return response


def forget_expired(tenant_id: uuid.UUID) -> int:
    """Delete the tenant's answers that are older than their lifetime; return how many."""
    with tenant_scope(tenant_id, atomic=True):
        return IdempotencyRecord.objects.filter(expires_at__lte=clock.now()).delete()[0]
