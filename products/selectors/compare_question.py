"""The two sides of a comparison as people and systems ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from plm_project.core import clock
from plm_project.core.exceptions import NotFound, ValidationFailed
from products.models import Baseline, Product, ProductRevision
from products.selectors.baseline_structure import structure_of_baseline
from products.selectors.baselines import baseline_named, question_of
from products.selectors.compare import Sides, revisions_read
from products.selectors.configurations import configuration_valid
from products.selectors.graph import ROOT, Structure, revision_named, revision_resolve, structure_load
from products.selectors.products import product_by_number
from products.selectors.questions import NOTHING_CHOSEN, QUESTION_FIELDS, resolution_asked
from products.selectors.resolution import Resolution

# What each side takes, with ``from_`` or ``to_`` before it. The revision alone goes by the bare ``from`` and ``to``.
SIDE_FIELDS = ("product", "baseline", *QUESTION_FIELDS)
FROM, TO = "from", "to"


@dataclass(frozen=True)
class Side:
    """One side: a baseline, or the revision named or found by ``resolution`` (None: nothing was said of date, mode …)."""

    product: Product
    baseline: Baseline | None = None
    label: str = ""
    resolution: Resolution | None = None
    configuration: str = ""  # the name of the saved choice that the resolution has

    @property
    def is_plain(self) -> bool:
        """Whether nothing but a revision is named."""
        return bool(self.label) and self.baseline is None and self.resolution is None

    @property
    def is_unsaid(self) -> bool:
        """Whether nothing is said at all."""
        return not self.label and self.baseline is None and self.resolution is None

    def revision(self, resolution: Resolution) -> ProductRevision:
        """Return the root's revision; raise NotFound where there is none."""
        if self.label:
            return revision_named(self.product, self.label)
        found = revision_resolve(self.product, resolution)
        if found is None:
            raise NotFound(_("Nothing of %(number)s is released and effective then.") % {"number": self.product})
        return found

    def load(self, resolution: Resolution) -> Structure:
        """Read this side alone."""
        if self.baseline is not None:
            return structure_of_baseline(self.baseline)
        return structure_load(self.product, resolution, revision=self.revision(resolution))


def sides_asked(product: Product, query: Mapping[str, Any]) -> tuple[Side, Side]:
    """Return the two sides that ``query`` asks for (``from``, ``to``, and ``SIDE_FIELDS`` of either).

    A side of which nothing is said is what the other side's question finds today. Raises NotFound and ValidationFailed,
    naming the field.
    """
    left, right = (_side(product, query, prefix) for prefix in (FROM, TO))
    if left.is_unsaid and right.is_unsaid:
        message = _("Say what to compare: a revision, a baseline, or options.")
        raise ValidationFailed(message, details={FROM: [message], TO: [message]})
    return _completed(left, right), _completed(right, left)


def sides_read(left: Side, right: Side) -> Sides:
    """Read both sides. Two revisions of one product by one question are read as one graph."""
    if left.is_plain and right.is_plain and left.product.pk == right.product.pk:
        return revisions_read(revision_named(left.product, left.label), revision_named(right.product, right.label))
    questions = [side.resolution or Resolution.of() for side in (left, right)]
    live = left.baseline is None and right.baseline is None
    if live and left.product.pk == right.product.pk and questions[0] == questions[1]:
        return revisions_read(left.revision(questions[0]), right.revision(questions[1]), questions[0])
    return Sides(left.load(questions[0]), ROOT, right.load(questions[1]), ROOT)


def _side(product: Product, query: Mapping[str, Any], prefix: str) -> Side:
    own = {name: query.get(f"{prefix}_{name}") for name in SIDE_FIELDS}
    asked = {name: value for name, value in own.items() if value not in (None, "", False)}
    number = asked.pop("product", None)
    of = product_by_number(number, field=f"{prefix}_product") if number else product
    label = query.get(prefix) or ""
    if name := asked.pop("baseline", None):
        if label or asked:
            field = prefix if label else f"{prefix}_{next(iter(asked))}"
            raise ValidationFailed.field(field, _("A baseline says itself what it froze: leave this out."))
        return Side(of, baseline=baseline_named(of, name))
    if (saved := asked.pop("configuration", None)) and not asked.get("options"):
        end_item = product_by_number(asked["end_item"], field=f"{prefix}_end_item") if "end_item" in asked else of
        configuration = configuration_valid(end_item, str(saved), field=f"{prefix}_configuration")
        asked["options"] = ",".join(configuration.choices) or NOTHING_CHOSEN
        return Side(of, label=label, resolution=resolution_asked(asked, of), configuration=configuration.name)
    if saved:
        asked["configuration"] = saved  # beside options: refused where every question is read
    return Side(of, label=label, resolution=resolution_asked(asked, of) if asked else None)


def _completed(side: Side, other: Side) -> Side:
    """Ask of a side nothing is said of what the other side was asked, as of today."""
    if not side.is_unsaid:
        return side
    question = question_of(other.baseline) if other.baseline is not None else other.resolution
    if question is None:
        return replace(side, resolution=Resolution.of())
    today = Resolution.of(
        question.mode.value,
        clock.today(),
        serial=question.serial,
        end_item=question.end_item,
        choices=question.choices,
        with_optional=question.with_optional,
    )
    return replace(side, resolution=today)


def side_words(side: Side, structure: Structure, root: int) -> str:
    """Return what a side is, for a heading."""
    if side.baseline is not None:
        words = _("baseline %(name)s") % {"name": side.baseline.name}
    else:
        words = _("revision %(label)s") % {"label": structure.label(root)}
        if side.resolution is not None:
            asked = side.resolution
            words += f", {asked.mode.label}, {asked.as_of.isoformat()}"
            if asked.serial is not None:
                words += ", " + _("unit %(serial)s") % {"serial": asked.serial}
            if side.configuration:
                words += ", " + _("configuration %(name)s") % {"name": side.configuration}
            elif asked.choices is not None:
                words += ", " + (", ".join(sorted(asked.choices)) or _("no options"))
    return f"{side.product.product_number} {words}"
