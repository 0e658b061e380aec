"""The door for neighbours' callbacks: no session, no token, a signature."""

from __future__ import annotations

from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from integrations.services.callbacks import LARGEST, callback_take
from integrations.signing import HEADER
from plm_project.accounts.addresses import address_of
from plm_project.core import clock

MOST_STRANGERS = 60  # unsigned messages from one address in a minute; who signs rightly is not limited by them


@method_decorator(csrf_exempt, name="dispatch")  # what comes here carries no cookie that could be abused
class CallbackView(View):
    """Take one callback in."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, tenant: str, key: str) -> JsonResponse:
        """Answer 200, 400, 401, 413, 422 or 429, always JSON."""
        counter = _counter(request)
        if cache.get(counter, 0) >= MOST_STRANGERS:
            return JsonResponse(
                {"error": _("Too many messages without a valid signature.")}, status=429, headers={"Retry-After": "60"}
            )
        try:
            body = request.body
        except RequestDataTooBig:
            body = b"x" * (LARGEST + 1)
        if len(body) > LARGEST:
            return JsonResponse({"error": _("At most %(most)d bytes.") % {"most": LARGEST}}, status=413)
        reply = callback_take(tenant, key, request.headers.get(HEADER, ""), body)
        if reply.status == 401:
            cache.set(counter, cache.get(counter, 0) + 1, 120)
        headers = {"Cache-Control": "no-store", **({"Idempotent-Replayed": "true"} if reply.repeated else {})}
        return JsonResponse(reply.body, status=reply.status, headers=headers)


def _counter(request: HttpRequest) -> str:
    return f"callbacks:{address_of(request)}:{int(clock.now().timestamp()) // 60}"
