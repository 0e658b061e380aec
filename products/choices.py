"""The closed lists of SPEC §3 and the states of revisions."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProductType(models.TextChoices):
    """What kind of thing a product is."""

    MANUFACTURED = "manufactured", _("Manufactured")
    PURCHASED = "purchased", _("Purchased")
    VIRTUAL = "virtual", _("Virtual")
    SERVICE = "service", _("Service")
    KIT = "kit", _("Kit")
    RAW_MATERIAL = "raw_material", _("Raw material")
    SUBASSEMBLY = "subassembly", _("Subassembly")
    FINISHED_GOOD = "finished_good", _("Finished good")


class LifecyclePhase(models.TextChoices):
    """Where a product stands between the idea and the end."""

    CONCEPT = "concept", _("Concept")
    DESIGN = "design", _("Design")
    PROTOTYPE = "prototype", _("Prototype")
    DEVELOPMENT = "development", _("Development")
    TESTING = "testing", _("Testing")
    PRODUCTION = "production", _("Production")
    ACTIVE = "active", _("Active")
    MATURE = "mature", _("Mature")
    DECLINING = "declining", _("Declining")
    OBSOLETE = "obsolete", _("Obsolete")
    DISCONTINUED = "discontinued", _("Discontinued")


class ProductStatus(models.TextChoices):
    """Whether the record itself is in use."""

    ACTIVE = "active", _("Active")
    ON_HOLD = "on_hold", _("On hold")
    INACTIVE = "inactive", _("Inactive")


class RevisionState(models.TextChoices):
    """The states of a revision."""

    IN_WORK = "in_work", _("In work")
    IN_REVIEW = "in_review", _("In review")
    RELEASED = "released", _("Released")
    SUPERSEDED = "superseded", _("Superseded")
    OBSOLETE = "obsolete", _("Obsolete")


class RevisionScheme(models.TextChoices):
    """How the revisions of products and documents are called."""

    LETTERS = "letters", _("A, B, C … Z, AA")
    SHORT_LETTERS = "short_letters", _("A, B, C … Y, AA, without I, O, Q, S, X, Z")
    NUMBERS = "numbers", _("1, 2, 3 …")


EDITABLE_STATES = frozenset({RevisionState.IN_WORK})
# Once released, a revision's content never changes again, whatever becomes of it.
FROZEN_STATES = frozenset({RevisionState.RELEASED, RevisionState.SUPERSEDED, RevisionState.OBSOLETE})
# Revisions that another one has taken the place of, or that nothing follows.
FORMER_STATES = frozenset({RevisionState.SUPERSEDED, RevisionState.OBSOLETE})
# Lines in revisions of these states are in use.
LIVE_STATES = frozenset({RevisionState.IN_WORK, RevisionState.IN_REVIEW, RevisionState.RELEASED})
# Lines that count for the cycle check. An obsolete revision counts, for where nothing is effective the latest one is
# taken; what is superseded cannot become effective together with new work.
CYCLE_STATES = LIVE_STATES | {RevisionState.OBSOLETE}


class LineType(models.TextChoices):
    """What a line is to the product it stands in."""

    STANDARD = "standard", _("Standard")
    PHANTOM = "phantom", _("Phantom")  # never built or stocked itself: flat lists show what is in it instead
    CONSUMABLE = "consumable", _("Consumable")  # used up in building: it costs, and adds no mass
    REFERENCE = "reference", _("Reference")  # shown for information: counts in no quantity, cost or mass


class DocumentType(models.TextChoices):
    """What kind of record a document is."""

    DRAWING = "drawing", _("Drawing")
    MODEL = "model", _("Model")
    SPECIFICATION = "specification", _("Specification")
    CERTIFICATE = "certificate", _("Certificate")
    OTHER = "other", _("Other")


class PreparationState(models.TextChoices):
    """How far the server is with a model's picture, and with its GLB where the browser cannot read the file."""

    PENDING = "pending", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class ResolutionMode(models.TextChoices):
    """Which revisions and lines a structure question takes (INTERFACES, Modes)."""

    EFFECTIVE = "effective", _("Effective")
    RELEASED = "released", _("Released only")
    LATEST = "latest", _("Latest")
    AS_STORED = "as_stored", _("As stored")


class Rule(models.TextChoices):
    """The rules by which a structure question takes a line and a child's revision; each takes by exactly one of either."""

    LINE_STORED = "line_stored", _("Every stored line")
    LINE_ALWAYS = "line_always", _("Nothing limits the line")
    LINE_DATE = "line_date", _("The line holds on the date")
    LINE_SERIAL = "line_serial", _("The line holds for the unit")
    LINE_CONDITION = "line_condition", _("The line's condition is fulfilled")
    LINE_OPTIONAL = "line_optional", _("Optional lines are asked for")
    REVISION_ASKED = "revision_asked", _("The revision asked for")
    REVISION_BASELINE = "revision_baseline", _("The revision of the baseline")
    REVISION_EFFECTIVE = "revision_effective", _("Released and effective on the date")
    REVISION_SERIAL = "revision_serial", _("Released and effective for the unit")
    REVISION_LATEST = "revision_latest", _("The latest revision")
    REVISION_FALLBACK = "revision_fallback", _("Nothing effective: the latest revision")
    REVISION_NONE = "revision_none", _("No revision")


class OptionRuleKind(models.TextChoices):
    """What a rule asks of two conditions on options."""

    REQUIRES = "requires", _("Requires")
    EXCLUDES = "excludes", _("Excludes")


class FindingKind(models.TextChoices):
    """What the check of a product's options, rules and lines finds."""

    CONTRADICTORY = "contradictory", _("No choice keeps all rules")
    NEVER_CHOOSABLE = "never_choosable", _("Choice that can never be taken")
    NEVER_SELECTABLE = "never_selectable", _("Line that is in no configuration")
    POSITION_EMPTY = "position_empty", _("Position without a line")
    POSITION_DOUBLE = "position_double", _("Position with two lines")
    UNKNOWN_CHOICE = "unknown_choice", _("Choice that the product does not have")


class PartLifecycle(models.TextChoices):
    """How long a manufacturer goes on making a part."""

    ACTIVE = "active", _("Active")
    NOT_RECOMMENDED = "not_recommended", _("Not recommended for new designs")
    LAST_TIME_BUY = "last_time_buy", _("Last time buy")
    OBSOLETE = "obsolete", _("Obsolete")


class SourceStatus(models.TextChoices):
    """The verdict on a manufacturer part for a product."""

    POTENTIAL = "potential", _("Potential")
    APPROVED = "approved", _("Approved")
    DISQUALIFIED = "disqualified", _("Disqualified")


# What is bought; other products are made, and cost what their own cost says.
BOUGHT_TYPES = frozenset({ProductType.PURCHASED, ProductType.RAW_MATERIAL})


class MissingPolicy(models.TextChoices):
    """What a cost by quantity does with a part it finds no price for."""

    LISTED = "listed", _("List it")
    OWN_COST = "own_cost", _("Take its own cost")
