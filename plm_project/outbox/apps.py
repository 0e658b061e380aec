from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "plm_project.outbox"
    label = "outbox"
    verbose_name = "Events"
