"""EngineeringChange, AffectedProduct, ChangeDocument, Disposition, Redline, Approval, ApprovalRequirement, Delegation,
SignedContent, ReleasePackage, ApprovalRule, ChangePolicy, FastTrack, ChangeRequest with RequestProduct: one file an aggregate."""

from changes.models.affected import AffectedProduct
from changes.models.approval import Approval
from changes.models.change import EngineeringChange
from changes.models.change_document import ChangeDocument
from changes.models.delegation import Delegation
from changes.models.disposition import Disposition
from changes.models.fast_track import FastTrack
from changes.models.policy import ChangePolicy
from changes.models.redline import Redline
from changes.models.release_package import ReleasePackage
from changes.models.request import ChangeRequest, RequestProduct
from changes.models.requirement import ApprovalRequirement
from changes.models.rule import ApprovalRule, RuleApprover
from changes.models.signed_content import SignedContent

__all__ = [
    "AffectedProduct",
    "Approval",
    "ApprovalRequirement",
    "ApprovalRule",
    "ChangeDocument",
    "ChangePolicy",
    "ChangeRequest",
    "Delegation",
    "Disposition",
    "EngineeringChange",
    "FastTrack",
    "Redline",
    "ReleasePackage",
    "RequestProduct",
    "RuleApprover",
    "SignedContent",
]
