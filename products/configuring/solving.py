"""A problem handed to a SAT solver (python-sat): variables, clauses, and answers as choices.

Each rule, and each option's being required, hangs on a literal of its own that is assumed true. So the same solver
answers with all rules, with some, and names those that a refusal stands on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import TracebackType

from lark import Token, Tree
from pysat.solvers import Solver

from products.choices import OptionRuleKind
from products.conditions import Condition, condition_parse
from products.configuring.problem import ChoiceRule, Option, Problem

SOLVER = "glucose4"
Ground = Option | ChoiceRule  # what a refusal can stand on


class Solving:
    """A solver that knows a problem. Close it, or use it in a ``with`` statement.

    A condition's literal is equivalent to it (Tseitin's encoding in both directions), so that an answer can be read off
    for conditions that were not asked about. Choices that the product does not have are never chosen.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._solver = Solver(name=SOLVER)
        self._count = 0
        self._texts: dict[str, int] = {}
        self._both: dict[tuple[int, ...], int] = {}
        self.true = self._new()
        self.add(self.true)
        self.literal = {word: self._new() for option in problem.options for word in option.words}
        self.grounds: dict[int, Ground] = {}
        for option in problem.options:
            self._option(option)
        for rule in problem.rules:
            self._rule(rule)
        self.model: list[int] = []
        self.solved = 0

    def __enter__(self) -> Solving:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._solver.delete()

    # --- clauses ----------------------------------------------------------------------------------------------------
    def add(self, *clause: int) -> None:
        """Add a clause."""
        self._solver.add_clause(list(clause))

    def of(self, text: str) -> int:
        """Return the literal of a condition; the empty one is true. O(1) for a text seen before."""
        if text not in self._texts:
            parsed = condition_parse(text)
            self._texts[text] = self.true if parsed is None else self._node(parsed)
        return self._texts[text]

    def both(self, literals: Iterable[int]) -> int:
        """Return a literal that is true when all of these are."""
        parts = sorted({literal for literal in literals if literal != self.true})
        if -self.true in parts or any(-literal in parts for literal in parts):
            return -self.true
        if len(parts) < 2:
            return parts[0] if parts else self.true
        known = self._both.get(tuple(parts))
        if known is None:
            known = self._both[tuple(parts)] = self._new()
            for literal in parts:
                self.add(-known, literal)
            self.add(known, *(-literal for literal in parts))
        return known

    def either(self, literals: Iterable[int]) -> int:
        """Return a literal that is true when any of these is."""
        return -self.both(-literal for literal in literals)

    def two_of(self, literals: Sequence[int]) -> int:
        """Return a literal that is true when at least two of these are. Linear in their number."""
        seen, pairs = -self.true, []
        for literal in literals:
            pairs.append(self.both((seen, literal)))
            seen = self.either((seen, literal))
        return self.either(pairs)

    # --- questions --------------------------------------------------------------------------------------------------
    def holds(self, *wanted: int, grounds: Iterable[int] | None = None) -> bool:
        """Return whether some choice makes all of ``wanted`` true, under all rules or under those ``grounds`` alone.

        ``chosen`` then reads the choice.
        """
        assumed = list(self.grounds if grounds is None else grounds)
        self.solved += 1
        found = bool(self._solver.solve(assumptions=[*assumed, *wanted]))
        self.model = self._solver.get_model() if found else []
        return found

    def prefer(self, literals: Iterable[int]) -> None:
        """Try these first: answers then decide many questions at once."""
        self._solver.set_phases(list(literals))

    def is_true(self, literal: int) -> bool:
        """Return whether the last answer makes the literal true; what no clause names is not chosen."""
        at = abs(literal) - 1
        return self.model[at] == literal if at < len(self.model) else literal < 0

    def chosen(self) -> tuple[str, ...]:
        """Return the choices of the last answer, in order of the alphabet."""
        return tuple(sorted(word for word, literal in self.literal.items() if self.is_true(literal)))

    def because(self, wanted: Sequence[int], extra: Sequence[int] = ()) -> list[int] | None:
        """Return a smallest set of grounds (and of ``extra`` literals) under which ``wanted`` cannot be; None where it
        can. Smallest: leaving any of it out makes it possible.
        """
        if self._solver.solve(assumptions=[*self.grounds, *extra, *wanted]):
            return None
        core = set(self._solver.get_core() or ())
        left = [literal for literal in (*self.grounds, *extra) if literal in core]
        for literal in tuple(left):
            without = [other for other in left if other != literal]
            if not self._solver.solve(assumptions=[*without, *wanted]):
                core = set(self._solver.get_core() or ())
                left = [other for other in without if other in core]
        return left

    # --- encoding ---------------------------------------------------------------------------------------------------
    def _new(self) -> int:
        self._count += 1
        return self._count

    def _option(self, option: Option) -> None:
        literals = [self.literal[word] for word in option.words]
        self.add(-self.two_of(literals))
        if option.is_required:
            ground = self._new()
            self.add(-ground, *literals)
            self.grounds[ground] = option

    def _rule(self, rule: ChoiceRule) -> None:
        ground, then = self._new(), self.of(rule.then)
        self.add(-ground, -self.of(rule.condition), then if rule.kind == OptionRuleKind.REQUIRES else -then)
        self.grounds[ground] = rule

    def _node(self, node: Condition) -> int:
        if isinstance(node, Token):
            return self.literal.get(str(node), -self.true)
        parts = [self._node(part) for part in node.children if isinstance(part, (Token, Tree))]
        if node.data == "negated":
            return -parts[0]
        return self.either(parts) if node.data == "either" else self.both(parts)
