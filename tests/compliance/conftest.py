"""People in their roles, a regulation, and a lamp whose bulb is bought."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from compliance.models import ComplianceRecord, Evidence, Regulation
from compliance.services import evidence_add, record_move, records_start, regulation_create
from plm_project.core.actor import Actor
from plm_project.tenancy.scope import require_tenant_id
from products.models import Product
from tests.conftest import MakeActor
from tests.factories import make_assembly, make_product, revision_of, system_actor

PDF = b"%PDF-1.7\nDeclaration of conformity\n"


@dataclass
class People:
    officer: Actor
    manager: Actor
    engineer: Actor
    viewer: Actor


@dataclass
class Lamp:
    """LAMP (manufactured) holds HOUSING (manufactured), which holds BULB (purchased)."""

    product: Product
    housing: Product
    bulb: Product


@pytest.fixture(autouse=True)
def file_folder(settings: Any, tmp_path: Path) -> Path:
    """Store files in a folder of this test."""
    folder = tmp_path / "files"
    settings.STORAGES = {
        **settings.STORAGES,
        "files": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(folder), "base_url": None},
        },
    }
    return folder


@pytest.fixture
def people(make_actor: MakeActor, scope: None) -> People:
    return People(
        officer=make_actor("compliance_officer"),
        manager=make_actor("plm_manager"),
        engineer=make_actor("engineer"),
        viewer=make_actor("viewer"),
    )


@pytest.fixture
def rohs(scope: None) -> Regulation:
    return make_regulation("RoHS", is_binding=True)


@pytest.fixture
def lamp(scope: None) -> Lamp:
    return make_lamp()


def make_lamp(number: str = "LAMP") -> Lamp:
    bulb = make_product(f"{number}-BULB", product_type="purchased")
    housing = make_assembly(f"{number}-HOUSING", [(bulb, 1)])
    return Lamp(make_assembly(number, [(housing, 1)]), housing, bulb)


def make_regulation(code: str, **data: Any) -> Regulation:
    values = {"code": code, "title": f"Regulation {code}", "edition": "2011/65/EU", **data}
    return regulation_create(actor=system_actor(), data=values)


def record_of(product: Product, regulation: Regulation) -> ComplianceRecord:
    """The record of the product's latest revision; started where there is none."""
    records_start(actor=system_actor(), product_ids=[product.pk])
    return ComplianceRecord.objects.get(revision=revision_of(product), regulation=regulation)


def assess(
    product: Product,
    regulation: Regulation,
    status: str,
    *,
    actor: Actor | None = None,
    reason: str = "measured",
    valid_until: dt.date | None = None,
) -> ComplianceRecord:
    """Bring the product's latest revision to a status."""
    by = actor or system_actor()
    record = record_of(product, regulation)
    if record.status != "in_progress":
        record = record_move(actor=by, record_id=record.pk, to="in_progress", reason="look again")
    if status == "in_progress":
        return record
    return record_move(actor=by, record_id=record.pk, to=status, reason=reason, valid_until=valid_until)


def pdf(name: str = "declaration.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def attach(record: ComplianceRecord, *, actor: Actor | None = None, upload: Any = None, **values: Any) -> Evidence:
    upload = upload or pdf()
    given = {"title": "Declaration of conformity", **values}
    return evidence_add(
        actor=actor or system_actor(), record_id=record.pk, upload=upload, file_name=upload.name, **given
    )


def stored_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def tenant_id(scope: None) -> Iterator[Any]:
    yield require_tenant_id()
