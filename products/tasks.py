"""Long work of this context, in a worker where there is a broker, else beside the request in a thread of its own."""

from __future__ import annotations

import threading
import uuid

from celery import shared_task
from django.conf import settings
from django.db import connections

from products.services import model_preparation


@shared_task(name="products.model_prepare")
def model_prepare(tenant_id: str, version_id: str) -> None:
    """Make a model's picture, and its GLB where one is needed."""
    model_preparation.preparation_run(uuid.UUID(tenant_id), uuid.UUID(version_id))


def model_prepare_start(tenant_id: uuid.UUID, version_id: uuid.UUID) -> None:
    """Hand a model to a worker. Without a broker a thread does it, so that nobody's request waits for a conversion."""
    arguments = (str(tenant_id), str(version_id))
    if settings.CELERY_BROKER_URL:
        model_prepare.delay(*arguments)
    elif settings.MODELS_PREPARED_INLINE:
        model_prepare(*arguments)
    else:
        threading.Thread(target=_in_thread, args=arguments, name="model-prepare", daemon=True).start()


def _in_thread(*arguments: str) -> None:
    try:
        model_prepare(*arguments)
    finally:
        connections.close_all()
