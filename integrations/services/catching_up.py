"""Telling a neighbour what it missed: what happened before it was configured, or while it was switched off."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from integrations import permissions
from integrations.contracts.base import Contract, Subject, always
from integrations.contracts.registry import contracts_of
from integrations.models import Target
from integrations.neighbours import neighbour
from integrations.services.making import deliveries_owed
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, ValidationFailed
from plm_project.outbox.models import OutboxEvent

MOST = 50_000  # deliveries made in one go
PORTION = 2_000


@transaction.atomic
def neighbour_catch_up(*, actor: Actor, neighbour_key: str, since: dt.datetime | None = None) -> int:
    """Make the deliveries that this neighbour has missed, of everything or since a moment; return how many.

    A contract that tells how something stands is kept once for each thing, by its latest event; one that tells of the
    events themselves, once for each event. What was made before is not made again, however often this is asked for.
    Raises NotFound, Conflict for a neighbour that is not switched on, ValidationFailed for more than ``MOST``.
    """
    actor.require(permissions.INTEGRATIONS_OPERATE)
    neighbour(neighbour_key)
    target = Target.objects.select_for_update().filter(neighbour_key=neighbour_key, is_enabled=True).first()
    if target is None:
        raise Conflict(_("Configure this neighbour and switch it on first."))
    made = 0
    for entry in contracts_of(neighbour_key):
        keys = _told_of(entry, since)
        if len(keys) > MOST:
            raise ValidationFailed(_("More than %(most)d: say since when.") % {"most": MOST})
        for start in range(0, len(keys), PORTION):
            events = list(OutboxEvent.objects.filter(pk__in=keys[start : start + PORTION]).order_by("id"))
            made += len(deliveries_owed(actor, [(event, entry, target) for event in events]))
    return made


def _told_of(entry: Contract, since: dt.datetime | None) -> list[uuid.UUID]:
    """Return the keys of the events to tell of, the oldest first."""
    rows = OutboxEvent.objects.filter(event_type__in=entry.triggers).order_by("id")
    if since is not None:
        rows = rows.filter(timestamp__gte=since)
    if entry.tells_events:
        return list(rows.values_list("pk", flat=True)[: MOST + 1])
    if entry.wants is always:
        latest = Window(RowNumber(), partition_by=F("entity_id"), order_by=F("position").desc())
        return list(rows.annotate(nth=latest).filter(nth=1).values_list("pk", flat=True)[: MOST + 1])
    wanted: dict[uuid.UUID, uuid.UUID] = {}
    for event in rows.iterator(PORTION):
        if entry.wants(Subject(event.pk, event.event_type, event.entity_id, event.event_data)):
            wanted[event.entity_id] = event.pk
    return sorted(wanted.values())
