"""The story of the demo (data/story.json) as plain records: who works there, and what they changed when."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True)
class DemoTenant:
    """A tenant with the paths of its catalogue."""

    slug: str
    name: str
    currency: str
    financial_threshold: str
    parts: Path
    bom: Path


@dataclass(frozen=True)
class DemoPerson:
    """A person with roles by tenant."""

    key: str
    full_name: str
    email: str
    job_title: str
    show_at_start: bool
    roles: dict[str, list[str]]


@dataclass(frozen=True)
class DemoStep:
    """One step of a change, on a day."""

    action: str
    by: str
    on: dt.date
    comment: str


@dataclass(frozen=True)
class DemoChange:
    """An engineering change with its redlines and dispositions (as in the file) and steps."""

    tenant: str
    author: str
    fields: dict[str, Any]
    affected: list[str]
    redlines: list[dict[str, Any]]
    dispositions: list[dict[str, Any]]
    steps: list[DemoStep]
    final_status: str


@dataclass(frozen=True)
class Story:
    """Everything the demo loads."""

    tenants: list[DemoTenant]
    people: list[DemoPerson]
    changes: list[DemoChange]


def read_story() -> Story:
    """Read the story."""
    raw = json.loads((DATA / "story.json").read_text(encoding="utf-8"))
    return Story(
        tenants=[
            DemoTenant(
                entry["slug"],
                entry["name"],
                entry["currency"],
                entry["financial_threshold"],
                DATA / entry["parts"],
                DATA / entry["bom"],
            )
            for entry in raw["tenants"]
        ],
        people=[
            DemoPerson(
                key=entry["key"],
                full_name=entry["full_name"],
                email=entry["email"],
                job_title=entry["job_title"],
                show_at_start=entry["show_at_start"],
                roles={membership["tenant"]: membership["roles"] for membership in entry["memberships"]},
            )
            for entry in raw["people"]
        ],
        changes=[_change(entry) for entry in raw["changes"]],
    )


def _change(entry: dict[str, Any]) -> DemoChange:
    return DemoChange(
        tenant=entry["tenant"],
        author=entry["author"],
        fields={
            "change_title": entry["title"],
            "change_description": entry["description"],
            "change_type": entry["change_type"],
            "priority": entry["priority"],
            "urgency": entry["urgency"],
            "cost_impact": entry["cost_impact"],
            "reason_for_change": entry["reason_for_change"],
            "business_impact": entry["business_impact"],
        },
        affected=entry["affected_products"],
        redlines=entry["redlines"],
        dispositions=entry.get("dispositions", []),
        steps=[
            DemoStep(step["action"], step["by"], dt.date.fromisoformat(step["on"]), step["comment"])
            for step in entry["steps"]
        ],
        final_status=entry["final_status"],
    )
