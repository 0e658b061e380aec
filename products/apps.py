from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "products"
    verbose_name = "Products"

    def ready(self) -> None:
        from plm_project.accounts import permissions as registry
        from plm_project.outbox.registry import declare
        from products import events, permissions

        registry.register(permissions.PERMISSIONS)
        declare(events.EVENT_TYPES)
