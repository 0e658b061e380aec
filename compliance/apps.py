from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    name = "compliance"
    verbose_name = "Compliance"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from changes.gates import register_release_gate
        from changes.measures import register_measure
        from compliance import events, permissions
        from compliance.gates import RELEASE_GATE, RELEASE_GUARD
        from compliance.measures import MEASURE
        from compliance.selectors import product_references
        from compliance.subscribers import tracking_start
        from plm_project.accounts import permissions as registry
        from plm_project.outbox.registry import declare, subscribe_many
        from products.events import PRODUCT_CREATED, PRODUCT_UPDATED
        from products.extensions import (
            ProductTab,
            register_product_tab,
            register_reference_provider,
            register_release_guard,
        )

        registry.register(permissions.PERMISSIONS)
        declare(events.EVENT_TYPES)
        for event_type in (PRODUCT_CREATED, PRODUCT_UPDATED):
            subscribe_many(event_type, name=f"compliance.start.{event_type}", handler=tracking_start)
        register_reference_provider("compliance_records", product_references)
        register_product_tab(
            ProductTab("compliance", _("Compliance"), "compliance:product-compliance", permissions.COMPLIANCE_READ)
        )
        register_release_gate(RELEASE_GATE)
        register_measure(MEASURE)
        register_release_guard(RELEASE_GUARD)
