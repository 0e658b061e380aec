"""The closed lists of SPEC §5."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChangeType(models.TextChoices):
    """Why a change is made."""

    DESIGN = "design", _("Design")
    QUALITY_IMPROVEMENT = "quality_improvement", _("Quality improvement")
    SAFETY = "safety", _("Safety")
    REGULATORY = "regulatory", _("Regulatory")
    COST_REDUCTION = "cost_reduction", _("Cost reduction")
    DOCUMENTATION = "documentation", _("Documentation")
    PROCESS = "process", _("Process")
    OTHER = "other", _("Other")


class Priority(models.TextChoices):
    """How important a change is."""

    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")
    CRITICAL = "critical", _("Critical")


class Urgency(models.TextChoices):
    """Whether a change can wait its turn."""

    NORMAL = "normal", _("Normal")
    URGENT = "urgent", _("Urgent")


class ChangeStatus(models.TextChoices):
    """The states of a change."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    APPROVED = "approved", _("Approved")
    IMPLEMENTED = "implemented", _("Implemented")
    CLOSED = "closed", _("Closed")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    CANCELLED = "cancelled", _("Cancelled")


class AffectedAction(models.TextChoices):
    """What a change does with a product."""

    RELEASE = "release", _("Release")  # its first revision
    REVISE = "revise", _("Revise")  # the next revision, with the redlines applied
    OBSOLETE = "obsolete", _("Make obsolete")  # out of use; what still uses it needs to know its replacement
    REPLACE = "replace", _("Replace")  # out of use, and another product stands in its place wherever it is built in
    ADD = "add", _("Add")  # a released part that comes into the structures of this change
    REMOVE = "remove", _("Remove")  # a part that leaves them and stays in use elsewhere


class RequestStatus(models.TextChoices):
    """The states of a change request."""

    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    DONE = "done", _("Done")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class RedlineOperation(models.TextChoices):
    """What one redline does to a BOM line. Several may stand on one line, each kind once; none beside a removal."""

    ADD = "add", _("Add")
    REMOVE = "remove", _("Remove")
    QUANTITY = "quantity", _("Change quantity")
    UNIT = "unit", _("Change unit")
    FIND_NUMBER = "find_number", _("Change find number")
    DESIGNATORS = "designators", _("Change designators")
    REPLACE = "replace", _("Replace part")
    EFFECTIVITY = "effectivity", _("Change effectivity")
    ATTRIBUTES = "attributes", _("Change attributes")
    SUBSTITUTES = "substitutes", _("Change substitutes")


class RuleCode(models.TextChoices):
    """The four approval rules that every tenant starts with; it may add its own."""

    TECHNICAL = "technical", _("Technical")
    FINANCIAL = "financial", _("Financial")
    QUALITY = "quality", _("Quality")
    MANAGEMENT = "management", _("Management")


class RuleWeight(models.TextChoices):
    """What the people of a rule decide."""

    REQUIRED = "required", _("Required")
    OPTIONAL = "optional", _("Optional")
    COMMENT = "comment", _("Comment only")


class Quorum(models.TextChoices):
    """How many of the people a rule names must approve."""

    ALL = "all", _("All of them")
    ANY = "any", _("Any of them")
    MAJORITY = "majority", _("More than half")
    COUNT = "count", _("A number of them")


class Decision(models.TextChoices):
    """What an approver has said."""

    PENDING = "pending", _("Waiting")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    COMMENTED = "commented", _("Commented")


class Meaning(models.TextChoices):
    """What a signature means (21 CFR 11.50 (a) (3))."""

    APPROVAL = "approval", _("Approval")
    REVIEW = "review", _("Review")
    RESPONSIBILITY = "responsibility", _("Responsibility")
    REJECTION = "rejection", _("Rejection")


class Place(models.TextChoices):
    """Where parts of an old state may be when a change is released."""

    STOCK = "stock", _("Stock")
    WORK_IN_PROGRESS = "work_in_progress", _("Work in progress")
    ON_ORDER = "on_order", _("On order")
    IN_TRANSIT = "in_transit", _("In transit")
    FIELD = "field", _("Field")
    SUPPLIER = "supplier", _("Supplier")


class Disposal(models.TextChoices):
    """What is done with them."""

    USE_AS_IS = "use_as_is", _("Use as is")
    REWORK = "rework", _("Rework")
    SCRAP = "scrap", _("Scrap")
    RETURN = "return", _("Return")


# The product gets a released revision; which of both follows from the revision it starts from.
PLANNED_ACTIONS = frozenset({AffectedAction.RELEASE, AffectedAction.REVISE})
# The product goes out of use.
RETIRING_ACTIONS = frozenset({AffectedAction.OBSOLETE, AffectedAction.REPLACE})
# The product stays as it is; where it is built in changes.
PLACING_ACTIONS = frozenset({AffectedAction.ADD, AffectedAction.REMOVE})
HIGH_PRIORITIES = frozenset({Priority.HIGH, Priority.CRITICAL})
QUALITY_TYPES = frozenset({ChangeType.QUALITY_IMPROVEMENT, ChangeType.SAFETY, ChangeType.REGULATORY})
# A change in one of these still wants something from somebody.
OPEN_STATUSES = frozenset({ChangeStatus.DRAFT, ChangeStatus.SUBMITTED, ChangeStatus.APPROVED})
# A redline of one of these takes the part of its line out.
TAKING_OUT = frozenset({RedlineOperation.REMOVE, RedlineOperation.REPLACE})
# Nothing is left to organise.
OVER_STATUSES = frozenset({ChangeStatus.CLOSED, ChangeStatus.CANCELLED})
# What it wanted is done.
RELEASED_STATUSES = frozenset({ChangeStatus.IMPLEMENTED, ChangeStatus.CLOSED})
