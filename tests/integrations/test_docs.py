"""docs/integrations.md says what the registries say."""

from __future__ import annotations

from pathlib import Path

from integrations.callbacks.registry import callback_kinds
from integrations.contracts.registry import contracts
from integrations.neighbours import neighbours

PAGE = Path(__file__).resolve().parents[2] / "docs" / "integrations.md"


def contract_table() -> str:
    """Every contract as the page has it."""
    rows = [
        f"| `{entry.key}` {entry.version} | {entry.neighbour} | {entry.method} `{entry.path or 'the address itself'}` "
        f"| {'every event' if len(entry.triggers) > 10 else ', '.join(entry.triggers) or 'a person asks'} |"
        for entry in contracts()
    ]
    return "\n".join(["| contract | with | call | after |", "|---|---|---|---|", *rows])


def callback_table() -> str:
    """Every callback as the page has it."""
    rows = [
        f"| `{kind.kind}` | {kind.neighbour} | {', '.join(name for name in kind.schema['required'] if name != 'kind')} |"
        for kind in callback_kinds()
    ]
    return "\n".join(["| kind | from | members |", "|---|---|---|", *rows])


def test_the_page_has_every_contract_and_callback() -> None:
    text = PAGE.read_text()
    assert contract_table() in text
    assert callback_table() in text
    for neighbour in neighbours():
        assert neighbour.key in text or not [entry for entry in contracts() if entry.neighbour == neighbour.key]
