"""Proves for a whole structure what options, rules and line conditions can make of it, and finds what they should not.

A line is in a configuration when its own condition holds and one of the ways down to it is in. Both are literals of one
solver, shared by all lines of the same condition and way, so that 10,000 lines cost as many questions as they have
different conditions; and each answer decides at once all it is a witness for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from products.choices import FindingKind
from products.conditions import condition_choices
from products.configuring.choosing import ground_words
from products.configuring.problem import Broken, Problem
from products.configuring.solving import Solving


@dataclass(frozen=True)
class Conditioned:
    """The lines of a structure in columns, as ``selectors.graph`` has them: ``first[at]`` is where the lines of the
    product at ``at`` begin. ``order`` names each product before all it contains; the first is the root.
    """

    first: Sequence[int]
    child: Sequence[int]
    find_number: Sequence[int]
    condition: Sequence[str]
    optional: Sequence[bool]
    order: Sequence[int]
    root: int = 0

    def below(self, at: int) -> range:
        """Return the lines of the product at ``at``."""
        return range(self.first[at], self.first[at + 1])


@dataclass(frozen=True)
class Finding:
    """What is wrong, with the proof.

    ``lines`` are places. ``example`` is a counter-example: for a position a valid configuration that leaves it empty or
    fills it twice; for what can never be, the choices that would take it, with the rules they break (``broken``; both
    empty where no choice at all would). ``because``: the smallest set of rules that the proof stands on, in words.
    """

    kind: FindingKind
    lines: tuple[int, ...] = ()
    choice: str = ""
    example: tuple[str, ...] = ()
    broken: tuple[Broken, ...] = ()
    because: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """The findings, worst first. ``solved`` counts the questions that the solver was asked."""

    findings: tuple[Finding, ...]
    solved: int = field(default=0, compare=False)


def structure_check(problem: Problem, lines: Conditioned) -> Verdict:
    """Check options, rules and all lines of a structure. Where no choice keeps the rules, nothing else is asked."""
    unknown = list(_unknown(problem, lines))
    with Solving(problem) as solving:
        if not solving.holds():
            return Verdict((_contradictory(solving), *unknown), solving.solved)
        checked = _Lines(solving, lines)
        findings = (*_choices(solving), *checked.never(), *checked.positions(), *unknown)
        return Verdict(findings, solving.solved)


class _Lines:
    """The literals of all lines, and what is asked of them."""

    def __init__(self, solving: Solving, lines: Conditioned) -> None:
        self.solving, self.lines = solving, lines
        ways: list[list[int]] = [[] for _ in range(len(lines.first) - 1)]
        ways[lines.root].append(solving.true)
        self.own = [solving.of(text) for text in lines.condition]
        self.literal = [0] * len(lines.child)
        self.reached = [-solving.true] * len(ways)
        for at in lines.order:
            self.reached[at] = reached = solving.either(ways[at])
            for line in lines.below(at):
                self.literal[line] = solving.both((reached, self.own[line]))
                ways[lines.child[line]].append(self.literal[line])

    def never(self) -> Iterator[Finding]:
        """Find the lines that no valid configuration takes; those of one cause together."""
        by_literal: dict[int, list[int]] = {}
        for line, literal in enumerate(self.literal):
            by_literal.setdefault(literal, []).append(line)
        for literal in _impossible(self.solving, list(by_literal)):
            example, broken, because = _refusal(self.solving, literal)
            yield Finding(FindingKind.NEVER_SELECTABLE, tuple(by_literal[literal]), "", example, broken, because)

    def positions(self) -> Iterator[Finding]:
        """Find the positions (lines of one parent that share a find number) that a valid configuration leaves empty or
        fills twice. A position with an optional line may be empty: that is what optional means.
        """
        known: dict[tuple[int, ...], tuple[tuple[str, ...], tuple[bool, ...]] | None] = {}
        for at in self.lines.order:
            by_number: dict[int, list[int]] = {}
            for line in self.lines.below(at):
                by_number.setdefault(self.lines.find_number[line], []).append(line)
            for together in by_number.values():
                if len(together) > 1:
                    yield from self._position(at, tuple(together), known)

    def _position(
        self,
        at: int,
        together: tuple[int, ...],
        known: dict[tuple[int, ...], tuple[tuple[str, ...], tuple[bool, ...]] | None],
    ) -> Iterator[Finding]:
        solving, reached = self.solving, self.reached[at]
        literals = [self.literal[line] for line in together]
        questions = [(FindingKind.POSITION_DOUBLE, solving.two_of(literals))]
        if not any(self.lines.optional[line] for line in together):
            nothing = solving.both((reached, *(-self.own[line] for line in together)))
            questions.insert(0, (FindingKind.POSITION_EMPTY, nothing))
        for kind, question in questions:
            key = (question, *literals)
            if key not in known:
                holds = question != -solving.true and solving.holds(question)
                taken = tuple(solving.is_true(literal) for literal in literals) if holds else ()
                known[key] = (solving.chosen(), taken) if holds else None
            if (answer := known[key]) is not None:
                example, taken = answer
                twice = tuple(line for line, is_in in zip(together, taken, strict=True) if is_in)
                yield Finding(kind, twice if kind == FindingKind.POSITION_DOUBLE else together, "", example)


def _impossible(solving: Solving, literals: Sequence[int]) -> list[int]:
    """Return those that no valid configuration makes true, in their order."""
    open_ones = {literal for literal in literals if abs(literal) != solving.true}
    solving.prefer(sorted(open_ones))
    never = {literal for literal in literals if literal == -solving.true}
    while open_ones:
        literal = open_ones.pop()
        if not solving.holds(literal):
            never.add(literal)
            continue
        open_ones = {other for other in open_ones if not solving.is_true(other)}
    return [literal for literal in literals if literal in never]


def _refusal(solving: Solving, literal: int) -> tuple[tuple[str, ...], tuple[Broken, ...], tuple[str, ...]]:
    """Return a choice that would make the literal true, what it breaks, and why it cannot be."""
    because = solving.because([literal]) or []
    # Breaking one rule alone shows most clearly which one is in the way; else any of them, and at last all.
    alone = ([other for other in solving.grounds if other != ground] for ground in because)
    example: tuple[str, ...] | None = None  # choosing nothing may be the example, too
    for grounds in (*alone, []):
        if solving.holds(literal, grounds=grounds):
            example = solving.chosen()
            break
    if example is None:
        return (), (), tuple(ground_words(solving, because))
    broken = tuple(solving.problem.broken(example))
    return example, broken, tuple(ground_words(solving, because))


def _contradictory(solving: Solving) -> Finding:
    example, broken, because = _refusal(solving, solving.true)
    return Finding(FindingKind.CONTRADICTORY, (), "", example, broken, because)


def _choices(solving: Solving) -> Iterator[Finding]:
    words = {literal: word for word, literal in solving.literal.items()}
    for literal in _impossible(solving, list(words)):
        example, broken, because = _refusal(solving, literal)
        yield Finding(FindingKind.NEVER_CHOOSABLE, (), words[literal], example, broken, because)


def _unknown(problem: Problem, lines: Conditioned) -> Iterator[Finding]:
    places: dict[str, list[int]] = {}
    for line, text in enumerate(lines.condition):
        if text:
            places.setdefault(text, []).append(line)
    where: dict[str, tuple[list[int], list[str]]] = {}
    for text, named in places.items():
        for word in problem.unknown(condition_choices(text)):
            where.setdefault(word, ([], []))[0].extend(named)
    for rule in problem.rules:
        for word in problem.unknown(problem.rule_words(rule)):
            where.setdefault(word, ([], []))[1].append(rule.text)
    for word in sorted(where):
        found, rules = where[word]
        yield Finding(FindingKind.UNKNOWN_CHOICE, tuple(sorted(found)), word, because=tuple(rules))
