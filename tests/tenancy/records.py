"""One maker per tenant-owned model, and the world of two tenants that the isolation tests attack.

A new model needs an entry in MAKERS (history tables need none): the isolation tests fail and name it until it has one.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.db import models, transaction

from integrations import models as integrations
from integrations.services import target_save, webhook_create
from plm_project.accounts.models import Membership, User
from plm_project.accounts.roles import Role
from plm_project.accounts.services import membership_grant, token_issue
from plm_project.api.models import IdempotencyRecord
from plm_project.core import clock
from plm_project.core.ids import uuid7
from plm_project.outbox.events import publish
from plm_project.outbox.models import Delivery
from plm_project.tenancy.history import ScopedHistory
from plm_project.tenancy.models import NumberSequence, Tenant
from plm_project.tenancy.numbering import take_number
from plm_project.tenancy.row_security import tenant_tables
from plm_project.tenancy.scope import tenant_scope
from products.events import PRODUCT_CREATED
from products.models import ExchangeRate
from products.services.supplier_offers import exchange_rate_create
from tests.factories import (
    make_alternate,
    make_baseline,
    make_configuration,
    make_document,
    make_family,
    make_line,
    make_manufacturer,
    make_offer,
    make_option,
    make_part,
    make_product,
    make_rule,
    make_source,
    make_substitute,
    make_supplier,
    revision_of,
    system_actor,
)

Maker = Callable[[], models.Model]


def _key() -> str:
    return uuid7().hex[-12:]


def _member() -> Membership:
    user = User.objects.create_user(f"{_key()}@example.com")
    return membership_grant(actor=system_actor(), user=user, roles=[Role.TENANT_ADMIN])


def _number_sequence() -> NumberSequence:
    key = _key()
    take_number(key)
    return NumberSequence.objects.get(key=key)


def _stored_answer() -> IdempotencyRecord:
    return IdempotencyRecord.objects.create(
        caller="user:x",
        key=_key(),
        method="POST",
        path="/",
        request_hash="0" * 64,
        response_status=201,
        expires_at=clock.now() + dt.timedelta(hours=1),
    )


def _event() -> models.Model:
    return publish(system_actor(), PRODUCT_CREATED, entity=make_product(_key()), data={})


def _saved(label: str, **values: Any) -> models.Model:
    """Save a record of the changes context with its bare columns: its services allow only what the trade allows."""
    from django.apps import apps

    record = apps.get_model(label)(**values)
    if hasattr(record, "save_as"):
        record.save_as(system_actor(), reason="tests")
    else:
        record.save()
    return record


def _price() -> models.Model:
    price = make_offer(make_part(_key(), "MPN-1"), _key(), (1, 2)).breaks.first()
    assert price is not None
    return price


def _rate() -> models.Model:
    values = {"currency": "JPY", "rate": Decimal("0.006"), "valid_from": dt.date(2026, 1, 1)}
    known = ExchangeRate.objects.filter(currency="JPY").first()
    return known or exchange_rate_create(actor=system_actor(), data=values)


def _change() -> models.Model:
    return _saved("changes.EngineeringChange", change_number=_key(), change_title="A change")


def _affected() -> Any:
    product = make_product(_key())
    return _saved("changes.AffectedProduct", change=_change(), product=product, base_revision=revision_of(product))


def _redline() -> models.Model:
    affected = _affected()
    child = make_product(_key())
    values = {"operation": "add", "child": child, "quantity": Decimal(1)}
    return _saved("changes.Redline", change=affected.change, affected=affected, **values)


def _change_document() -> models.Model:
    return _saved("changes.ChangeDocument", change=_change(), document=make_document(_key()))


def _approval() -> models.Model:
    return _saved("changes.Approval", change=_change(), round=1, approver=_member().user, rules=["technical"])


def _requirement() -> models.Model:
    return _saved("changes.ApprovalRequirement", change=_change(), round=1, code="technical")


def _delegation() -> models.Model:
    days = {"first_day": dt.date(2026, 7, 6), "last_day": dt.date(2099, 7, 6)}
    return _saved("changes.Delegation", person=_member().user, deputy=_member().user, **days)


def _request() -> Any:
    return _saved("changes.ChangeRequest", request_number=_key(), title="A request", description="It breaks.")


def _fast_track() -> models.Model:
    return _saved("changes.FastTrack", change=_change(), round=1, why="small")


def _rule() -> models.Model:
    """The tenant's own rule, which it was given when it was made."""
    from changes.models import ApprovalRule

    rule = ApprovalRule.objects.first()
    assert rule is not None
    return rule


def _policy() -> models.Model:
    """The tenant's own policy, which it was given when it was made."""
    from changes.models import ChangePolicy

    policy = ChangePolicy.objects.first()
    assert policy is not None
    return policy


def _product_policy() -> models.Model:
    """The same of products."""
    from products.models import ProductPolicy

    policy = ProductPolicy.objects.first()
    assert policy is not None
    return policy


def _disposition() -> models.Model:
    affected = _affected()
    return _saved(
        "changes.Disposition",
        change=affected.change,
        affected=affected,
        product=affected.product,
        place="stock",
        action="scrap",
    )


def _document_part(name: str) -> Callable[[], Any]:
    """Make a document that is linked to a product and has a model, and return one of its parts."""

    def make_it() -> Any:
        triangle = (
            b"solid t\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\n"
        )
        picture = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
        upload = ContentFile(triangle + b"endsolid t\n", name="t.stl")
        if name == "version":
            upload = ContentFile(picture, name="t.png")
        document = make_document(_key(), upload=upload, product=make_product(_key()))
        version = document.revisions.get().versions.get()
        parts = {"link": document.links.get, "revision": document.revisions.get, "version": lambda: version}
        return parts[name]() if name in parts else version.preparation

    return make_it


def _notice() -> models.Model:
    return _saved("collaboration.Notice", **notice_values(_member().user))


def notice_values(recipient: User, number: str = "ECO-1") -> dict[str, Any]:
    """The columns of a notice that says a change was decided."""
    return {
        "recipient": recipient,
        "kind": "change_decided",
        "source": uuid7(),
        "subject_id": uuid7(),
        "facts": {"change_number": number, "change_title": "A change", "decision": "approved"},
        "target_route": "changes:change-list",
    }


def _session() -> Any:
    return _saved("collaboration.CollaborationSession", title="A session", owner=_member().user)


def _participant() -> models.Model:
    return _saved("collaboration.SessionParticipant", session=_session(), user=_member().user, role="editor")


def _session_product() -> models.Model:
    return _saved("collaboration.SessionProduct", session=_session(), product=make_product(_key()))


def _update() -> models.Model:
    return _saved("collaboration.SessionUpdate", session=_session(), sequence=1, user=_member().user, payload={})


def _board_item() -> models.Model:
    place = {"item_id": uuid7(), "type": "pin", "x": 1, "y": 1, "last_sequence": 1}
    return _saved("collaboration.BoardItem", session=_session(), user=_member().user, **place)


def _presence() -> models.Model:
    lease = {"connection": uuid7(), "expires_at": clock.now()}
    return _saved("collaboration.SessionPresence", session=_session(), user=_member().user, **lease)


def _thread() -> Any:
    return _saved("collaboration.DiscussionThread", change=_change())


def _regulation() -> Any:
    return _saved("compliance.Regulation", code=_key(), title="A regulation")


def _compliance_record() -> Any:
    revision = revision_of(make_product(_key()))
    return _saved("compliance.ComplianceRecord", revision=revision, regulation=_regulation())


def _markets() -> models.Model:
    return _saved("compliance.ProductMarkets", product=make_product(_key()), markets=["DE"])


def _evidence() -> models.Model:
    """A stored file with its row, through the service: a download finds its content."""
    from django.core.files.base import ContentFile

    from compliance.services import evidence_add

    content = ContentFile(b"%PDF-1.7")
    values = {"upload": content, "file_name": "declaration.pdf", "title": "Declaration"}
    return evidence_add(actor=system_actor(), record_id=_compliance_record().pk, **values)


def _job() -> models.Model:
    """An import that is done, with both files."""
    from plm_project.jobs.files import job_file_keep

    given = {
        "filename": "a.csv", "parent_number": _key(), "parent_name": "", "dialect": "auto", "mapping": None,
        "sheet": None, "cells": [], "left_out": [],
    }  # fmt: skip
    result = {"file": {"name": "a.csv", "media_type": "text/csv", "size": 1}}
    job: Any = _saved("jobs.Job", kind="products.bom_import", title=_key(), state="done", input=given, result=result)
    for which in ("input", "result"):
        job_file_keep(job, which, ContentFile(b"a"))  # type: ignore[arg-type]
    return job


def _offer() -> models.Model:
    """An offer of a part on a product's list: its page stands under that product."""
    part = make_source(make_product(_key()), _key(), "MPN-1").manufacturer_part
    return make_offer(part, _key(), (1, 2))


def _baseline() -> Any:
    """A baseline of a product with one line."""
    line = make_line(make_product(_key()), make_product(_key()), 2)
    return make_baseline(line.parent_revision.product)


def _option() -> Any:
    """An option of a product, with two choices."""
    return make_option(make_product(_key()), _key().lower(), ("red", "blue"))


def _option_rule() -> Any:
    option = _option()
    code = option.family.code
    return make_rule(option.product, f"{code}:red", "excludes", f"{code}:blue")


def _configuration() -> Any:
    option = _option()
    return make_configuration(option.product, _key().lower(), [f"{option.family.code}:red"])


def _substitute() -> Any:
    """A substitute on a line."""
    return make_substitute(make_line(make_product(_key()), make_product(_key()), 2), make_product(_key()))


def _target() -> Any:
    # Port 9 answers nothing: what a test sends there fails at once.
    return target_save(
        actor=system_actor(), neighbour_key="manufacturing", base_url="http://127.0.0.1:9", token=_key(),
        allow_private=True,
    )  # fmt: skip


def _delivery() -> Any:
    product = make_product(_key())
    delivery = integrations.Delivery(
        target=_target(), contract_key="plm_manufacturing_bom_sync", event_id=uuid7(), event_type="bom_changed",
        entity_id=product.pk, entity_label=product.product_number, state="review", reason="It said no.",
        payload={"product_id": str(product.pk), "lines": []},
    )  # fmt: skip
    return delivery.save_as(system_actor(), reason="made")


MAKERS: dict[str, Maker] = {
    "tenancy.NumberSequence": _number_sequence,
    "accounts.Membership": _member,
    "accounts.ApiToken": lambda: token_issue(actor=system_actor(), user=_member().user, name="token")[0],
    "outbox.OutboxEvent": _event,
    "outbox.Delivery": lambda: Delivery.objects.create(event=_event(), subscriber=_key()),
    "api.IdempotencyRecord": _stored_answer,
    "jobs.Job": _job,
    "products.Product": lambda: make_product(_key()),
    "products.ProductRevision": lambda: revision_of(make_product(_key())),
    "products.BomLine": lambda: make_line(make_product(_key()), make_product(_key()), 2),
    "products.Baseline": _baseline,
    "products.BaselineItem": lambda: _baseline().items.get(place=1),
    "products.BaselineLine": lambda: _baseline().lines.get(),
    "products.Alternate": lambda: make_alternate(make_product(_key()), make_product(_key())),
    "products.OptionFamily": lambda: make_family(_key().lower()),
    "products.OptionChoice": lambda: _option().family.choices.first(),
    "products.ProductOption": _option,
    "products.OptionRule": _option_rule,
    "products.Configuration": _configuration,
    "products.LineSubstitute": _substitute,
    "products.Document": lambda: make_document(_key()),
    "products.DocumentLink": _document_part("link"),
    "products.DocumentRevision": _document_part("revision"),
    "products.DocumentVersion": _document_part("version"),
    "products.ModelPreparation": _document_part("preparation"),
    "products.Manufacturer": lambda: make_manufacturer(_key()),
    "products.Supplier": lambda: make_supplier(_key()),
    "products.ManufacturerPart": lambda: make_part(_key(), "MPN-1"),
    "products.ApprovedSource": lambda: make_source(make_product(_key()), _key(), "MPN-1"),
    "products.SupplierOffer": _offer,
    "products.PriceBreak": _price,
    "products.ExchangeRate": _rate,
    "changes.EngineeringChange": _change,
    "changes.AffectedProduct": _affected,
    "changes.ChangeRequest": _request,
    "changes.RequestProduct": lambda: _saved(
        "changes.RequestProduct", request=_request(), product=make_product(_key())
    ),
    "changes.FastTrack": _fast_track,
    "changes.ChangeDocument": _change_document,
    "changes.Disposition": _disposition,
    "changes.ChangePolicy": _policy,
    "products.ProductPolicy": _product_policy,
    "changes.Redline": _redline,
    "changes.Approval": _approval,
    "changes.SignedContent": lambda: _saved(
        "changes.SignedContent", change=_change(), content_hash="0" * 64, text="{}"
    ),
    "tenancy.AuditBlock": lambda: _saved(
        "tenancy.AuditBlock",
        number=1,
        previous="0" * 64,
        hash="1" * 64,
        sealed_at=clock.now(),
        rows=0,
        entries={},
    ),
    "changes.ReleasePackage": lambda: _saved(
        "changes.ReleasePackage", change=_change(), merkle_root="0" * 64, entries=[], sealed_at=clock.now()
    ),
    "changes.ApprovalRequirement": _requirement,
    "changes.ApprovalRule": _rule,
    "changes.Delegation": _delegation,
    "collaboration.Notice": _notice,
    "collaboration.NoticePreference": lambda: _saved(
        "collaboration.NoticePreference", person=_member().user, kind="mentioned"
    ),
    "collaboration.DiscussionThread": _thread,
    "collaboration.Comment": lambda: _saved("collaboration.Comment", thread=_thread(), text="Is it enough?"),
    "collaboration.CollaborationSession": _session,
    "collaboration.SessionParticipant": _participant,
    "collaboration.SessionProduct": _session_product,
    "collaboration.SessionChange": lambda: _saved("collaboration.SessionChange", session=_session(), change=_change()),
    "collaboration.SessionUpdate": _update,
    "collaboration.BoardItem": _board_item,
    "collaboration.SessionPresence": _presence,
    "compliance.Regulation": _regulation,
    "compliance.ProductMarkets": _markets,
    "compliance.ComplianceRecord": _compliance_record,
    "compliance.Evidence": _evidence,
    "integrations.Target": _target,
    "integrations.FederatedRound": lambda: _saved(
        "integrations.FederatedRound", round_key=_key(), sample_count=20, parameters=[1.0, 2.0, 3.0]
    ),
    "integrations.Suggestion": lambda: _saved(
        "integrations.Suggestion", product=make_product(_key()), question="cost", state="answered", text="Buy more."
    ),
    "integrations.CallbackReceipt": lambda: _saved(
        "integrations.CallbackReceipt",
        target=_target(),
        callback_id=_key(),
        kind="bom_accepted",
        payload={},
        answer={},
    ),
    "integrations.Webhook": lambda: webhook_create(
        actor=system_actor(), name=_key(), url="http://127.0.0.1:9", allow_private=True
    )[0],
    "integrations.Delivery": _delivery,
    "integrations.Attempt": lambda: _saved(
        "integrations.Attempt", delivery=_delivery(), number=1, started_at=clock.now(), outcome="refused", status=400
    ),
    "changes.RuleApprover": lambda: _saved("changes.RuleApprover", rule=_rule(), user=_member().user),
}

TENANT_MODELS = sorted((model for model, _table in tenant_tables()), key=lambda model: model._meta.label)


def is_history(model: type[models.Model]) -> bool:
    """Return whether ``model`` keeps the history of another."""
    return issubclass(model, ScopedHistory)


def make(model: type[models.Model]) -> Any:
    """Make a row of ``model`` in the running scope: by its maker, or as the history that a record's maker leaves."""
    if is_history(model):
        record = make(model.instance_type)  # type: ignore[attr-defined]
        return model.objects.filter(id=record.pk).first()  # type: ignore[attr-defined]
    maker = MAKERS.get(model._meta.label)
    if maker is None:
        raise AssertionError(f"{model._meta.label} has no maker: add one to tests/tenancy/records.py")
    with transaction.atomic():
        return maker()


@dataclass
class World:
    """Two tenants, each with a row of the model under attack. ``mine`` is the victim's, ``theirs`` the attacker's."""

    victim: Tenant
    attacker: Tenant
    model: type[models.Model]
    mine: Any = None
    theirs: Any = None
    values: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with tenant_scope(self.victim.pk):
            self.mine = make(self.model)
        with tenant_scope(self.attacker.pk):
            self.theirs = make(self.model)
        self.values = self.stored()

    def stored(self) -> dict[str, Any]:
        """Return the victim's row as the database holds it."""
        with tenant_scope(self.victim.pk):
            return dict(self.model._base_manager.filter(pk=self.mine.pk).values().get())

    def fresh(self) -> Any:
        """Return the victim's row as a new object, as if it had been loaded in its own scope."""
        with tenant_scope(self.victim.pk):
            return self.model._base_manager.get(pk=self.mine.pk)

    def forged(self) -> Any:
        """Return the victim's row as an object that claims to be the attacker's."""
        row = self.fresh()
        row.tenant_id = self.attacker.pk
        return row

    def copy(self, tenant_id: uuid.UUID) -> Any:
        """Return a new, unsaved row with the attacker's values and the given tenant."""
        names = [column.attname for column in self.model._meta.concrete_fields if not column.primary_key]
        row = self.model(**{name: getattr(self.theirs, name) for name in names})
        row.pk, row.tenant_id = uuid7(), tenant_id  # type: ignore[attr-defined]
        return row
