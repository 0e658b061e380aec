"""Who decides while somebody is away."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from changes import permissions
from changes.models import Delegation
from changes.services.approvers import members_who_approve
from plm_project.accounts.models import Membership
from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, ValidationFailed
from products.services.inputs import clean


@transaction.atomic
def delegation_add(
    *,
    actor: Actor,
    deputy_id: uuid.UUID,
    first_day: dt.date,
    last_day: dt.date,
    person_id: uuid.UUID | None = None,
    note: str = "",
) -> Delegation:
    """Let ``deputy_id`` cast a person's votes from the first day to the last. Default for oneself; for others with
    plm.changes.configure.

    Raises ValidationFailed naming the field: days that are over or in the wrong order, a deputy who may not approve or is
    the person; Conflict where the person has a deputy on one of the days.
    """
    person_id = person_id or actor.user_id
    if person_id is None:
        raise ValidationFailed.field("person", _("Say who is away."))
    _require_may(actor, person_id)
    approvers = members_who_approve()
    if person_id not in approvers:
        raise ValidationFailed.field("person", _("Only somebody who may approve changes can hand it to a deputy."))
    if deputy_id not in approvers:
        raise ValidationFailed.field("deputy", _("The deputy must be somebody who may approve changes."))
    if last_day < clock.today():
        raise ValidationFailed.field("last_day", _("It is over already."))
    # Two delegations for one person at once wait here for each other.
    Membership.objects.select_for_update().get(user_id=person_id)
    record = Delegation(
        tenant_id=actor.tenant_id, person_id=person_id, deputy_id=deputy_id, first_day=first_day, last_day=last_day,
        note=note.strip(),
    )  # fmt: skip
    clean(record)
    same = Delegation.objects.filter(person_id=person_id, first_day__lte=last_day, last_day__gte=first_day)
    if other := same.select_related("deputy").first():
        raise Conflict(
            _("%(deputy)s stands in from %(first)s to %(last)s already: end that first.")
            % {"deputy": other.deputy.get_full_name(), "first": other.first_day, "last": other.last_day}
        )
    return record.save_as(actor, reason=_("deputy named"))


@transaction.atomic
def delegation_end(
    *, actor: Actor, delegation_id: uuid.UUID, reason: str = "", expected_version: int | None = None
) -> Delegation:
    """End a delegation: one that has not begun is removed, a running one was good until yesterday. Votes cast under it
    stand.

    For the person, and with plm.changes.configure. Raises NotFound, Conflict when it is over.
    """
    record = Delegation.objects.select_for_update().filter(pk=delegation_id).first()
    if record is None:
        raise NotFound(_("There is no such delegation."))
    _require_may(actor, record.person_id)
    record.expect_version(expected_version)
    today = clock.today()
    if record.last_day < today:
        raise Conflict(_("It is over already."))
    why = reason or _("ended")
    if record.first_day >= today:
        return record.soft_delete_as(actor, reason=why)
    record.last_day = today - dt.timedelta(days=1)
    return record.save_as(actor, reason=why, update_fields=["last_day"])


def _require_may(actor: Actor, person_id: uuid.UUID) -> None:
    if actor.may(permissions.CHANGES_CONFIGURE):
        return
    actor.require(permissions.CHANGES_APPROVE)
    if actor.user_id != person_id:
        raise PermissionDenied(_("Only they themselves, or who configures changes, can name somebody's deputy."))
