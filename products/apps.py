from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "products"
    verbose_name = "Products"

    def ready(self) -> None:
        from plm_project.accounts import permissions as registry
        from plm_project.jobs.registry import register_job_kind
        from plm_project.outbox.registry import declare
        from plm_project.tenancy import provisioning
        from products import events, permissions
        from products.extensions import register_reference_provider
        from products.selectors.documents import document_references
        from products.services.bom_import_job import IMPORT_KIND
        from products.services.policy import product_policy_provide
        from products.services.rollup_job import ROLLUP_KIND

        registry.register(permissions.PERMISSIONS)
        provisioning.register("products.policy", product_policy_provide)
        declare(events.EVENT_TYPES)
        register_reference_provider("document_references", document_references)
        register_job_kind(IMPORT_KIND)
        register_job_kind(ROLLUP_KIND)
