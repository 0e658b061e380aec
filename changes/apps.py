from django.apps import AppConfig


class ChangesConfig(AppConfig):
    name = "changes"
    verbose_name = "Changes"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from changes import events, permissions
        from changes.gates import register_release_gate
        from changes.selectors.documents import document_changes
        from changes.services.children import CHILDREN_GATE, CHILDREN_GUARD
        from changes.services.decided import DISPOSITIONS_GATE
        from changes.services.packaging import PACKAGE_KIND
        from changes.services.policy import change_policy_provide
        from changes.services.rules import approval_rules_provide
        from changes.subscribers import edited_votes_renew, open_changes_follow, release_seal, requests_done
        from plm_project.accounts import permissions as registry
        from plm_project.jobs.registry import register_job_kind
        from plm_project.outbox.registry import declare, subscribe
        from plm_project.tenancy import provisioning
        from products.events import BOM_CHANGED
        from products.extensions import (
            DocumentUses,
            ProductTab,
            register_document_uses,
            register_product_tab,
            register_release_guard,
        )

        registry.register(permissions.PERMISSIONS)
        declare(events.EVENT_TYPES)
        subscribe(events.CHANGE_IMPLEMENTED, name="changes.seal", handler=release_seal)
        subscribe(events.CHANGE_IMPLEMENTED, name="changes.follow", handler=open_changes_follow)
        subscribe(BOM_CHANGED, name="changes.renew", handler=edited_votes_renew)
        subscribe(events.CHANGE_IMPLEMENTED, name="changes.requests", handler=requests_done)
        register_job_kind(PACKAGE_KIND)
        register_release_gate(CHILDREN_GATE)
        register_release_gate(DISPOSITIONS_GATE)
        register_release_guard(CHILDREN_GUARD)
        provisioning.register("changes.approval_rules", approval_rules_provide)
        provisioning.register("changes.policy", change_policy_provide)
        register_product_tab(ProductTab("changes", _("Changes"), "changes:product-changes", permissions.CHANGES_READ))
        register_document_uses(DocumentUses("changes", _("Changes"), permissions.CHANGES_READ, document_changes))
