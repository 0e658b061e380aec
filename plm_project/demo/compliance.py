"""Plays the demo's compliance (data/compliance.json): regulations, findings with their evidence, on their days."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.core.files.base import ContentFile

from compliance import services
from compliance.models import ComplianceRecord
from plm_project.accounts.actors import actor_for_user
from plm_project.accounts.models import User
from plm_project.core import clock
from plm_project.core.actor import Actor, acting_as
from plm_project.demo.story import DATA
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import Product

BEGIN = dt.datetime(2026, 1, 12, 8, 0, tzinfo=dt.UTC)
TEXT = """{title}
Issued by {issuer} for {number} {name}.

This document belongs to the demo of a PLM system. Company, product and test are invented; it proves nothing.
"""


def compliance_play(tenants: dict[str, Tenant], people: dict[str, User]) -> None:
    """Play the file. The catalogue and the changes are there already."""
    for part in json.loads((DATA / "compliance.json").read_text(encoding="utf-8")):
        tenant = tenants[part["tenant"]]
        with tenant_scope(tenant.pk):
            actor = actor_for_user(people[part["by"]], tenant.pk)
            with acting_as(actor):
                _regulations(actor, part)
                for finding in part["findings"]:
                    with clock.fixed(dt.datetime.fromisoformat(f"{finding['on']}T09:30:00+00:00")):
                        _find(actor, finding)


def _regulations(actor: Actor, part: dict[str, Any]) -> None:
    with clock.fixed(BEGIN):
        for number, markets in part["markets"].items():
            product = Product.objects.get(product_number=number)
            services.product_markets_set(actor=actor, product_id=product.pk, markets=markets)
    for regulation in part["regulations"]:
        begins = dt.date.fromisoformat(regulation["effective_from"])
        services.regulation_create(actor=actor, data={**regulation, "effective_from": begins})


def _find(actor: Actor, finding: dict[str, Any]) -> None:
    product = Product.objects.get(product_number=finding["product"])
    records = ComplianceRecord.objects.filter(
        revision__product=product, revision__label=product.revision, regulation__code=finding["regulation"]
    )
    record = records.get()
    if evidence := finding.get("evidence"):
        text = TEXT.format(**evidence, number=product.product_number, name=product.product_name)
        services.evidence_add(
            actor=actor,
            record_id=record.pk,
            upload=ContentFile(text.encode()),
            file_name=f"{evidence['title']}.txt",
            title=evidence["title"],
            issuer=evidence["issuer"],
            valid_until=_day(evidence.get("valid_until")),
        )
    services.record_move(actor=actor, record_id=record.pk, to="in_progress")
    if finding["to"] != "in_progress":
        services.record_move(
            actor=actor,
            record_id=record.pk,
            to=finding["to"],
            reason=finding["reason"],
            valid_until=_day(finding.get("valid_until")),
        )


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
