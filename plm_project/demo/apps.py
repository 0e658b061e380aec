from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "plm_project.demo"
    label = "demo"
    verbose_name = "Demo"
