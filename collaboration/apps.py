"""Collaboration: rooms in which people work on products and changes together, and notices of what concerns a person."""

from django.apps import AppConfig


class CollaborationConfig(AppConfig):
    name = "collaboration"
    verbose_name = "Collaboration"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from collaboration import events, permissions
        from plm_project.accounts import permissions as registry
        from plm_project.outbox.registry import declare
        from products.extensions import ProductTab, register_product_tab

        registry.register(permissions.PERMISSIONS)
        declare(events.EVENT_TYPES)
        register_product_tab(
            ProductTab("sessions", _("Sessions"), "collaboration:product-sessions", permissions.COLLABORATION_READ)
        )
