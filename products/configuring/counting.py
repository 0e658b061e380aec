"""How many valid configurations there are, exactly, by binary decision diagrams (OxiDD).

Families that no rule joins are counted apart and multiplied, so that a diagram holds only what depends on each other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from math import prod
from typing import Any

from lark import Token
from oxidd.bdd import BDDManager
from oxidd.util import DDMemoryError

from products.choices import OptionRuleKind
from products.conditions import Condition, condition_choices, condition_parse
from products.configuring.problem import ChoiceRule, Option, Problem

NODES, CACHE = 1 << 20, 1 << 18  # about 32 MB at most; rules that need more are not counted


def configurations_count(problem: Problem, chosen: Iterable[str] = ()) -> int | None:
    """Return the number of valid configurations that hold all of ``chosen``; None where the rules are too entangled to
    be counted in the room given.
    """
    fixed = frozenset(chosen)
    if problem.unknown(fixed):
        return 0
    by_family = {option.family: option for option in problem.options}
    if any(not rule.is_kept(frozenset()) for rule in problem.rules if not _families(problem, rule)):
        return 0  # a rule that no choice of the product can keep
    try:
        return prod(
            _count([by_family[family] for family in families], rules, fixed) for families, rules in _parts(problem)
        )
    except DDMemoryError:
        return None


def _families(problem: Problem, rule: ChoiceRule) -> list[str]:
    return sorted({word.partition(":")[0] for word in problem.rule_words(rule) if problem.is_choice(word)})


def _parts(problem: Problem) -> list[tuple[list[str], list[ChoiceRule]]]:
    """Return the groups of families that rules join, each in an order that keeps joined ones near, with its rules."""
    joined: dict[str, set[str]] = {option.family: set() for option in problem.options}
    named = {rule: _families(problem, rule) for rule in problem.rules}
    for families in named.values():
        for family in families:
            joined[family].update(families)
    parts, seen = [], set()
    for start in sorted(joined, key=lambda family: (len(joined[family]), family)):
        order, waiting = [], deque([start])
        while waiting:
            family = waiting.popleft()
            if family in seen:
                continue
            seen.add(family)
            order.append(family)
            waiting.extend(sorted(joined[family] - seen, key=lambda other: (len(joined[other]), other)))
        if order:
            inside = set(order)
            parts.append((order, [rule for rule, families in named.items() if families and families[0] in inside]))
    return parts


def _count(options: list[Option], rules: list[ChoiceRule], fixed: frozenset[str]) -> int:
    if not rules:
        return prod(_ways(option, fixed) for option in options)
    words = [word for option in options for word in option.words]
    manager = BDDManager(NODES, CACHE, 1)
    manager.add_vars(len(words))
    variable = {word: manager.var(place) for place, word in enumerate(words)}
    depth = {word: place for place, word in enumerate(words)}
    whole = manager.true()
    # Deepest first, so that what is built so far is only ever extended upwards.
    for option in reversed(options):
        whole = _one_of(manager, variable, option, fixed) & whole
    for rule in sorted(rules, key=lambda rule: -_deepest(rule, depth)):
        then = _function(manager, variable, rule.then)
        wanted = then if rule.kind == OptionRuleKind.REQUIRES else ~then
        whole = whole & (~_function(manager, variable, rule.condition) | wanted)
    return int(whole.sat_count(len(words)))


def _ways(option: Option, fixed: frozenset[str]) -> int:
    taken = sum(word in fixed for word in option.words)
    if taken:
        return int(taken == 1)
    return len(option.words) + (not option.is_required)


def _deepest(rule: ChoiceRule, depth: dict[str, int]) -> int:
    named = condition_choices(rule.condition) | condition_choices(rule.then)
    return max((depth[word] for word in named if word in depth), default=0)


def _one_of(manager: Any, variable: dict[str, Any], option: Option, fixed: frozenset[str]) -> Any:
    """Exactly one (at most one) choice of the option, built from the last upwards; with what is fixed."""
    none, one = manager.true(), manager.false()
    for word in reversed(option.words):
        own = variable[word]
        none, one = ~own & none, (own & none) | (~own & one)
    whole = one if option.is_required else one | none
    for word in option.words:
        if word in fixed:
            whole = whole & variable[word]
    return whole


def _function(manager: Any, variable: dict[str, Any], text: str) -> Any:
    parsed = condition_parse(text)
    return manager.true() if parsed is None else _node(manager, variable, parsed)


def _node(manager: Any, variable: dict[str, Any], node: Condition) -> Any:
    if isinstance(node, Token):
        return variable.get(str(node), manager.false())
    parts: list[Any] = [_node(manager, variable, part) for part in node.children]  # type: ignore[arg-type]
    if node.data == "negated":
        return ~parts[0]
    whole = parts[0]
    for part in parts[1:]:
        whole = whole | part if node.data == "either" else whole & part
    return whole
