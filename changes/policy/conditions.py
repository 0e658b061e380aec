"""When a rule applies: alternatives, each a list of conditions that must all hold. No alternative at all: always.

People write them one a line, with the word ``or`` alone on a line between alternatives::

    cost_impact above threshold
    or
    change_type in safety, regulatory
    product_type is purchased

They are kept as JSON: a list of alternatives, each a list of ``{"attribute", "operator", "values"}``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from changes.choices import HIGH_PRIORITIES, QUALITY_TYPES, RuleCode, Urgency
from changes.policy.attributes import ATTRIBUTES, CUSTOM, NUMBERS, PolicyFacts, attribute_named
from plm_project.core.decimals import plain

THRESHOLD = "threshold"  # stands for the rule's own amount
NO_THRESHOLD = Decimal(0)  # for conditions that stand in no rule: none of them refers to one
OR = "or"
MANY = ("in", "not in")
MOST = 50  # conditions of one rule, and values of one condition
SMALLEST = Decimal("0.0001")
LONGEST_VALUE = 200  # characters
LINE = re.compile(
    r"^(?P<attribute>\S+)\s+(?P<operator>is not|is|not in|in|above|at least|below|at most)\s+(?P<values>.+)$", re.I
)
OPERATOR_WORDS = {
    "above": _lazy("above"),
    "at least": _lazy("at least"),
    "below": _lazy("below"),
    "at most": _lazy("at most"),
}


class ConditionFault(ValueError):
    """A condition that cannot be read. The message names the line."""


@dataclass(frozen=True)
class Condition:
    """One comparison. ``values``: one, or any number for ``in`` and ``not in``."""

    attribute: str
    operator: str
    values: tuple[str, ...]

    def holds(self, facts: PolicyFacts, threshold: Decimal) -> bool:
        """Tell whether it holds. Where several products are affected, ``is`` and ``in`` want one of them to fit, ``is not``
        and ``not in`` none of them.
        """
        found = facts.of(self.attribute)
        if self.operator in NUMBERS:
            limit = threshold if self.values[0] == THRESHOLD else Decimal(self.values[0])
            return any(_compare(self.operator, value, limit) for value in found)
        hit = bool(found & frozenset(self.values))
        return hit if self.operator in ("is", "in") else not hit

    def why(self, facts: PolicyFacts, threshold: Decimal, currency: str) -> str:
        """Return in words what made it hold."""
        attribute = attribute_named(self.attribute)
        assert attribute is not None
        if self.operator in NUMBERS:
            limit = plain(threshold) if self.values[0] == THRESHOLD else self.values[0]
            unit = f" {currency}" if self.attribute == "cost_impact" and currency else ""
            return f"{attribute.label} {OPERATOR_WORDS[self.operator]} {limit}{unit}"
        if self.operator in ("is", "in"):
            hits = facts.of(self.attribute) & frozenset(self.values)
            return f"{attribute.label} {', '.join(sorted(attribute.shown(value) for value in hits))}"
        values = ", ".join(attribute.shown(value) for value in self.values)
        return _("%(attribute)s other than %(values)s") % {"attribute": attribute.label, "values": values}

    def text(self) -> str:
        """Return it as people write it."""
        return f"{self.attribute} {self.operator} {', '.join(self.values)}"


Alternatives = tuple[tuple[Condition, ...], ...]

# The rules of SPEC §5, for a tenant that has not said otherwise.
STANDARD: dict[str, Alternatives] = {
    RuleCode.TECHNICAL: (),
    RuleCode.FINANCIAL: ((Condition("cost_impact", "above", (THRESHOLD,)),),),
    RuleCode.QUALITY: ((Condition("change_type", "in", tuple(sorted(QUALITY_TYPES))),),),
    RuleCode.MANAGEMENT: (
        (Condition("priority", "in", tuple(sorted(HIGH_PRIORITIES))),),
        (Condition("urgency", "is", (Urgency.URGENT.value,)),),
    ),
}


def alternatives_of(code: str, stored: Any) -> Alternatives:
    """Return the conditions of a rule as kept; None stands for those the rule of that code comes with."""
    if stored is None:
        return STANDARD.get(code, ())
    return tuple(
        tuple(Condition(row["attribute"], row["operator"], tuple(row["values"])) for row in group) for group in stored
    )


def alternative_held(
    alternatives: Alternatives, facts: PolicyFacts, threshold: Decimal
) -> tuple[Condition, ...] | None:
    """Return the first alternative that holds, () when a rule applies always, None when it does not apply."""
    if not alternatives:
        return ()
    return next((group for group in alternatives if all(one.holds(facts, threshold) for one in group)), None)


def why_held(group: Sequence[Condition], facts: PolicyFacts, threshold: Decimal, currency: str) -> str:
    """Return in words why a rule applies."""
    if not group:
        return _("every change")
    return ", ".join(one.why(facts, threshold, currency) for one in group)


def conditions_text(alternatives: Alternatives) -> str:
    """Return conditions as people write them."""
    return f"\n{OR}\n".join("\n".join(one.text() for one in group) for group in alternatives)


def conditions_stored(alternatives: Alternatives) -> list[list[dict[str, Any]]]:
    """Return conditions as they are kept."""
    return [
        [{"attribute": one.attribute, "operator": one.operator, "values": list(one.values)} for one in group]
        for group in alternatives
    ]


def conditions_read(text: str) -> list[list[dict[str, Any]]]:
    """Return what people wrote, as it is kept. Raises ConditionFault naming the line."""
    groups: list[list[dict[str, Any]]] = [[]]
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > MOST:
        raise ConditionFault(_("At most %(most)s lines.") % {"most": MOST})
    for number, line in lines:
        if line.lower() == OR:
            if not groups[-1]:
                raise ConditionFault(_("Line %(line)s: a condition must stand before “or”.") % {"line": number})
            groups.append([])
            continue
        try:
            groups[-1].append(_read(line))
        except ConditionFault as fault:
            raise ConditionFault(
                _("Line %(line)s, “%(text)s”: %(why)s") % {"line": number, "text": line, "why": fault}
            ) from fault
    if not groups[-1] and len(groups) > 1:
        raise ConditionFault(_("A condition must stand after the last “or”."))
    return [group for group in groups if group]


def conditions_check(stored: Any) -> list[list[dict[str, Any]]]:
    """Check conditions in the form they are kept in, and return them as they are to be kept. Raises ConditionFault."""
    if not isinstance(stored, list) or not all(isinstance(group, list) and group for group in stored):
        raise ConditionFault(_("Give a list of alternatives, each a list of conditions."))
    if sum(map(len, stored)) > MOST:
        raise ConditionFault(_("At most %(most)s conditions.") % {"most": MOST})
    return [[_checked(row) for row in group] for group in stored]


def refuse_threshold(stored: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """Return conditions that stand in no rule, or raise ConditionFault where one refers to a rule's own amount."""
    if any(THRESHOLD in row["values"] and row["operator"] in NUMBERS for group in stored for row in group):
        raise ConditionFault(_("“threshold” stands for the amount of a rule; write a number here."))
    return stored


def _read(line: str) -> dict[str, Any]:
    found = LINE.match(line)
    if found is None:
        raise ConditionFault(_("write an attribute, an operator and a value."))
    operator = found["operator"].lower()
    values = found["values"].split(",") if operator in MANY else [found["values"]]
    return _checked({"attribute": found["attribute"], "operator": operator, "values": [one.strip() for one in values]})


def _checked(row: Any) -> dict[str, Any]:
    if not isinstance(row, dict) or set(row) != {"attribute", "operator", "values"}:
        raise ConditionFault(_("a condition has an attribute, an operator and values."))
    name, operator, values = row["attribute"], row["operator"], row["values"]
    attribute = attribute_named(name) if isinstance(name, str) else None
    if attribute is None:
        known = ", ".join([*ATTRIBUTES, f"{CUSTOM}NAME"])
        raise ConditionFault(
            _("there is no attribute %(name)s; there are: %(known)s.") % {"name": name, "known": known}
        )
    if operator not in attribute.operators:
        raise ConditionFault(
            _("%(name)s takes one of: %(operators)s.") % {"name": name, "operators": ", ".join(attribute.operators)}
        )
    if not isinstance(values, list) or not values or not all(isinstance(one, str) and one for one in values):
        raise ConditionFault(_("a value is missing."))
    if len(values) > MOST or any(len(one) > LONGEST_VALUE for one in values):
        raise ConditionFault(
            _("at most %(most)s values of %(length)s characters.") % {"most": MOST, "length": LONGEST_VALUE}
        )
    if operator not in MANY and len(values) > 1:
        raise ConditionFault(_("only one value fits; write “in” for several."))
    if operator in NUMBERS:
        values = [_amount(name, values[0])]
    elif attribute.choices is not None and (unknown := [one for one in values if one not in attribute.choices]):
        raise ConditionFault(
            _("%(name)s has no value %(value)s; there are: %(known)s.")
            % {"name": name, "value": ", ".join(unknown), "known": ", ".join(attribute.choices)}
        )
    return {"attribute": name, "operator": operator, "values": list(values)}


def _amount(name: str, value: str) -> str:
    if value == THRESHOLD and name == "cost_impact":
        return value
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= Decimal(10) ** 11 or number != number.quantize(SMALLEST):
        raise ConditionFault(_("%(value)s is no number of at most 11 and 4 digits.") % {"value": value})
    return plain(number)


def _compare(operator: str, value: Decimal, limit: Decimal) -> bool:
    if operator == "above":
        return value > limit
    if operator == "at least":
        return value >= limit
    return value < limit if operator == "below" else value <= limit


def rule_name(code: str, name: str) -> str:
    """Return a rule's name for people: its own, else what the standard rule of its code is called."""
    if name:
        return name
    return str(RuleCode(code).label) if code in RuleCode.values else capfirst(code.replace("-", " "))
