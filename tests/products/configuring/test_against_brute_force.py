"""Checker, counter and choosing against every assignment, on small random products."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from products.choices import FindingKind, OptionRuleKind
from products.conditions import condition_holds
from products.configuring.checking import Conditioned, Finding, structure_check
from products.configuring.choosing import choosing_of
from products.configuring.counting import configurations_count
from products.configuring.problem import Choice, ChoiceRule, Option, Problem

WORDS = [f"{family}:{choice}" for family in "abc" for choice in "123"]
NOWHERE = "z:9"  # no option of the product


def conditions(*, empty: bool = False) -> st.SearchStrategy[str]:
    word = st.sampled_from([*WORDS, NOWHERE])
    deeper = st.recursive(
        word,
        lambda inner: st.one_of(
            inner.map(lambda text: f"not ({text})"),
            st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda part: f"({' '.join(part)})"),
        ),
        max_leaves=4,
    )
    return st.one_of(st.just(""), deeper) if empty else deeper


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    options = []
    for family in "abc":
        words = [f"{family}:{code}" for code in "123"[: draw(st.integers(1, 3))]]
        options.append(Option(family, family, tuple(Choice(word, word) for word in words), draw(st.booleans())))
    kinds = st.sampled_from(list(OptionRuleKind))
    rules = draw(st.lists(st.builds(ChoiceRule, kinds, conditions(), conditions()), max_size=4))
    return Problem(tuple(options[: draw(st.integers(0, 3))]), tuple(rules))


@st.composite
def structures(draw: st.DrawFn) -> Conditioned:
    """Up to five products, each holding later ones alone: there is no cycle, and some are never reached."""
    size = draw(st.integers(1, 5))
    first, child, find, condition, optional = [0], [], [], [], []
    for at in range(size):
        for _ in range(draw(st.integers(0, 4)) if at < size - 1 else 0):
            child.append(draw(st.integers(at + 1, size - 1)))
            find.append(draw(st.integers(1, 2)))
            condition.append(draw(conditions(empty=True)))
            optional.append(draw(st.integers(0, 9)) == 0)
        first.append(len(child))
    return Conditioned(first, child, find, condition, optional, range(size))


def assignments(problem: Problem) -> Iterator[frozenset[str]]:
    """Every choice of at most one of each family."""
    for picked in product(*(("", *option.words) for option in problem.options)):
        yield frozenset(filter(None, picked))


def valid(problem: Problem) -> list[frozenset[str]]:
    found = []
    for chosen in assignments(problem):
        kept = all(option.words and (not option.is_required or chosen & {*option.words}) for option in problem.options)
        for rule in problem.rules:
            both = condition_holds(rule.condition, chosen), condition_holds(rule.then, chosen)
            kept = kept and both != ((True, False) if rule.kind == "requires" else (True, True))
        if kept:
            found.append(chosen)
    return found


def lines_in(lines: Conditioned, chosen: frozenset[str]) -> tuple[set[int], set[int]]:
    """The lines of a configuration, and the products that are in it."""
    taken: set[int] = set()
    reached, waiting = {0}, [0]
    while waiting:
        for line in lines.below(waiting.pop()):
            if condition_holds(lines.condition[line], chosen):
                taken.add(line)
                if lines.child[line] not in reached:
                    reached.add(lines.child[line])
                    waiting.append(lines.child[line])
    return taken, reached


def positions(lines: Conditioned) -> Iterator[tuple[int, list[int]]]:
    for at in range(len(lines.first) - 1):
        for number in (1, 2):
            together = [line for line in lines.below(at) if lines.find_number[line] == number]
            if len(together) > 1:
                yield at, together


def of_kind(findings: tuple[Finding, ...], kind: FindingKind) -> list[Finding]:
    return [finding for finding in findings if finding.kind == kind]


@settings(max_examples=100, deadline=None)
@given(problems(), structures())
def test_the_check_finds_what_every_assignment_shows_and_nothing_else(problem: Problem, lines: Conditioned) -> None:
    findings = structure_check(problem, lines).findings
    good = valid(problem)
    assert bool(of_kind(findings, FindingKind.CONTRADICTORY)) == (not good)
    if not good:
        assert {finding.kind for finding in findings} <= {FindingKind.CONTRADICTORY, FindingKind.UNKNOWN_CHOICE}
        return
    built = {chosen: lines_in(lines, chosen) for chosen in good}
    choosable = set().union(*good)
    assert {finding.choice for finding in of_kind(findings, FindingKind.NEVER_CHOOSABLE)} == {
        word for option in problem.options for word in option.words if word not in choosable
    }
    never = set(range(len(lines.child))) - set().union(*(taken for taken, _reached in built.values()))
    assert {line for finding in of_kind(findings, FindingKind.NEVER_SELECTABLE) for line in finding.lines} == never
    empty, double = set(), set()
    for at, together in positions(lines):
        counts = [len(taken & {*together}) for taken, reached in built.values() if at in reached]
        if 0 in counts and not any(lines.optional[line] for line in together):
            empty.add(tuple(together))
        if any(count > 1 for count in counts):
            double.add(tuple(together))
    assert {finding.lines for finding in of_kind(findings, FindingKind.POSITION_EMPTY)} == empty
    found = of_kind(findings, FindingKind.POSITION_DOUBLE)
    assert len(found) == len(double)
    assert all(any({*finding.lines} <= {*together} for together in double) for finding in found)


@settings(max_examples=100, deadline=None)
@given(problems(), structures())
def test_every_finding_brings_its_proof(problem: Problem, lines: Conditioned) -> None:
    good = valid(problem)
    for finding in structure_check(problem, lines).findings:
        chosen = frozenset(finding.example)
        if finding.kind in (FindingKind.POSITION_EMPTY, FindingKind.POSITION_DOUBLE):
            assert chosen in good
            taken = lines_in(lines, chosen)[0] & {*finding.lines}
            assert taken == ({*finding.lines} if finding.kind == FindingKind.POSITION_DOUBLE else set())
        elif finding.kind != FindingKind.UNKNOWN_CHOICE:
            if not finding.because:  # no choice at all, kept rules or not
                assert finding.example == ()
                assert not any({*finding.lines} & lines_in(lines, entry)[0] for entry in assignments(problem))
                continue
            assert chosen not in good
            assert [entry.text for entry in finding.broken] == [entry.text for entry in problem.broken(chosen)]
            assert {*finding.lines} <= lines_in(lines, chosen)[0]
            assert not finding.choice or finding.choice in chosen


@settings(max_examples=100, deadline=None)
@given(problems(), st.sets(st.sampled_from(WORDS), max_size=2))
def test_the_count_is_that_of_every_assignment(problem: Problem, chosen: set[str]) -> None:
    good = valid(problem)
    assert configurations_count(problem) == len(good)
    assert configurations_count(problem, chosen) == sum(chosen <= entry for entry in good)


@settings(max_examples=100, deadline=None)
@given(problems(), st.data())
def test_choosing_says_what_remains_possible(problem: Problem, data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(list(assignments(problem))))
    good = valid(problem)
    answer = choosing_of(problem, chosen)
    assert answer.is_valid == (chosen in good)
    assert answer.can_be_completed == any(chosen <= entry for entry in good)
    for entry in answer.options:
        others = chosen - {*entry.option.words}
        with_others = [one for one in good if others <= one]
        for state in entry.choices:
            word = state.choice.word
            assert state.is_possible == any(word in one for one in with_others)
            assert state.is_forced == (
                state.is_possible and word not in chosen and all(word in one for one in with_others)
            )
            assert bool(state.because) == (not state.is_possible)


@settings(max_examples=100, deadline=None)
@given(problems())
def test_a_contradiction_names_a_smallest_set_of_rules(problem: Problem) -> None:
    found = of_kind(
        structure_check(problem, Conditioned([0, 0], [], [], [], [], [0])).findings, FindingKind.CONTRADICTORY
    )
    if not found or len({rule.text for rule in problem.rules}) < len(problem.rules):
        return
    named = {*found[0].because}

    def left(texts: set[str]) -> bool:
        """Whether some choice keeps these rules and required options alone."""
        options = tuple(
            Option(entry.family, entry.name, entry.choices, entry.is_required and entry.text in texts)
            for entry in problem.options
        )
        return bool(valid(Problem(options, tuple(rule for rule in problem.rules if rule.text in texts))))

    assert not left(named)
    assert all(left(named - {one}) for one in named)


def test_large_families_and_rules_are_counted_and_checked() -> None:
    """60 families of 6 choices, joined in pairs: far beyond trying them all."""
    families = [f"f{number:02}" for number in range(60)]
    options = tuple(
        Option(family, family, tuple(Choice(f"{family}:{code}", str(code)) for code in range(6)))
        for family in families
    )
    rules = tuple(
        ChoiceRule(OptionRuleKind.EXCLUDES, f"{one}:0", f"{other}:0")
        for one, other in zip(families[::2], families[1::2], strict=True)
    )
    problem = Problem(options, rules)
    assert configurations_count(problem) == 35**30
    pairs = list(combinations(families[:20], 2))
    texts = [f"{one}:1 and {other}:2" for one, other in pairs] * 60
    lines = Conditioned(
        [0, len(texts), *[len(texts)] * len(texts)],
        range(1, len(texts) + 1),
        range(len(texts)),
        texts,
        [False] * len(texts),
        range(len(texts) + 1),
    )
    verdict = structure_check(problem, lines)
    assert verdict.findings == ()
    assert verdict.solved <= 1 + len(problem.names) + len(set(texts))  # a question each at most, whatever the lines
