"""Files by their content: each is stored once a tenant, under its SHA-256, and never overwritten.

What a file was called is its record's business: no name from outside becomes a path. The backend is the storage
``files`` of the settings. A file that was stored before a transaction was undone stays behind unnamed; storing it
again finds it.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Protocol

from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.utils.translation import gettext as _

from plm_project.core.exceptions import NotFound, ValidationFailed

CHUNK = 64 * 1024  # bytes
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Upload(Protocol):
    """What Django's uploads and files share."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Yield the content."""


@dataclass(frozen=True)
class StoredFile:
    """A stored file: ``size`` in bytes; ``head`` is its beginning, for ``file_kinds``."""

    sha256: str
    size: int
    head: bytes


def file_receive(upload: Upload, *, limit: int, field: str = "file") -> tuple[StoredFile, IO[bytes]]:
    """Read an upload of at most ``limit`` bytes into a temporary file and hash it. The caller closes that file.

    Raises ValidationFailed for ``field`` when it is empty or too large; reading stops at the limit.
    """
    digest, size, head = hashlib.sha256(), 0, b""
    received = tempfile.SpooledTemporaryFile(max_size=2**20)  # noqa: SIM115 - it is handed to the caller
    for chunk in upload.chunks(CHUNK):
        size += len(chunk)
        if size > limit:
            received.close()
            raise ValidationFailed.field(
                field, _("The file is larger than %(limit)s MB.") % {"limit": f"{limit / 2**20:g}"}
            )
        digest.update(chunk)
        if len(head) < CHUNK:
            head += chunk[: CHUNK - len(head)]
        received.write(chunk)
    if not size:
        received.close()
        raise ValidationFailed.field(field, _("The file is empty."))
    return StoredFile(digest.hexdigest(), size, head), received


def file_keep(tenant_id: uuid.UUID, stored: StoredFile, content: IO[bytes]) -> None:
    """Put a received file into the tenant's store; one that is there already stays as it is."""
    storage, name = _storage(), _name(tenant_id, stored.sha256)
    if storage.exists(name):
        if storage.size(name) == stored.size:
            return
        storage.delete(name)  # a server that died while it wrote left a part
    content.seek(0)
    kept = storage.save(name, File(content))
    if kept != name:  # somebody stored the same content a moment before
        storage.delete(kept)


def file_open(tenant_id: uuid.UUID, sha256: str) -> File[Any]:
    """Open a stored file for reading. The caller has checked who may. Raises NotFound where there is none."""
    try:
        return _storage().open(_name(tenant_id, sha256), "rb")
    except FileNotFoundError as error:
        raise NotFound(_("The stored file is missing. Tell your administrator its SHA-256: %s") % sha256) from error


def file_is_whole(tenant_id: uuid.UUID, sha256: str) -> bool:
    """Return whether the stored content still has the hash it is named by."""
    digest = hashlib.sha256()
    with file_open(tenant_id, sha256) as stored:
        for chunk in stored.chunks(CHUNK):
            digest.update(chunk)
    return digest.hexdigest() == sha256


def _storage() -> Storage:
    return storages["files"]


def _name(tenant_id: uuid.UUID, sha256: str) -> str:
    if not _DIGEST.fullmatch(sha256):
        raise ValueError("A stored file is named by 64 hexadecimal digits")
    return f"{tenant_id.hex}/{sha256[:2]}/{sha256}"
