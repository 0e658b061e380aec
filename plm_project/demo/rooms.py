"""Plays the demo's rooms (data/rooms.json): opened, written in and ended by the people of the story, on its days."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

from changes.models import EngineeringChange
from collaboration import services
from plm_project.accounts.actors import actor_for_user
from plm_project.accounts.models import User
from plm_project.core import clock
from plm_project.core.actor import Actor, acting_as
from plm_project.demo.story import DATA
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import Product


def rooms_play(tenants: dict[str, Tenant], people: dict[str, User]) -> None:
    """Play every room of the file. The catalogue and the changes are there already."""
    for room in json.loads((DATA / "rooms.json").read_text(encoding="utf-8")):
        tenant = tenants[room["tenant"]]
        with tenant_scope(tenant.pk):
            _Room(room, tenant, people).play()


class _Room:
    """One room: its story, and the ids that its board items were given."""

    def __init__(self, story: dict[str, Any], tenant: Tenant, people: dict[str, User]) -> None:
        self.story, self.people = story, people
        self.actors = {key: actor_for_user(people[key], tenant.pk) for key in (story["owner"], *story["participants"])}
        self.items: dict[str, str] = {}

    def play(self) -> None:
        """Open it, and as far as the story goes: start, write, end."""
        owner = self.actors[self.story["owner"]]
        session_id = self._at(self.story["created"], owner, self._open)
        if "started" not in self.story:
            return
        self._at(
            self.story["started"], owner, lambda actor: services.session_start(actor=actor, session_id=session_id)
        )
        for update in self.story["updates"]:
            self._at(
                update["at"],
                self.actors[update["by"]],
                lambda actor, told=update: services.update_store(
                    actor=actor, session_id=session_id, update=self._payload(told)
                ),
            )
        if "ended" in self.story:
            reason = self.story["end_reason"]
            self._at(
                self.story["ended"],
                owner,
                lambda actor: services.session_end(actor=actor, session_id=session_id, reason=reason),
            )

    def _at(self, moment: str, actor: Actor, act: Any) -> Any:
        with clock.fixed(dt.datetime.fromisoformat(moment)), acting_as(actor):
            return act(actor)

    def _open(self, actor: Actor) -> uuid.UUID:
        story = self.story
        when = story.get("scheduled_for")
        session = services.session_create(
            actor=actor,
            data={
                "title": story["title"],
                "description": story["description"],
                "features": story["features"],
                "scheduled_for": dt.datetime.fromisoformat(when) if when else None,
            },
            participants=[(self.people[key].pk, role) for key, role in story["participants"].items()],
            products=[Product.objects.get(product_number=number).pk for number in story["products"]],
            changes=[EngineeringChange.objects.get(change_title=title).pk for title in story["changes"]],
        )
        return session.pk

    def _payload(self, told: dict[str, Any]) -> dict[str, Any]:
        """Return the update as the socket would bring it."""
        if "chat" in told:
            mentions = [str(self.people[key].pk) for key in told.get("mentions", ())]
            return {"kind": "chat", "text": told["chat"], "mentions": mentions}
        place = {"x": told["x"], "y": told["y"]}
        if "move" in told:
            return {"kind": "item_move", "id": self.items[told["move"]], **place}
        type_ = "pin" if "pin" in told else "note"
        item_id = self.items[told[type_]] = str(uuid.uuid4())
        words = {"text": told["text"], "color": told["color"]}
        return {"kind": "item_add", "id": item_id, "type": type_, **place, **words}
