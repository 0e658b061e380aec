"""The structure that a question asks for, as every door asks: of a revision, by date, mode, unit and options, or frozen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from plm_project.core.exceptions import ValidationFailed
from products.choices import ResolutionMode
from products.models import Product
from products.selectors.baseline_structure import structure_of_baseline
from products.selectors.baselines import baseline_named
from products.selectors.graph import Structure, revision_named, structure_load
from products.selectors.questions import resolution_asked

# What a baseline has answered already: asked for beside one, it would be another question.
ANSWERED = ("revision", "as_of", "serial", "end_item", "options", "configuration", "optional")


def structure_asked(product: Product, query: Mapping[str, Any], *, sums_only: bool = False) -> Structure:
    """Return the structure of ``product`` that ``query`` asks for: ``QUESTION_FIELDS``, ``revision`` or ``baseline``.

    Raises NotFound for a revision or baseline that is not there, ValidationFailed where something is asked for beside a
    baseline.
    """
    if name := query.get("baseline"):
        refuse_beside_baseline(query)
        return structure_of_baseline(baseline_named(product, name))
    label = query.get("revision")
    revision = revision_named(product, label) if label else None
    return structure_load(product, resolution_asked(query, product), revision=revision, sums_only=sums_only)


def refuse_beside_baseline(query: Mapping[str, Any]) -> None:
    """Raise ValidationFailed naming what is asked for beside a baseline. The default mode stands for none."""
    asked = [name for name in (*ANSWERED, "explain") if query.get(name)]
    if query.get("mode") not in (None, "", ResolutionMode.EFFECTIVE.value):
        asked.append("mode")
    for name in asked:
        raise ValidationFailed.field(name, _("A baseline says itself what it froze: leave this out."))
