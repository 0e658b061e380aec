"""The roles a member of a tenant can have. What a role may do is declared beside each permission."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """One person may hold several."""

    VIEWER = "viewer", _("Viewer")
    ENGINEER = "engineer", _("Engineer")
    CHANGE_ANALYST = "change_analyst", _("Change analyst")
    TECHNICAL_APPROVER = "technical_approver", _("Technical approver")
    FINANCIAL_APPROVER = "financial_approver", _("Financial approver")
    QUALITY_APPROVER = "quality_approver", _("Quality approver")
    MANAGEMENT_APPROVER = "management_approver", _("Management approver")
    COMPLIANCE_OFFICER = "compliance_officer", _("Compliance officer")
    PLM_MANAGER = "plm_manager", _("PLM manager")
    TENANT_ADMIN = "tenant_admin", _("Tenant administrator")
    INTEGRATION = "integration", _("Integration")


EVERYONE = frozenset(Role)
APPROVERS = frozenset(
    {Role.TECHNICAL_APPROVER, Role.FINANCIAL_APPROVER, Role.QUALITY_APPROVER, Role.MANAGEMENT_APPROVER}
)
MANAGERS = frozenset({Role.PLM_MANAGER, Role.TENANT_ADMIN})
