"""What the tests of the vault share: a store of their own, small models, people."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

CONTROL = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK", "BEGIN", "COMMIT", "SELECT set_config",
           "SELECT COALESCE(current_setting")  # fmt: skip
STEP_END = b"ENDSEC;\nEND-ISO-10303-21;\n"
STL = b"solid t\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid t\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 30


def glb(document: dict[str, Any] | None = None, *, length: int | None = None) -> bytes:
    """A GLB without a buffer."""
    text = json.dumps({"asset": {"version": "2.0"}, **(document or {})}).encode()
    text += b" " * (-len(text) % 4)
    size = 20 + len(text)
    return struct.pack("<4sIIII", b"glTF", 2, length or size, len(text), 0x4E4F534A) + text


def upload(content: bytes, name: str) -> ContentFile[bytes]:
    """A file as a browser sends it."""
    return ContentFile(content, name=name)


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> Path:
    """A store that starts empty."""
    folder = tmp_path / "files"
    settings.STORAGES = {
        **settings.STORAGES,
        "files": {**settings.STORAGES["files"], "OPTIONS": {"location": str(folder), "base_url": None}},
    }
    return folder


@pytest.fixture
def cad(shared: Path) -> Path:
    """Real CAD files."""
    folder = shared / "data" / "cad"
    if not folder.is_dir():
        pytest.skip("needs ../shared/data/cad (real CAD files)")
    return folder


def stored_files(folder: Path) -> list[Path]:
    """Return what lies in the store."""
    return [path for path in folder.rglob("*") if path.is_file()]
