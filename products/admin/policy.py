"""What the tenant has decided about its products."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from plm_project.core.actor import Actor
from plm_project.tenancy.admin import RecordAdmin, RecordForm
from products import permissions
from products.models import ProductPolicy
from products.services.policy import product_policy_update


class PolicyForm(RecordForm):
    """The choices."""

    reason = None  # type: ignore[assignment] # Django's way to drop an inherited form field

    class Meta:
        model = ProductPolicy
        fields: ClassVar = ["revision_scheme"]


@admin.register(ProductPolicy)
class ProductPolicyAdmin(RecordAdmin):
    """One row comes with every tenant; it is changed, never added or deleted."""

    needs: ClassVar = {"view": permissions.PRODUCTS_CONFIGURE, "change": permissions.PRODUCTS_CONFIGURE}
    form = PolicyForm
    actions = ()
    list_display = ("name", "revision_scheme")
    readonly_fields = ("audit_created", "audit_changed")
    fieldsets = (
        (None, {"fields": ["revision_scheme"]}),
        (_("Record"), {"fields": [("audit_created", "audit_changed")]}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the people of its record."""
        return super().get_queryset(request).select_related("created_by", "updated_by")

    @admin.display(description=_("policy"))
    def name(self, obj: ProductPolicy) -> str:
        """What it is."""
        return str(obj)

    def update_record(self, actor: Actor, obj: Any, form: Any) -> ProductPolicy:
        """By the service."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        return product_policy_update(
            actor=actor, policy_id=obj.pk, changes=changes, expected_version=form.version_seen
        )
