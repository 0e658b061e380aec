"""The ASGI entry point: HTTP by Django, sockets by Channels."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plm_project.settings.local")
_http = get_asgi_application()  # before routing: consumers import models

from channels.routing import ProtocolTypeRouter  # noqa: E402

from plm_project.celery import app as celery_app  # noqa: E402, F401 - shared tasks bind to it
from plm_project.routing import websocket  # noqa: E402

application = ProtocolTypeRouter({"http": _http, "websocket": websocket})
