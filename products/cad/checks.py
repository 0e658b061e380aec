"""Whether a 3D model is whole, as far as can be told without drawing it. The first bytes were judged already.

STEP: ISO 10303-21, 5.3 (ends with END-ISO-10303-21). Binary STL: 80 bytes, a count, 50 bytes a triangle. 3MF: a ZIP with
3D/*.model (3MF core, OPC). glTF 2.0 and GLB: Khronos specification, 4.4 and 3.6.
"""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable
from typing import IO, Any

from django.utils.translation import gettext as _

from plm_project.core.file_store import CHUNK

MOST_UNPACKED = 1024 * 2**20  # bytes in a 3MF; a small ZIP can be a very large model
MOST_GLTF_JSON = 64 * 2**20
STL_HEAD, STL_TRIANGLE = 84, 50
# What would need a decoder of its own (WebAssembly, which the content security policy forbids).
COMPRESSED = ("KHR_draco_mesh_compression", "EXT_meshopt_compression", "KHR_texture_basisu")


def model_fault(kind: str, content: IO[bytes], size: int) -> str:
    """Return what keeps a model of this kind from being used, in words for people; "" when nothing does."""
    return CHECKS[kind](content, size)


def _step_fault(content: IO[bytes], size: int) -> str:
    content.seek(max(0, size - CHUNK))
    if b"END-ISO-10303-21" in content.read():
        return ""
    return _("The STEP file is cut off: its end is missing.")


def _stl_fault(content: IO[bytes], size: int) -> str:
    head = content.read(STL_HEAD)
    if len(head) == STL_HEAD and size == STL_HEAD + STL_TRIANGLE * int.from_bytes(head[80:84], "little"):
        return "" if size > STL_HEAD else _("The STL file holds no triangle.")
    content.seek(0)
    first = content.read(CHUNK)
    content.seek(max(0, size - CHUNK))
    if first.lstrip().startswith(b"solid") and b"facet" in first and b"endsolid" in content.read():
        return ""
    return _("The STL file is cut off, or no STL file: its length does not fit its count of triangles.")


def _3mf_fault(content: IO[bytes], size: int) -> str:
    try:
        with zipfile.ZipFile(content) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
        return _("The 3MF file is damaged: it cannot be unpacked.")
    if not any(entry.filename.lower().endswith(".model") for entry in entries):
        return _("The file holds no 3MF model.")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        return _("The 3MF file is larger than %(limit)d MB when unpacked.") % {"limit": MOST_UNPACKED >> 20}
    return ""


def _glb_fault(content: IO[bytes], size: int) -> str:
    head = content.read(20)
    if len(head) < 20:
        return _("The GLB file is cut off.")
    _magic, version, length, json_length, chunk_type = struct.unpack("<IIIII", head)
    if version != 2:
        return _("Only glTF 2.0 is shown; this is version %(version)d.") % {"version": version}
    if length != size or chunk_type != 0x4E4F534A or json_length > min(size - 20, MOST_GLTF_JSON):
        return _("The GLB file is cut off, or its length is wrong.")
    return _gltf_json_fault(content.read(json_length))


def _gltf_fault(content: IO[bytes], size: int) -> str:
    # Text with the data inside is a third larger than the data; what is larger than this belongs in a GLB.
    if size > MOST_GLTF_JSON:
        return _("A .gltf file has at most %(limit)d MB; save it as .glb.") % {"limit": MOST_GLTF_JSON >> 20}
    return _gltf_json_fault(content.read())


def _gltf_json_fault(text: bytes) -> str:
    try:
        data = json.loads(text)
        outside = [_uri(entry) for name in ("buffers", "images") for entry in data.get(name, [])]
        used = [str(name) for name in data.get("extensionsRequired", [])]
        version = str(data.get("asset", {}).get("version", ""))
    except (ValueError, AttributeError, TypeError, RecursionError):
        return _("The glTF file is damaged: its description cannot be read.")
    if not version.startswith("2"):
        return _("Only glTF 2.0 is shown; this is version %(version)s.") % {"version": version or "?"}
    missing = sorted({name for name in outside if name and not name.startswith("data:")})
    if missing:
        return _("The model refers to another file (%(name)s). Save it as .glb, with everything inside.") % {
            "name": missing[0][:100]
        }
    if compressed := [name for name in used if name in COMPRESSED]:
        return _("Models compressed with %(name)s are not supported. Save it without compression.") % {
            "name": compressed[0]
        }
    return ""


def _uri(entry: Any) -> str:
    return str(entry.get("uri", ""))


CHECKS: dict[str, Callable[[IO[bytes], int], str]] = {
    "step": _step_fault,
    "stl": _stl_fault,
    "3mf": _3mf_fault,
    "glb": _glb_fault,
    "gltf": _gltf_fault,
}
