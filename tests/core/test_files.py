"""Files by content: stored once, limited, judged by what they are, sent in chunks."""

from __future__ import annotations

import asyncio
import hashlib
import io
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.handlers.asgi import ASGIRequest
from django.test import RequestFactory

from plm_project.core.downloads import file_response
from plm_project.core.exceptions import NotFound, ValidationFailed
from plm_project.core.file_kinds import KINDS, file_kind, plain_name
from plm_project.core.file_store import CHUNK, StoredFile, file_is_whole, file_keep, file_open, file_receive
from plm_project.core.ids import uuid7


@pytest.fixture(autouse=True)
def _store(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "files": {**settings.STORAGES["files"], "OPTIONS": {"location": str(tmp_path), "base_url": None}},
    }


def keep(tenant_id: Any, content: bytes, limit: int = 10**6) -> StoredFile:
    stored, received = file_receive(ContentFile(content), limit=limit)
    with received:
        file_keep(tenant_id, stored, received)
    return stored


def names() -> list[Path]:
    return [path for path in Path(storages["files"].location).rglob("*") if path.is_file()]


def test_the_same_content_is_stored_once_in_each_tenant() -> None:
    acme, globex = uuid7(), uuid7()
    content = b"certificate " * 20_000
    first, again, other = keep(acme, content), keep(acme, content), keep(globex, content)
    assert first == again == other
    assert (first.sha256, first.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert len(first.head) == CHUNK
    assert len(names()) == 2
    with file_open(acme, first.sha256) as stored:
        assert stored.read() == content
    assert file_is_whole(acme, first.sha256)


def test_a_part_left_by_a_crash_is_replaced_and_damage_is_found() -> None:
    acme = uuid7()
    stored = keep(acme, b"whole content")
    names()[0].write_bytes(b"who")
    assert not file_is_whole(acme, stored.sha256)
    keep(acme, b"whole content")
    assert file_is_whole(acme, stored.sha256)


def test_two_at_once_leave_one_file() -> None:
    acme, content = uuid7(), b"x" * 3_000_000
    threads = [threading.Thread(target=keep, args=(acme, content, 10**7)) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names()) == 1
    assert file_is_whole(acme, hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize(("content", "word"), [(b"", "empty"), (b"x" * 1001, "larger")])
def test_empty_and_too_large_are_refused_and_nothing_is_stored(content: bytes, word: str) -> None:
    with pytest.raises(ValidationFailed, match=word) as refusal:
        keep(uuid7(), content, limit=1000)
    assert list(refusal.value.details) == ["file"]
    assert names() == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "ab", "A" * 64, "0" * 63 + "/"])
def test_only_a_hash_is_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal"):
        file_open(uuid7(), name)


def test_a_missing_file_is_named_by_its_hash() -> None:
    with pytest.raises(NotFound, match="0" * 64):
        file_open(uuid7(), "0" * 64)


def office(folder: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"{folder}/document.xml", "<x/>")
    return buffer.getvalue()


GOOD = {
    "a.pdf": b"%PDF-1.7\n", "a.PNG": b"\x89PNG\r\n\x1a\n\0", "a.jpeg": b"\xff\xd8\xff\xe0", "a.xlsx": office("xl"),
    "a.docx": office("word"), "a.zip": office("x"), "a.xml": b"\xef\xbb\xbf <a/>", "a.json": b"\n[1]", "a.csv": "ä;b\n".encode(),
    "a.txt": "ä".encode("latin-1"), "a.stp": b"ISO-10303-21;\n", "a.3mf": office("3D"), "a.glb": b"glTF\x02\0\0\0",
    "a.gltf": b' {"asset": {}}', "a.dxf": b"  0\nSECTION\n", "a.dwg": b"AC1032\0", "a.stl": b"solid cube\nfacet",
    "binary.stl": b"\0" * 80 + (1).to_bytes(4, "little") + b"\0" * 50,
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_each_kind_is_known_by_its_content(name: str) -> None:
    kind = file_kind(GOOD[name], name, list(KINDS))
    assert Path(name).suffix.lower() in kind.extensions


@pytest.mark.parametrize("name", ["a.pdf", "a.png", "a.jpg", "a.xlsx", "a.docx", "a.xml", "a.json", "a.csv", "a.txt",
                                  "a.step", "a.stl", "a.3mf", "a.glb", "a.gltf", "a.dxf", "a.dwg"])  # fmt: skip
def test_a_name_that_lies_is_refused(name: str) -> None:
    with pytest.raises(ValidationFailed, match="not what the name"):
        file_kind(b"MZ\x90\x00\x03 a program", name, list(KINDS))


def test_an_ending_that_is_not_taken_is_refused_and_the_possible_ones_named() -> None:
    with pytest.raises(ValidationFailed, match=r"\.pdf, \.png"):
        file_kind(b"%PDF-", "a.exe", ["pdf", "png"])


def test_a_shown_name_has_no_folder_and_no_control_characters() -> None:
    assert plain_name("..\\..\\C:/x/rohs\n\u202egnp.pdf") == "rohsgnp.pdf"
    assert plain_name("/") == "file"
    assert len(plain_name("n" * 400 + ".pdf")) == 150


def test_a_download_is_an_attachment_in_chunks_on_both_servers() -> None:
    content = b"0123456789" * 20_000

    def answer(request: Any) -> Any:
        return file_response(
            request, ContentFile(content), filename="Zeügnis 1.pdf", media_type="application/pdf", size=len(content)
        )

    response = answer(RequestFactory().get("/"))
    assert b"".join(response) == content
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''Ze%C3%BCgnis%201.pdf"
    assert (response["Content-Length"], response["X-Content-Type-Options"]) == (str(len(content)), "nosniff")
    assert "sandbox" in response["Content-Security-Policy"]

    async def collect() -> list[bytes]:
        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        return [chunk async for chunk in answer(ASGIRequest(scope, io.BytesIO()))]

    chunks = asyncio.run(collect())
    assert b"".join(chunks) == content
    assert max(map(len, chunks)) <= CHUNK
