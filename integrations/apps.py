from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    name = "integrations"
    verbose_name = "Integrations"

    def ready(self) -> None:
        from changes.measures import register_touch
        from integrations import events, permissions
        from integrations.contracts.registry import trigger_types
        from integrations.metrics import DeliveriesCollector
        from integrations.services.access_control import is_authorized
        from integrations.subscribers import neighbours_tell
        from integrations.touches import DELIVERIES, TWINS
        from plm_project.accounts import permissions as registry
        from plm_project.accounts.second_opinion import register_second_opinion
        from plm_project.ops.metrics import register_collector
        from plm_project.outbox.registry import declare, subscribe_many
        from products.extensions import ProductTab, register_product_tab

        register_product_tab(
            ProductTab(
                "suggestions", _("Suggestions"), "integrations:product-suggestions", permissions.SUGGESTIONS_READ
            )
        )
        register_touch(TWINS)
        register_touch(DELIVERIES)
        register_second_opinion(is_authorized)
        register_collector(DeliveriesCollector())
        registry.register(permissions.PERMISSIONS)
        declare(events.EVENT_TYPES)
        for event_type in trigger_types():
            subscribe_many(event_type, name="integrations.tell", handler=neighbours_tell)
