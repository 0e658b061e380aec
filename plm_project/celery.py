"""The Celery application. Without a broker tasks run inline."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plm_project.settings.local")

app = Celery("plm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
