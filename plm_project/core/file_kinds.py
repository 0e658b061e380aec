"""What a file is, judged by its content. A name that says something else is refused.

Signatures: PDF (ISO 32000-1, 7.5.2), PNG (ISO/IEC 15948, 5.2), JPEG (ITU-T T.81, B.1), ZIP (APPNOTE 4.3.7; the Office
formats are ZIP files with known entries, ISO/IEC 29500-2), Compound File (MS-CFB 2.2). CAD: STEP (ISO 10303-21, 5.3), GLB
(glTF 2.0, 4.4.2), 3MF (OPC, a ZIP file), STL (text begins with "solid"; binary has no signature, so its count of
triangles must be possible), DXF (group code 0, SECTION), DWG (AC10…).
"""

from __future__ import annotations

import codecs
import math
import struct
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from plm_project.core.exceptions import ValidationFailed

Test = Callable[[bytes], bool]


@dataclass(frozen=True)
class FileKind:
    """``code`` is stored; ``media_type`` goes out with a download."""

    code: str
    media_type: str
    extensions: tuple[str, ...]
    fits: Test


def _begins(*signatures: bytes) -> Test:
    return lambda head: head.startswith(signatures)


def _is_text(head: bytes) -> bool:
    """UTF-8 or UTF-16 with its mark, or any single-byte text: no control characters but the usual white space."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    return not any(byte < 32 and byte not in b"\t\n\r\f" for byte in head)


def _text_begins(*signs: str) -> Test:
    def fits(head: bytes) -> bool:
        text = head.removeprefix(codecs.BOM_UTF8).lstrip()
        return _is_text(head) and text.startswith(tuple(sign.encode() for sign in signs))

    return fits


def _office(folder: bytes) -> Test:
    """A ZIP file whose beginning names the parts of an Office document."""
    return lambda head: head.startswith(b"PK\x03\x04") and (folder in head or b"[Content_Types].xml" in head)


def _is_stl(head: bytes) -> bool:
    """Text, or 80 bytes, a count above 0 and 12 numbers that are numbers; the whole file is judged by its owner."""
    if head.lstrip().startswith(b"solid") and _is_text(head):
        return True
    if len(head) < 134 or head.startswith((b"PK", b"%PDF", b"MZ", b"\x7fELF", b"glTF")):
        return False
    return int.from_bytes(head[80:84], "little") > 0 and all(
        math.isfinite(n) for n in struct.unpack_from("<12f", head, 84)
    )


def _is_dxf(head: bytes) -> bool:
    words = head[:4096].removeprefix(codecs.BOM_UTF8).split(None, 4)
    return _is_text(head) and (words[:2] == [b"0", b"SECTION"] or words[:1] == [b"999"])


_OOXML = "application/vnd.openxmlformats-officedocument"
KINDS = {
    kind.code: kind
    for kind in (
        FileKind("pdf", "application/pdf", (".pdf",), _begins(b"%PDF-")),
        FileKind("png", "image/png", (".png",), _begins(b"\x89PNG\r\n\x1a\n")),
        FileKind("jpeg", "image/jpeg", (".jpg", ".jpeg"), _begins(b"\xff\xd8\xff")),
        FileKind("zip", "application/zip", (".zip",), _begins(b"PK\x03\x04", b"PK\x05\x06")),
        FileKind("xlsx", f"{_OOXML}.spreadsheetml.sheet", (".xlsx",), _office(b"xl/")),
        FileKind("docx", f"{_OOXML}.wordprocessingml.document", (".docx",), _office(b"word/")),
        FileKind("step", "model/step", (".step", ".stp", ".p21"), _text_begins("ISO-10303-21;")),
        FileKind("stl", "model/stl", (".stl",), _is_stl),
        FileKind("3mf", "model/3mf", (".3mf",), _office(b"3D/")),
        FileKind("glb", "model/gltf-binary", (".glb",), _begins(b"glTF")),
        FileKind("gltf", "model/gltf+json", (".gltf",), _text_begins("{")),
        FileKind("dxf", "image/vnd.dxf", (".dxf",), _is_dxf),
        FileKind("dwg", "image/vnd.dwg", (".dwg",), _begins(b"AC10")),
        FileKind("xml", "application/xml", (".xml",), _text_begins("<")),
        FileKind("json", "application/json", (".json",), _text_begins("{", "[")),
        FileKind("csv", "text/csv", (".csv",), _is_text),
        FileKind("text", "text/plain", (".txt",), _is_text),
    )
}  # fmt: skip


def plain_name(name: str) -> str:
    """Return a file's name without any folder, control characters or more than 150 characters; for showing only."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(character for character in last if character.isprintable()).strip()
    path = PurePosixPath(kept or "file")
    return f"{path.stem[: 150 - len(path.suffix[:20])]}{path.suffix[:20]}"


def file_kind(head: bytes, name: str, allowed: Collection[str], *, field: str = "file") -> FileKind:
    """Return the kind of a file from its beginning and its name; ``allowed`` are codes.

    Raises ValidationFailed for ``field`` when the name's ending is not among the allowed, or the content is something
    else than the name says.
    """
    kinds = [KINDS[code] for code in allowed]
    ending = PurePosixPath(name).suffix.lower()
    kind = next((kind for kind in kinds if ending in kind.extensions), None)
    if kind is None:
        endings = ", ".join(extension for kind in kinds for extension in kind.extensions)
        raise ValidationFailed.field(
            field, _("Files of this kind are not taken. Possible: %(endings)s") % {"endings": endings}
        )
    if not kind.fits(head):
        raise ValidationFailed.field(
            field, _("The content is not what the name %(name)s says.") % {"name": plain_name(name)}
        )
    return kind
