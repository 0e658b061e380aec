from django.apps import AppConfig
from django.db.backends.signals import connection_created


class TenancyConfig(AppConfig):
    name = "plm_project.tenancy"
    label = "tenancy"
    verbose_name = "Tenants"

    def ready(self) -> None:
        from plm_project.tenancy import checks, roles  # noqa: F401 - checks register themselves

        connection_created.connect(roles.on_connection_created, dispatch_uid="plm-app-role")
