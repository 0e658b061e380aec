"""Release packages: they prove themselves without us, and what was changed in them, or behind them, is named."""

from __future__ import annotations

import hashlib
import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import changes.packages.proof as proof
from changes.models import Approval, ChangeDocument, EngineeringChange, ReleasePackage, SignedContent
from changes.packages.contents import package_entries
from changes.packages.proof import Listed, archive_write, manifest_text, merkle_root, package_verify
from changes.services import change_close, change_implement, package_seal, package_write
from plm_project.accounts.models import User
from plm_project.core.exceptions import Conflict
from plm_project.outbox.relay import relay_tenant
from plm_project.tenancy.models import Tenant
from products.models import BomLine, Product
from products.services import product_update
from products.services.documents import document_link
from tests.changes.api_calls import Api
from tests.changes.conftest import Lamp, People, approved, fresh, make_draft
from tests.factories import make_document, text_file

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
Write = Callable[[EngineeringChange], Path]


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> Path:
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
def released(people: People, lamp: Lamp, tenant: Tenant) -> EngineeringChange:
    """LAMP A becomes B by a signed change with a document of its own; LAMP has a drawing. Sealed by the event."""
    change = make_draft(people.author, lamp)
    report = make_document("RPT-1", upload=text_file("brighter, measured", "report ä.txt"))
    ChangeDocument(tenant_id=change.tenant_id, change=change, document=report).save_as(people.author, reason="linked")
    drawing = make_document("DRW-1", upload=text_file("a lamp", "../lamp.txt"))
    document_link(actor=people.author, document_id=drawing.pk, product_id=lamp.product.pk)
    approved(people, change)
    change_implement(actor=people.analyst, change_id=change.pk)
    relay_tenant(tenant.pk)
    return fresh(change)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(change: EngineeringChange) -> Path:
        path = tmp_path / f"{change.change_number}.zip"
        with path.open("wb") as file:
            package_write(change.pk, file)
        return path

    return written


def read(path: Path, name: str) -> Any:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read(name))


def test_what_is_in_it(released: EngineeringChange, write: Write, lamp: Lamp, people: People) -> None:
    path = write(released)
    sealed = ReleasePackage.objects.get(change=released)
    check = package_verify(str(path), root=sealed.merkle_root)
    assert (check.faults, check.root, check.entries) == ((), sealed.merkle_root, len(sealed.entries))
    change = read(path, "change.json")
    (product,) = change["affected_products"]
    assert (product["product_number"], product["from_revision"], product["to_revision"]) == ("LAMP", "A", "B")
    after = read(path, "structure/LAMP_B.json")["lines"]
    before = read(path, "structure/before/LAMP_A.json")["lines"]
    assert [(line["product_number"], line["quantity"]) for line in before] == [
        ("LAMP-BULB", "1"), ("LAMP-SCREW", "4"), ("LAMP-CABLE", "1.5"),
    ]  # fmt: skip
    assert [(line["product_number"], line["quantity"]) for line in after] == [
        ("LAMP-GLASS", "1"), ("LAMP-SCREW", "6"), ("LAMP-CABLE", "1.5"),
    ]  # fmt: skip
    (vote,) = read(path, "signatures.json")
    signed = SignedContent.objects.get(change=released)
    assert (vote["meaning"], vote["content_hash"]) == ("approval", signed.content_hash)
    with zipfile.ZipFile(path) as archive:
        text = archive.read(f"signed/{signed.content_hash}.json")
        assert hashlib.sha256(text).hexdigest() == vote["content_hash"]
        for document in read(path, "documents.json"):
            assert hashlib.sha256(archive.read(document["file"])).hexdigest() == document["sha256"]
    assert {document["document_number"] for document in read(path, "documents.json")} == {"RPT-1", "DRW-1"}
    assert [entry["values"]["status"] for entry in read(path, "history.json") if entry["record"] == "change"][-1] == (
        "implemented"
    )


def test_the_same_bytes_whenever_it_is_made(
    released: EngineeringChange, write: Write, people: People, lamp: Lamp
) -> None:
    first = write(released).read_bytes()
    product_update(actor=people.manager, product_id=lamp.screw.child_id, changes={"product_name": "Another name"})
    change_close(actor=people.manager, change_id=released.pk)
    late = make_document("LATE", upload=text_file("later"))
    document_link(actor=people.author, document_id=late.pk, product_id=lamp.product.pk)
    assert write(fresh(released)).read_bytes() == first


def test_flip_any_byte_and_it_is_named(released: EngineeringChange, write: Write, tmp_path: Path) -> None:
    whole = write(released).read_bytes()
    chance, broken = random.Random(5), tmp_path / "broken.zip"
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        heads = {info.header_offset + at: info.filename for info in archive.infolist() for at in (12, 30)}
        begins = {info.header_offset + 30 + len(info.filename.encode()): info.filename for info in archive.infolist()}
        directory = archive.start_dir
    places = {*heads, *begins, *chance.sample(range(len(whole)), 250), *range(directory, len(whole), 7)}
    for at in sorted(places):
        changed = bytearray(whole)
        changed[at] ^= 1 << chance.randrange(8)
        broken.write_bytes(changed)
        faults = package_verify(str(broken)).faults
        assert faults, at
        if at in begins:
            assert begins[at] in {fault.where for fault in faults}, (at, faults)
    for cut in (whole[:-1], whole + b"\0", whole[: len(whole) // 2], b""):
        broken.write_bytes(cut)
        assert package_verify(str(broken)).faults


def rebuilt(path: Path, edit: Callable[[dict[str, bytes]], None]) -> Path:
    """A package somebody made anew of edited entries, with a manifest that fits them."""
    with zipfile.ZipFile(path) as archive:
        entries = {info.filename: archive.read(info) for info in archive.infolist()}
    manifest = json.loads(entries.pop("manifest.json"))
    edit(entries)
    listed = [Listed(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in entries.items()]
    text = manifest_text(manifest["change_number"], listed).encode()
    forged = path.with_name("forged.zip")
    with forged.open("wb") as file:
        contents = [("manifest.json", text), *sorted(entries.items())]
        archive_write(file, ((name, len(data), [data]) for name, data in contents))
    return forged


def test_a_forged_package_has_another_root(released: EngineeringChange, write: Write) -> None:
    path = write(released)
    root = ReleasePackage.objects.get(change=released).merkle_root

    def more_screws(entries: dict[str, bytes]) -> None:
        entries["structure/LAMP_B.json"] = entries["structure/LAMP_B.json"].replace(
            b'"quantity": "6"', b'"quantity": "7"'
        )

    forged = rebuilt(path, more_screws)
    assert package_verify(str(forged)).faults == ()  # whole in itself
    (fault,) = package_verify(str(forged), root=root).faults
    assert fault.where == "root"

    def another_text(entries: dict[str, bytes]) -> None:
        (name,) = (name for name in entries if name.startswith("signed/"))
        entries[name] = entries[name].replace(b"LAMP", b"LUMP").replace(b'"6"', b'"7"')

    (fault,) = package_verify(str(rebuilt(path, another_text))).faults
    assert fault.where == "signatures.json" and "technical_approver" in fault.message


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_missing_added_and_twice(released: EngineeringChange, write: Write, tmp_path: Path) -> None:
    path = write(released)
    with zipfile.ZipFile(path) as archive:
        entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    lean = tmp_path / "lean.zip"
    for found, name in (
        ([entry for entry in entries if entry[0] != "history.json"], "history.json"),
        ([*entries, ("zz.txt", b"more")], "zz.txt"),
        ([*entries, entries[1]], entries[1][0]),
        ([*entries[1:], entries[0]], "manifest.json"),
    ):
        with lean.open("wb") as file:
            archive_write(file, ((entry, len(data), [data]) for entry, data in found))
        assert name in {fault.where for fault in package_verify(str(lean)).faults}, name
    with zipfile.ZipFile(lean, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, data in entries:
            archive.writestr(entry, data)
    assert any("compressed" in fault.message for fault in package_verify(str(lean)).faults)


def test_the_check_needs_python_alone(released: EngineeringChange, write: Write, tmp_path: Path) -> None:
    """In isolated mode, without the project or any library on the path."""
    path = write(released)
    alone = tmp_path / "elsewhere" / "proof.py"
    alone.parent.mkdir()
    alone.write_bytes(Path(proof.__file__).read_bytes())

    def run(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(alone), *arguments], capture_output=True, text=True, cwd=alone.parent
        )
        return done.returncode, done.stdout + done.stderr

    root = ReleasePackage.objects.get(change=released).merkle_root
    assert run(str(path), "--root", root) == (
        0,
        f"Whole: {len(package_entries(released))} entries, Merkle root {root}\n",
    )
    data = bytearray(path.read_bytes())
    data[data.rindex(b'"quantity": "6"') + 13] ^= 1
    path.write_bytes(data)
    code, said = run(str(path), "--json")
    assert code == 1 and {fault["where"] for fault in json.loads(said)["faults"]} >= {"structure/LAMP_B.json"}
    assert run(str(path))[1].startswith("structure/LAMP_B.json: was changed")
    assert run(str(tmp_path / "none.zip"))[0] == 2


def test_a_forged_row_is_named(released: EngineeringChange, write: Write, _files: Path, tenant: Tenant) -> None:
    """Whoever edits the records behind the services gets no package, and the check says which entry."""

    def check(**options: Any) -> tuple[int, dict[str, Any]]:
        out = io.StringIO()
        try:
            call_command("release_packages_check", "--tenant", tenant.slug, "--json", stdout=out, **options)
        except CommandError as error:
            return error.returncode, json.loads(out.getvalue())
        return 0, json.loads(out.getvalue())

    assert check() == (0, {"checked": 1, "intact": 1, "errors": []})
    vote = Approval.objects.get(change=released)
    Approval.objects.filter(pk=vote.pk).update(signed_name="Somebody Else")
    code, told = check()
    number = released.change_number
    assert code == 2 and told["errors"] == [
        {"change_number": number, "entry": "signatures.json", "message": "changed"}
    ]
    with pytest.raises(Conflict, match=r"signatures\.json \(changed\)"):
        write(released)
    Approval.objects.filter(pk=vote.pk).update(signed_name=vote.signed_name)
    BomLine.history.filter(quantity=6).delete()  # no part of the package
    assert check()[0] == 0
    gone = released.history.order_by("history_date").first()
    type(gone).objects.filter(pk=gone.pk).delete()
    assert [row["entry"] for row in check()[1]["errors"]] == ["history.json"]
    gone.save()
    assert check()[0] == 0
    stored = next(path for path in _files.rglob("*") if path.is_file())
    content = stored.read_bytes()
    stored.write_bytes(b"x" + content[1:])
    assert [row["message"] for row in check()[1]["errors"]] == ["the stored file was changed"]
    stored.unlink()
    assert [row["message"] for row in check()[1]["errors"]] == ["the stored file is missing"]


def test_names_whose_history_is_gone_are_those_of_now(
    released: EngineeringChange, people: People, lamp: Lamp, write: Write
) -> None:
    Product.history.filter(id=lamp.glass.pk).delete()
    write(released)  # it was called the same then
    Product.objects.filter(pk=lamp.glass.pk).update(product_name="Forged")
    with pytest.raises(Conflict, match=r"structure/LAMP_B\.json \(changed\)"):
        write(released)


def test_commands(released: EngineeringChange, tenant: Tenant, tmp_path: Path) -> None:
    out, file = io.StringIO(), tmp_path / "made.zip"
    call_command(
        "release_package", released.change_number, "--tenant", tenant.slug, "--output", str(file), "--json", stdout=out
    )
    told = json.loads(out.getvalue())
    assert told["file"] == str(file) and package_verify(str(file), root=told["merkle_root"]).faults == ()
    out = io.StringIO()
    call_command("release_package_verify", str(file), "--root", told["merkle_root"], "--json", stdout=out)
    assert json.loads(out.getvalue())["errors"] == []
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(CommandError) as refused:
        call_command("release_package_verify", str(file))
    assert refused.value.returncode == 2
    for arguments in (
        ("release_package", "ECO-999999", "--tenant", tenant.slug, "--output", str(file)),
        (
            "release_package",
            released.change_number,
            "--tenant",
            tenant.slug,
            "--output",
            str(tmp_path / "no/where.zip"),
        ),
        ("release_package_verify", str(tmp_path / "none.zip")),
    ):
        with pytest.raises(CommandError) as refused:
            call_command(*arguments)
        assert refused.value.returncode == 2, arguments


def test_only_what_is_implemented(people: People, lamp: Lamp, write: Write) -> None:
    change = make_draft(people.author, lamp)
    with pytest.raises(Conflict, match="implemented"):
        package_seal(change_id=change.pk)
    approved(people, change)
    change_implement(actor=people.analyst, change_id=change.pk)
    assert not ReleasePackage.objects.exists()  # nobody has been told yet
    write(fresh(change))
    sealed = ReleasePackage.objects.get()
    assert package_seal(change_id=change.pk).pk == sealed.pk


def test_the_questions_do_not_grow(people: People, lamp: Lamp, released: EngineeringChange) -> None:
    with CaptureQueriesContext(connection) as captured:
        package_entries(released)
    assert len(captured) <= 19


def test_by_api_and_page(released: EngineeringChange, people: People, tenant: Tenant) -> None:
    sealed = ReleasePackage.objects.get(change=released)
    api = Api(User.objects.get(pk=people.viewer.user_id), tenant)
    data = api.get(f"changes/{released.pk}/release-package/").json()["data"]
    assert (data["merkle_root"], data["change_number"]) == (sealed.merkle_root, released.change_number)
    assert data["entries"][0].keys() == {"name", "size", "sha256"}
    answer = api.post(f"changes/{released.pk}/release-package/")
    assert answer.status_code == 202 and answer.json()["data"]["kind"] == "changes.release_package"
    client = Client()
    client.force_login(User.objects.get(pk=people.viewer.user_id))
    assert sealed.merkle_root in client.get(released.get_absolute_url()).content.decode()
    address = reverse("changes:change-package", args=[released.pk])
    assert client.get(address).status_code == 302
    assert client.post(address).url.startswith("/jobs/")
    check = client.get(reverse("changes:package-proof"))
    assert b"".join(check.streaming_content) == Path(proof.__file__).read_bytes()  # type: ignore[attr-defined] # a streamed answer
    assert check.headers["Content-Disposition"] == 'attachment; filename="proof.py"'


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 8, 13])
def test_the_root_is_that_of_rfc_6962(count: int) -> None:
    """Against the definition, written out: the largest power of two below n goes left."""
    entries = [Listed(f"{at:02d}", 1, hashlib.sha256(bytes([at])).hexdigest()) for at in range(count)]

    def mth(leaves: list[bytes]) -> bytes:
        if not leaves:
            return hashlib.sha256(b"").digest()
        if len(leaves) == 1:
            return hashlib.sha256(b"\x00" + leaves[0]).digest()
        k = max(2**power for power in range(10) if 2**power < len(leaves))
        return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()

    data = [entry.name.encode() + b"\x00" + bytes.fromhex(entry.sha256) for entry in entries]
    assert merkle_root(reversed(entries)) == mth(data).hex()


def test_names_are_no_paths(lamp: Lamp, people: People, tenant: Tenant) -> None:
    Product.objects.filter(pk=lamp.product.pk).update(product_number="../../etc/x")
    Product.history.filter(id=lamp.product.pk).update(product_number="../../etc/x")
    change = make_draft(people.author, lamp)
    approved(people, change)
    change_implement(actor=people.analyst, change_id=change.pk)
    names = {entry.name for entry in package_entries(fresh(change))}
    assert "structure/..%2F..%2Fetc%2Fx_B.json" in names
