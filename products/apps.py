from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "products"
    verbose_name = "Products"

    def ready(self) -> None:
        from plm_project.accounts import permissions as registry
        from plm_project.outbox.registry import declare
        from products import events, permissions
        from products.extensions import register_reference_provider
        from products.selectors.documents import document_references

        registry.register(permissions.PERMISSIONS)
        declare(events.EVENT_TYPES)
        register_reference_provider("document_references", document_references)
