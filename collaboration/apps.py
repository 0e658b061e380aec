"""Collaboration: rooms in which people work on products and changes together, and notices of what concerns a person."""

from django.apps import AppConfig


class CollaborationConfig(AppConfig):
    name = "collaboration"
    verbose_name = "Collaboration"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from changes.extensions import register_change_panel, register_line_marks
        from changes.gates import register_release_gate
        from collaboration import events, permissions
        from collaboration.discussion_panel import LINE_MARKS, PANEL
        from collaboration.gates import RELEASE_GATE
        from plm_project.accounts import permissions as registry
        from plm_project.outbox.registry import declare
        from products.extensions import ProductTab, register_product_tab

        registry.register(permissions.PERMISSIONS)
        declare(events.EVENT_TYPES)
        register_product_tab(
            ProductTab("sessions", _("Sessions"), "collaboration:product-sessions", permissions.COLLABORATION_READ)
        )
        register_release_gate(RELEASE_GATE)
        register_change_panel(PANEL)
        register_line_marks(LINE_MARKS)
        self._connect_notices()

    def _connect_notices(self) -> None:
        from changes import events
        from collaboration import subscribers
        from collaboration.notice_bell import BELL
        from plm_project.outbox.registry import subscribe
        from plm_project.web.topbar import register_topbar_item

        subscribe(events.CHANGE_SUBMITTED, name="notices.approval_needed", handler=subscribers.ask_approvers)
        subscribe(events.APPROVALS_ASKED, name="notices.approvals_asked", handler=subscribers.ask_later)
        subscribe(events.CHANGE_APPROVED, name="notices.change_approved", handler=subscribers.tell_decision)
        subscribe(events.CHANGE_REJECTED, name="notices.change_rejected", handler=subscribers.tell_decision)
        subscribe(events.CHANGE_IMPLEMENTED, name="notices.change_implemented", handler=subscribers.tell_implemented)
        subscribe(events.CHANGE_IMPLEMENTED, name="notices.owners", handler=subscribers.tell_owners)
        subscribe(events.DISPOSITION_ASSIGNED, name="notices.assigned", handler=subscribers.tell_owners)
        subscribe(events.CHANGE_REQUESTED, name="notices.change_requested", handler=subscribers.tell_requested)
        subscribe(
            events.CHANGE_REQUEST_ANSWERED,
            name="notices.change_request_answered",
            handler=subscribers.tell_request_answered,
        )
        subscribe("webhook_disabled", name="notices.webhook_disabled", handler=subscribers.tell_webhook_disabled)
        register_topbar_item(BELL)
