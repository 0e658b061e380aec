"""Engineering changes and approval rules for PLM managers. A door: every write goes through the services."""

from changes.admin.changes import EngineeringChangeAdmin
from changes.admin.policy import ChangePolicyAdmin
from changes.admin.requests import ChangeRequestAdmin
from changes.admin.rules import ApprovalRuleAdmin, DelegationAdmin

__all__ = ["ApprovalRuleAdmin", "ChangePolicyAdmin", "ChangeRequestAdmin", "DelegationAdmin", "EngineeringChangeAdmin"]
