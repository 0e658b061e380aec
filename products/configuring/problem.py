"""What may be chosen for a product, and the rules, as plain values."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from products.choices import OptionRuleKind
from products.conditions import condition_choices, condition_holds


@dataclass(frozen=True)
class Choice:
    """One choice; ``word`` is ``family:choice``."""

    word: str
    name: str


@dataclass(frozen=True)
class Option:
    """A family with the choices that the product has: exactly one is taken where ``is_required``, else at most one."""

    family: str
    name: str
    choices: tuple[Choice, ...]
    is_required: bool = True
    default: str = ""
    key: uuid.UUID | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The choices as conditions name them."""
        return tuple(choice.word for choice in self.choices)

    @property
    def text(self) -> str:
        """What the option itself asks, in words."""
        return _("%(family)s must be chosen") % {"family": self.name}


@dataclass(frozen=True)
class ChoiceRule:
    """Where ``condition`` holds, ``then`` must hold (requires), or must not (excludes)."""

    kind: OptionRuleKind
    condition: str
    then: str
    note: str = ""
    key: uuid.UUID | None = None

    def is_kept(self, chosen: frozenset[str]) -> bool:
        """Return whether exactly these choices keep the rule."""
        if not condition_holds(self.condition, chosen):
            return True
        return condition_holds(self.then, chosen) == (self.kind == OptionRuleKind.REQUIRES)

    @property
    def text(self) -> str:
        """The rule in words."""
        words = {"condition": self.condition, "then": self.then}
        if self.kind == OptionRuleKind.REQUIRES:
            return _("%(condition)s requires %(then)s") % words
        return _("%(condition)s excludes %(then)s") % words


@dataclass(frozen=True)
class Broken:
    """What keeps choices from being a configuration: the words, and the rule or the family where there is one."""

    text: str
    rule: ChoiceRule | None = None
    family: str = ""


@dataclass(frozen=True)
class Problem:
    """Options and rules of one product."""

    options: tuple[Option, ...]
    rules: tuple[ChoiceRule, ...]

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of all choices by their word."""
        return {choice.word: choice.name for option in self.options for choice in option.choices}

    @cached_property
    def family_names(self) -> dict[str, str]:
        """The names of the families by their code."""
        return {option.family: option.name for option in self.options}

    def is_choice(self, word: str) -> bool:
        """Return whether the product has the choice."""
        return word in self.names

    def unknown(self, words: Iterable[str]) -> list[str]:
        """Return those that the product does not have, in order of the alphabet."""
        return sorted({word for word in words if word not in self.names})

    def rule_words(self, rule: ChoiceRule) -> frozenset[str]:
        """Return the choices that a rule names."""
        return condition_choices(rule.condition) | condition_choices(rule.then)

    def broken(self, words: Iterable[str]) -> list[Broken]:
        """Return what exactly these choices break; empty: they are a valid configuration. What is not named is not
        chosen.
        """
        return list(self._broken(frozenset(words)))

    def _broken(self, chosen: frozenset[str]) -> Iterator[Broken]:
        for word in self.unknown(chosen):
            yield Broken(_("The product has no choice %(choice)s") % {"choice": word}, family=word.partition(":")[0])
        for option in self.options:
            taken = [word for word in option.words if word in chosen]
            if len(taken) > 1:
                words = {"family": option.name, "choices": ", ".join(taken)}
                yield Broken(_("%(family)s takes one choice: %(choices)s") % words, family=option.family)
            elif option.is_required and not taken:
                yield Broken(option.text, family=option.family)
        for rule in self.rules:
            if not rule.is_kept(chosen):
                yield Broken(rule.text, rule=rule)
