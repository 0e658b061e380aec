from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from changes.models import ChangeDocument, ChangeRequest, Disposition, EngineeringChange
from collaboration.models import BoardItem, CollaborationSession, SessionUpdate
from compliance.models import ComplianceRecord
from compliance.selectors.structure import structure_statuses
from plm_project.accounts.models import User
from plm_project.core.exceptions import Conflict
from plm_project.demo.loading import demo_load
from plm_project.demo.story import read_story
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.models import Document, LineSubstitute, ManufacturerPart, Product, ProductRevision
from products.selectors.configuration_check import configuration_check
from products.selectors.graph import structure_load
from products.selectors.resolution import Resolution
from products.selectors.rollup import product_rollup
from products.selectors.single_source import SingleSources
from products.selectors.sourcing import source_list

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_the_demo_shows_what_it_promises() -> None:
    result = demo_load()
    assert result.created
    assert len(result.sign_ins) == 3
    story = read_story()
    for entry in story.tenants:
        tenant = Tenant.objects.get(slug=entry.slug)
        with tenant_scope(tenant.pk):
            wanted = sorted(change.final_status for change in story.changes if change.tenant == entry.slug)
            assert sorted(EngineeringChange.objects.values_list("status", flat=True)) == wanted
    with tenant_scope(Tenant.objects.get(slug="veloform").pk):
        assert Product.objects.count() >= 150
        assert ProductRevision.objects.filter(label="B", state="released").count() >= 3
        bike = Product.objects.get(product_number="VF-100-0001")
        rollup = product_rollup(structure_load(bike, Resolution.of()))
        assert 1400 < rollup.unit_cost < 2200
        assert 24 < rollup.mass_kg < 29
        kinds = list(Document.objects.order_by("document_number").values_list("document_type", flat=True))
        assert kinds == ["drawing", "model", "drawing", "model", "specification"]
        assert ChangeDocument.objects.get().change.status == "draft"
        existing = Disposition.objects.select_related("change")  # those of one change were added in one moment
        assert sorted((row.change.status, row.is_done) for row in existing) == [
            ("approved", False), ("approved", False), ("draft", False), ("draft", False),
            ("implemented", False), ("implemented", False), ("implemented", True)]  # fmt: skip
        asked = ChangeRequest.objects.select_related("order").order_by("request_number")
        assert [(row.status, row.order.status if row.order else "") for row in asked] == [
            ("declined", ""), ("accepted", "draft"), ("open", "")]  # fmt: skip
        assert [len(row.products_asked()) for row in asked] == [1, 1, 2]
        assert (
            LineSubstitute.objects.values_list("product__product_number", flat=True).distinct().get() == "VF-170-0015"
        )
        board = Product.objects.get(product_number="VF-500-0012")
        assert [str(row.manufacturer_part) for row in source_list(board)] == [
            "Tessarion Semiconductors TS-M32-64", "Kvintell Semiconductors ST-M32-64"]  # fmt: skip
        assert ManufacturerPart.objects.exclude(lifecycle="active").count() == 2
        assert len(SingleSources(Resolution.of(), most=1)) > 100
        rooms = CollaborationSession.objects.order_by("created_at")
        assert list(rooms.values_list("status", flat=True)) == ["ended", "active", "scheduled"]
        assert SessionUpdate.objects.filter(kind="chat").count() >= 6
        assert BoardItem.objects.get(text__startswith="Third NTC").x == 520, "moved in the story"
        found = set(ComplianceRecord.objects.values_list("status", flat=True))
        assert found >= {"not_assessed", "in_progress", "compliant", "non_compliant", "waived"}
        pack = structure_load(Product.objects.get(product_number="VF-100-0011"), Resolution.of())
        rohs = next(entry for entry in structure_statuses(pack) if entry.regulation.code == "RoHS")
        assert (rohs.status, rohs.path[-1].number) == ("non_compliant", "VF-130-0029")
        check = configuration_check(Product.objects.get(product_number="VF-100-0020"))
        assert check.count == 120
        assert [[line.product_number for line in entry.lines] for entry in check.findings] == [["VF-220-0103"]]
    with tenant_scope(Tenant.objects.get(slug="nordlicht").pk):
        assert 15 <= Product.objects.count() <= 25


def test_loading_again_changes_nothing_and_says_so() -> None:
    demo_load()
    assert demo_load(if_missing=True).created is False
    with pytest.raises(CommandError) as refusal:
        call_command("demo_load")
    assert refusal.value.returncode == 2


def test_an_installation_that_does_not_allow_it_refuses(settings: pytest.FixtureRequest) -> None:
    settings.DEMO_ALLOWED = False  # type: ignore[attr-defined]
    with pytest.raises(CommandError):
        call_command("demo_load")
    assert not Tenant.objects.exists()


def test_a_person_who_is_here_with_another_password_is_named() -> None:
    email = read_story().people[0].email
    User.objects.create_user(email, "their-own-secret")
    with pytest.raises(Conflict, match=email):
        demo_load()
    assert not Tenant.objects.exists() and User.objects.get().check_password("their-own-secret")
