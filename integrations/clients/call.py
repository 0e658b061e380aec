"""One call to a neighbour, through the one hardened client. What changes something is tried once: trying that again is
the deliveries' business. What only asks (GET) is tried up to three times at once, by httpx-retries.

30 s for the whole call, at most 20 connections of which 5 are kept (SPEC §7); no redirects, no proxy from the
environment, an answer of at most 1 MB; the address is judged before anything is sent (``addresses.py``).
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.utils.translation import gettext as _
from httpx_retries import Retry, RetryTransport

from integrations.choices import Outcome
from integrations.clients.addresses import place_of
from integrations.clients.breaker import Breaker
from integrations.exceptions import CallFailed
from plm_project.ops.logging import MASK, masked

SECONDS = 30.0
CONNECT_SECONDS = 10.0
LIMITS = httpx.Limits(max_connections=20, max_keepalive_connections=5)
ASK_AGAIN = Retry(
    total=2,
    allowed_methods=["GET"],
    status_forcelist=[500, 502, 503, 504],
    # Not after a time-out: whoever asks has waited long enough.
    retry_on_exceptions=[httpx.NetworkError, httpx.RemoteProtocolError],
    backoff_factor=0.2,
    respect_retry_after_header=False,  # the other side does not say how long we wait
)
LARGEST_ANSWER = 1_000_000  # bytes
SHOWN = 4_000  # characters of an answer that are kept for people


@dataclass(frozen=True)
class Endpoint:
    """Where and as whom to call. ``token`` is never shown."""

    neighbour: str
    base_url: str
    tenant_id: uuid.UUID
    token: str = field(default="", repr=False)
    allow_private: bool = False


@dataclass(frozen=True)
class CallAnswer:
    """An answer with a status the contract takes. ``text`` is what people see of it, without secrets."""

    status: int
    body: Any
    text: str
    milliseconds: int


@cache
def _client() -> httpx.Client:
    """The process's one client: it keeps the connections."""
    transport = httpx.HTTPTransport(limits=LIMITS, trust_env=False)
    return httpx.Client(
        transport=RetryTransport(transport=transport, retry=ASK_AGAIN), follow_redirects=False, trust_env=False
    )


def call(
    endpoint: Endpoint,
    *,
    method: str,
    path: str,
    payload: Any = None,
    success: frozenset[int],
    idempotency_key: str = "",
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    sign: Callable[[bytes], Mapping[str, str]] | None = None,
    reads_answer: bool = True,
) -> CallAnswer:
    """Call once. Raises BreakerOpen without a call, CallFailed with what came of it. No transaction may be open: the
    other side may take half a minute.

    ``sign`` returns headers for the exact bytes that are sent. Without ``reads_answer`` the answer need not be JSON.
    """
    breaker = Breaker(endpoint.tenant_id, endpoint.neighbour)
    breaker.admit()
    try:
        content = None if payload is None else json.dumps(payload, ensure_ascii=False).encode()
        said = {
            **(headers or {}),
            **({"Content-Type": "application/json"} if content is not None else {}),
            **({"Idempotency-Key": idempotency_key} if idempotency_key else {}),
            **(sign(content or b"") if sign is not None else {}),
        }
        answer = _call(endpoint, method, path, content, success, said, seconds, reads_answer)
    except CallFailed as failure:
        # A refusal is an answer: whoever says no is there.
        if failure.retryable or failure.outcome in (Outcome.MALFORMED, Outcome.TOO_LARGE):
            breaker.failed()
        else:
            breaker.succeeded()
        raise
    except BaseException:
        breaker.failed()  # whatever this is, the trial must not stay taken
        raise
    breaker.succeeded()
    return answer


def _call(
    endpoint: Endpoint,
    method: str,
    path: str,
    content: bytes | None,
    success: frozenset[int],
    headers: Mapping[str, str],
    seconds: float,
    reads_answer: bool,
) -> CallAnswer:
    place = place_of(endpoint.base_url, allow_private=endpoint.allow_private)
    request = _client().build_request(
        method,
        f"{place.origin}{urlsplit(endpoint.base_url).path.rstrip('/')}{path}",
        content=content,
        headers={
            **headers,
            "Host": place.host_header,
            "Accept": "application/json",
            "User-Agent": "plm",
            "X-Tenant-ID": str(endpoint.tenant_id),
            **({"Authorization": f"Bearer {endpoint.token}"} if endpoint.token else {}),
        },
        extensions={"sni_hostname": place.host},  # the certificate is the name's, not the address's
        timeout=httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
    )
    start = time.monotonic()
    status: int | None = None
    try:
        response = _client().send(request, stream=True)
        try:
            status = response.status_code
            received = _read(response, start, seconds)
        finally:
            response.close()
    except httpx.TimeoutException as error:
        raise CallFailed(
            Outcome.TIMEOUT, _("No answer within %(seconds)d s.") % {"seconds": seconds}, status=status,
            milliseconds=_since(start),
        ) from error  # fmt: skip
    except httpx.HTTPError as error:
        raise CallFailed(
            Outcome.NETWORK, _shown(str(error) or type(error).__name__, endpoint), status=status,
            milliseconds=_since(start),
        ) from error  # fmt: skip
    text, took = _shown(received.decode(errors="replace"), endpoint), _since(start)
    if status in success:
        return CallAnswer(status, _parsed(received, status, text, took) if reads_answer else {}, text, took)
    raise CallFailed(_outcome_of(status), text or f"HTTP {status}", status=status, milliseconds=took)


def _read(response: httpx.Response, start: float, seconds: float) -> bytes:
    content = bytearray()
    for portion in response.iter_bytes():
        content += portion
        if len(content) > LARGEST_ANSWER:
            message = _("The answer has more than %(most)d bytes.") % {"most": LARGEST_ANSWER}
            raise CallFailed(Outcome.TOO_LARGE, message, status=response.status_code, milliseconds=_since(start))
        if time.monotonic() - start > seconds:  # httpx counts from portion to portion
            raise httpx.ReadTimeout("the whole answer took too long")
    return bytes(content)


def _parsed(content: bytes, status: int, text: str, took: int) -> Any:
    if not content:
        return {}
    try:
        return json.loads(content)
    except ValueError as error:
        raise CallFailed(
            Outcome.MALFORMED, _("The answer is no JSON: %(text)s") % {"text": text[:200]}, status=status,
            milliseconds=took,
        ) from error  # fmt: skip


def _outcome_of(status: int) -> Outcome:
    if status >= 500:
        return Outcome.SERVER_ERROR
    if 300 <= status < 400:
        return Outcome.REDIRECT
    return Outcome.REFUSED if status >= 400 else Outcome.MALFORMED


def _shown(text: str, endpoint: Endpoint) -> str:
    """Return what people may see of a text from outside: short, without our token or what else looks like a secret."""
    cut = text[:SHOWN].replace("\x00", "")
    if endpoint.token:
        cut = cut.replace(endpoint.token, MASK)
    return str(masked(cut))


def _since(start: float) -> int:
    return int((time.monotonic() - start) * 1000)
