"""Plays the demo's discussions (data/discussions.json): asked, answered and resolved by the people of the story."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from changes.models import AffectedProduct
from collaboration import services
from plm_project.accounts.actors import actor_for_user
from plm_project.accounts.models import User
from plm_project.core import clock
from plm_project.core.actor import Actor, acting_as
from plm_project.demo.story import DATA
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope


def discussions_play(tenants: dict[str, Tenant], people: dict[str, User]) -> None:
    """Play every thread of the file. The changes are there already."""
    for told in json.loads((DATA / "discussions.json").read_text(encoding="utf-8")):
        tenant = tenants[told["tenant"]]
        with tenant_scope(tenant.pk):
            _thread(told, {key: actor_for_user(user, tenant.pk) for key, user in people.items() if _in(told, key)})


def _in(told: dict[str, Any], key: str) -> bool:
    return key in {entry["by"] for entry in (*told["comments"], told.get("resolved", {"by": ""}))}


def _thread(told: dict[str, Any], actors: dict[str, Actor]) -> None:
    affected = AffectedProduct.objects.select_related("base_revision").get(
        change__change_title=told["change"], product__product_number=told["parent"]
    )
    line = affected.base_revision.lines.filter(find_number=told["find_no"]).order_by("pk")[0]
    first, *replies = told["comments"]
    with clock.fixed(dt.datetime.fromisoformat(first["at"])), acting_as(actors[first["by"]]):
        thread = services.thread_start(
            actor=actors[first["by"]],
            change_id=affected.change_id,
            line_id=line.pk,
            text=first["text"],
            is_blocking=told["blocking"],
        )
    for reply in replies:
        with clock.fixed(dt.datetime.fromisoformat(reply["at"])), acting_as(actors[reply["by"]]):
            services.comment_add(actor=actors[reply["by"]], thread_id=thread.pk, text=reply["text"])
    if end := told.get("resolved"):
        with clock.fixed(dt.datetime.fromisoformat(end["at"])), acting_as(actors[end["by"]]):
            services.thread_resolve(actor=actors[end["by"]], thread_id=thread.pk)
