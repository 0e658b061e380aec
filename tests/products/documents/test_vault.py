"""The rules of the vault: numbers, check-out and check-in, versions, revisions, links; refused leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from plm_project.core.exceptions import Conflict, NotFound, PermissionDenied, PreconditionFailed, ValidationFailed
from plm_project.core.file_store import file_open
from plm_project.tenancy.models import Tenant
from products.exceptions import CheckedOut, DocumentFrozen
from products.models import Document, DocumentLink, DocumentRevision, DocumentVersion, ModelPreparation
from products.selectors.documents import DocumentFilter, document_list, document_references, product_documents
from products.services.document_files import (
    document_break_check_out,
    document_check_in,
    document_check_out,
    document_undo_check_out,
)
from products.services.document_revisions import document_revise, document_revision_move
from products.services.documents import (
    document_create,
    document_delete,
    document_link,
    document_unlink,
    document_update,
)
from tests.factories import make_document, make_product, revision_of, system_actor
from tests.products.documents.conftest import PNG, STEP_END, STL, glb, stored_files, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scope")]


def check_in(actor: Any, document: Document, text: str, **kwargs: Any) -> DocumentVersion:
    content = upload(text.encode(), "spec.txt")
    return document_check_in(actor=actor, document_id=document.pk, upload=content, file_name="spec.txt", **kwargs)


def move(revision: DocumentRevision, to: str, actor: Any = None, reason: str = "") -> DocumentRevision:
    return document_revision_move(actor=actor or system_actor(), revision_id=revision.pk, to=to, reason=reason)


def test_numbers_are_given_or_taken_and_stay_taken(store: Path) -> None:
    make_document("DOC-000002")
    assert [make_document().document_number for _ in range(2)] == ["DOC-000001", "DOC-000003"]
    document_delete(actor=system_actor(), document_id=Document.objects.get(document_number="DOC-000002").pk)
    before = Document.all_objects.count(), DocumentVersion.objects.count()
    with pytest.raises(Conflict, match="taken") as refusal:
        make_document("DOC-000002")
    assert list(refusal.value.details) == ["document_number"]
    assert (Document.all_objects.count(), DocumentVersion.objects.count()) == before


def test_one_works_the_others_see_who_and_since_when(make_actor: Callable[..., Any], tenant: Tenant) -> None:
    ann, bob = make_actor("engineer", email="ann@acme.example"), make_actor("engineer", email="bob@acme.example")
    boss, reader = make_actor("plm_manager"), make_actor("viewer")
    document = make_document("SPEC-1", actor=ann)
    with pytest.raises(Conflict, match="Check SPEC-1 out first"):
        check_in(ann, document, "two")
    assert document_check_out(actor=ann, document_id=document.pk).checked_out_by_id == ann.user_id
    for actor in (ann, bob):
        with pytest.raises(CheckedOut, match=r"SPEC-1 has been checked out by ann@acme.example since .*\d"):
            document_check_out(actor=actor, document_id=document.pk)
    for refused in (
        lambda: check_in(bob, document, "bob's"),
        lambda: document_undo_check_out(actor=bob, document_id=document.pk),
    ):
        with pytest.raises(CheckedOut):
            refused()
    with pytest.raises(PermissionDenied):
        document_check_out(actor=reader, document_id=document.pk)
    with pytest.raises(ValidationFailed, match="Only a person"):
        document_check_out(actor=system_actor(), document_id=document.pk)
    assert DocumentVersion.objects.count() == 1

    assert check_in(ann, document, "two", comment="tolerance", keep=True).number == 2
    assert check_in(ann, document, "three").number == 3
    document.refresh_from_db()
    assert document.checked_out_by_id is None and document.checked_out_at is None
    for number, text in ((1, "text of SPEC-1"), (2, "two"), (3, "three")):
        version = DocumentVersion.objects.get(number=number)
        with file_open(tenant.pk, version.file_sha256) as content:
            assert content.read().decode() == text

    document_check_out(actor=bob, document_id=document.pk)
    with pytest.raises(PermissionDenied):
        document_break_check_out(actor=ann, document_id=document.pk, reason="mine")
    with pytest.raises(ValidationFailed):
        document_break_check_out(actor=boss, document_id=document.pk, reason=" ")
    document_break_check_out(actor=boss, document_id=document.pk, reason="on leave")
    with pytest.raises(Conflict, match="not checked out"):
        document_break_check_out(actor=boss, document_id=document.pk, reason="again")
    document_check_out(actor=ann, document_id=document.pk)
    document_undo_check_out(actor=ann, document_id=document.pk)
    reasons = list(
        document.history.order_by("history_date", "history_id").values_list("history_change_reason", flat=True)
    )
    assert reasons == ["created", "checked out", "checked in, held on", "checked in", "checked out",
                       "check-out of bob@acme.example broken: on leave", "checked out", "check-out undone"]  # fmt: skip
    assert DocumentVersion.objects.count() == 3


def test_a_released_revision_never_changes_and_the_next_supersedes_it(make_actor: Callable[..., Any]) -> None:
    ann, analyst = make_actor("engineer"), make_actor("change_analyst")
    document = make_document("SPEC-1", actor=ann)
    first = document.revisions.get()
    document_check_out(actor=ann, document_id=document.pk)
    with pytest.raises(Conflict, match="checked out by"):
        move(first, "released", analyst)
    document_undo_check_out(actor=ann, document_id=document.pk)
    with pytest.raises(PermissionDenied):
        move(first, "released", ann)
    move(first, "in_review", ann)
    with pytest.raises(DocumentFrozen):
        document_check_out(actor=ann, document_id=document.pk)
    assert Document.objects.get(pk=document.pk).checked_out_by_id is None
    with pytest.raises(ValidationFailed, match="reason"):
        move(first, "in_work", ann)
    move(first, "released", analyst)
    with pytest.raises(Conflict, match="made obsolete"):
        document_delete(actor=system_actor(), document_id=document.pk)

    second = document_revise(actor=ann, document_id=document.pk, description="new supplier")
    with pytest.raises(Conflict, match="B of SPEC-1 is in work"):
        document_revise(actor=ann, document_id=document.pk)
    with pytest.raises(Conflict, match="no file"):
        move(second, "released", analyst)
    first.refresh_from_db()
    assert first.state == "released"
    document_check_out(actor=ann, document_id=document.pk)
    assert check_in(ann, document, "B").number == 1
    released = move(second, "released", analyst)
    first.refresh_from_db()
    assert (first.state, released.released_by_id) == ("superseded", analyst.user_id)
    with pytest.raises(Conflict, match="superseded by the release"):
        move(released, "superseded", analyst)
    move(released, "obsolete", analyst, "gone")

    version = first.versions.get()
    for attack in (
        lambda: DocumentVersion.objects.filter(pk=version.pk).update(file_sha256="0" * 64),
        lambda: DocumentVersion.objects.filter(pk=version.pk).delete(),
        lambda: DocumentRevision.objects.filter(pk=first.pk).update(label="Z"),
        lambda: DocumentVersion(
            revision=first, number=9, file_sha256="0" * 64, file_name="x", file_size=1, file_kind="pdf"
        ).save(),
    ):
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            attack()
    assert connection.in_atomic_block


def test_links_name_a_product_or_one_of_its_revisions() -> None:
    lamp, other = make_product("LAMP"), make_product("OTHER")
    document = make_document("SPEC-1", product=lamp)
    again = {"actor": system_actor(), "document_id": document.pk, "product_id": lamp.pk}
    with pytest.raises(Conflict, match="linked"):
        document_link(**again)
    link = document_link(**again, product_revision_id=revision_of(lamp).pk)
    with pytest.raises(NotFound):
        document_link(**again, product_revision_id=revision_of(other).pk)
    assert [row.document.latest_label for row in product_documents(lamp)] == ["A", "A"]
    assert document_references([lamp.pk, other.pk]) == {
        lamp.pk: [
            {"document_id": str(document.pk), "document_number": "SPEC-1", "title": "A document",
             "document_type": "specification", "revision": "A", "state": "in_work", "product_revision": label}
            for label in (None, "A")
        ]
    }  # fmt: skip
    document_unlink(actor=system_actor(), link_id=link.pk)
    with pytest.raises(NotFound):
        document_unlink(actor=system_actor(), link_id=link.pk)
    assert list(document_list(DocumentFilter(q="spec-1", product_id=lamp.pk, state=("in_work",)))) == [document]
    document_delete(actor=system_actor(), document_id=document.pk)
    assert DocumentLink.objects.count() == 0 and document_references([lamp.pk]) == {}


def test_an_edit_on_a_stale_version_is_refused() -> None:
    document = make_document("SPEC-1")
    document_update(
        actor=system_actor(), document_id=document.pk, changes={"title": "Better title"}, expected_version=1
    )
    with pytest.raises(PreconditionFailed):
        document_update(actor=system_actor(), document_id=document.pk, changes={"title": "Worse"}, expected_version=1)
    with pytest.raises(ValidationFailed) as refusal:
        document_update(actor=system_actor(), document_id=document.pk, changes={"title": "x"})
    assert list(refusal.value.details) == ["title"]


BAD_FILES = {
    "part.step": (b"ISO-10303-21;\nHEADER;\n", "cut off"),
    "drawing.step": (b"%PDF-1.7\n", "not what the name"),
    "part.stl": (STL[:60], "cut off"),
    "binary.stl": (b"\0" * 80 + (9).to_bytes(4, "little") + b"\0" * 100, "length does not fit"),
    "part.glb": (glb(length=99), "cut off"),
    "one.glb": (b"glTF" + (1).to_bytes(4, "little") + b"\0" * 20, "Only glTF 2.0"),
    "draco.glb": (glb({"extensionsRequired": ["KHR_draco_mesh_compression"]}), "compressed with KHR_draco"),
    "outside.gltf": (b'{"asset":{"version":"2.0"},"buffers":[{"uri":"box.bin"}]}', "another file .box.bin."),
    "broken.gltf": (b'{"asset": [', "damaged"),
    "part.3mf": (b"PK\x03\x04 3D/ nonsense", "damaged"),
    "program.exe": (b"MZ", "not taken"),
    "empty.pdf": (b"", "empty"),
    "picture.png": (b"GIF89a", "not what the name"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_not_what_its_name_says_leaves_nothing(name: str, store: Path) -> None:
    content, words = BAD_FILES[name]
    with pytest.raises(ValidationFailed, match=words) as refusal:
        make_document("SPEC-1", upload=upload(content, name))
    assert list(refusal.value.details) == ["file"]
    assert Document.all_objects.count() == DocumentRevision.objects.count() == DocumentVersion.objects.count() == 0
    assert stored_files(store) == []


def test_good_files_are_kept_under_their_hash_and_models_wait_for_their_picture(settings: Any, store: Path) -> None:
    files = {
        "a.step": b"ISO-10303-21;\n" + STEP_END, "b.stl": STL, "c.glb": glb(), "../../d.png": PNG,
        "e.gltf": b'{"asset":{"version":"2.0"},"buffers":[{"uri":"data:application/octet-stream;base64,AAAA"}]}',
    }  # fmt: skip
    for name, content in files.items():
        document_create(actor=system_actor(), data={"title": "A file"}, upload=upload(content, "x"), file_name=name)
    versions = list(DocumentVersion.objects.order_by("id"))
    assert [version.file_name for version in versions] == ["a.step", "b.stl", "c.glb", "d.png", "e.gltf"]
    assert ModelPreparation.objects.filter(state="pending").count() == 4
    assert {path.name for path in stored_files(store)} == {version.file_sha256 for version in versions}
    settings.DOCUMENT_MAX_BYTES = 1000
    with pytest.raises(ValidationFailed, match="larger than"):
        make_document(upload=upload(b"x" * 1001, "large.txt"))
