"""Writes of the changes context. Each: permission → lock → guard → change → history → event, in one transaction."""

from changes.services.affected import affected_add, affected_remove, affected_update
from changes.services.approvers import approvers_determine, policy_apply
from changes.services.changes import change_create, change_delete, change_update
from changes.services.chasing import approvals_chase
from changes.services.checking import change_problems
from changes.services.children import children_add, children_missing
from changes.services.deciding import MEANINGS, Signature, change_approve, change_comment, change_reject
from changes.services.delegations import delegation_add, delegation_end
from changes.services.dispositions import (
    disposition_add,
    disposition_complete,
    disposition_remove,
    disposition_reopen,
    disposition_update,
    no_disposition_set,
)
from changes.services.documents import change_document_add, change_document_remove
from changes.services.foreseeing import Consequences, change_consequences
from changes.services.gating import change_gates
from changes.services.implementing import change_implement
from changes.services.moving import change_cancel, change_close, change_reopen, change_withdraw
from changes.services.packaging import package_differences, package_seal, package_start, package_write
from changes.services.policy import change_policy_provide, change_policy_update
from changes.services.rebasing import change_rebase
from changes.services.redlines import redline_add, redline_remove, redline_update
from changes.services.redrawing import line_redraw, line_restore, line_strike
from changes.services.replacing import product_replace, uses_redline
from changes.services.request_answers import (
    Accepted,
    request_accept,
    request_decline,
    request_unlink,
    requests_finish,
)
from changes.services.requests import request_create, request_reopen, request_update, request_withdraw
from changes.services.rules import (
    approval_rule_add,
    approval_rule_remove,
    approval_rule_update,
    approval_rules_provide,
)
from changes.services.settling import conflict_settle
from changes.services.submitting import change_submit

__all__ = [
    "MEANINGS",
    "Accepted",
    "Consequences",
    "Signature",
    "affected_add",
    "affected_remove",
    "affected_update",
    "approval_rule_add",
    "approval_rule_remove",
    "approval_rule_update",
    "approval_rules_provide",
    "approvals_chase",
    "approvers_determine",
    "change_approve",
    "change_cancel",
    "change_close",
    "change_comment",
    "change_consequences",
    "change_create",
    "change_delete",
    "change_document_add",
    "change_document_remove",
    "change_gates",
    "change_implement",
    "change_policy_provide",
    "change_policy_update",
    "change_problems",
    "change_rebase",
    "change_reject",
    "change_reopen",
    "change_submit",
    "change_update",
    "change_withdraw",
    "children_add",
    "children_missing",
    "conflict_settle",
    "delegation_add",
    "delegation_end",
    "disposition_add",
    "disposition_complete",
    "disposition_remove",
    "disposition_reopen",
    "disposition_update",
    "line_redraw",
    "line_restore",
    "line_strike",
    "no_disposition_set",
    "package_differences",
    "package_seal",
    "package_start",
    "package_write",
    "policy_apply",
    "product_replace",
    "redline_add",
    "redline_remove",
    "redline_update",
    "request_accept",
    "request_create",
    "request_decline",
    "request_reopen",
    "request_unlink",
    "request_update",
    "request_withdraw",
    "requests_finish",
    "uses_redline",
]
