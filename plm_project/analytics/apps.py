from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "plm_project.analytics"
    label = "analytics"
    verbose_name = "Analytics"
