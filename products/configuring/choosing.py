"""What a choice made so far leaves open: which choices are still possible, which are ruled out and why, which are forced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from products.configuring.problem import Broken, Choice, Option, Problem
from products.configuring.solving import Solving


@dataclass(frozen=True)
class ChoiceState:
    """One choice beside what is chosen of the other families. ``because`` names the rules and choices that rule it out."""

    choice: Choice
    is_chosen: bool
    is_possible: bool
    is_forced: bool
    because: tuple[str, ...] = ()


@dataclass(frozen=True)
class OptionState:
    """One option with its choices. ``may_be_none``: nothing of it need be taken. ``is_blocked``: what is chosen of the
    other families cannot be together, so that nothing here is possible, whatever is taken.
    """

    option: Option
    choices: tuple[ChoiceState, ...]
    may_be_none: bool
    is_blocked: bool = False

    @property
    def is_chosen(self) -> bool:
        """Whether something of it is taken."""
        return any(state.is_chosen for state in self.choices)


@dataclass(frozen=True)
class Choosing:
    """What is chosen, and what that leaves.

    ``broken``: what exactly these choices break (empty: they are a valid configuration). ``conflict``: the smallest set
    of rules and choices that cannot hold together (empty: the choice can be completed).
    """

    chosen: tuple[str, ...]
    options: tuple[OptionState, ...]
    broken: tuple[Broken, ...]
    conflict: tuple[str, ...]

    @property
    def is_valid(self) -> bool:
        """Whether exactly these choices are a configuration."""
        return not self.broken

    @property
    def can_be_completed(self) -> bool:
        """Whether more choices can make a configuration of them."""
        return not self.conflict

    @property
    def forced(self) -> list[str]:
        """What must be chosen too."""
        return [state.choice.word for option in self.options for state in option.choices if state.is_forced]


def choosing_of(problem: Problem, words: Iterable[str]) -> Choosing:
    """Say what ``words`` break and leave open. Two questions to the solver for each choice of the product."""
    chosen = frozenset(words)
    unknown = problem.unknown(chosen)
    with Solving(problem) as solving:
        taken = [solving.literal[word] for word in sorted(chosen) if problem.is_choice(word)]
        conflict = solving.because((), taken)
        options = tuple(_option(solving, option, chosen) for option in problem.options)
        words_of = tuple(ground_words(solving, conflict)) if conflict is not None else ()
    unknown_words = tuple(entry.text for entry in problem.broken(unknown)[: len(unknown)])
    broken = tuple(problem.broken(chosen))
    return Choosing(tuple(sorted(chosen)), options, broken, unknown_words + words_of)


def completed(problem: Problem, words: Iterable[str]) -> frozenset[str]:
    """Return ``words`` with the default choices of the families nothing is chosen of, as far as they go together."""
    chosen = set(words)
    with Solving(problem) as solving:
        for option in problem.options:
            if not option.default or chosen.intersection(option.words):
                continue
            wanted = [solving.literal[word] for word in {*chosen, option.default} if problem.is_choice(word)]
            if solving.holds(*wanted):
                chosen.add(option.default)
    return frozenset(chosen)


def ground_words(solving: Solving, literals: Iterable[int]) -> list[str]:
    """Return rules, required options and choices in words."""
    names = {literal: word for word, literal in solving.literal.items()}
    return [solving.grounds[entry].text if entry in solving.grounds else names[entry] for entry in literals]


def _option(solving: Solving, option: Option, chosen: frozenset[str]) -> OptionState:
    others = [solving.literal[word] for word in sorted(chosen - {*option.words}) if word in solving.literal]
    states = []
    for choice in option.choices:
        own = solving.literal[choice.word]
        because = solving.because([own], others)
        possible = because is None
        forced = possible and choice.word not in chosen and not solving.holds(*others, -own)
        words = () if because is None else tuple(ground_words(solving, because))
        states.append(ChoiceState(choice, choice.word in chosen, possible, forced, words))
    nothing = [-solving.literal[word] for word in option.words]
    may_be_none = not option.is_required and solving.holds(*others, *nothing)
    return OptionState(option, tuple(states), may_be_none, not solving.holds(*others))
