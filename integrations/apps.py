from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"
    verbose_name = "Integrations"

    def ready(self) -> None:
        from integrations import permissions
        from plm_project.accounts import permissions as registry

        registry.register(permissions.PERMISSIONS)
