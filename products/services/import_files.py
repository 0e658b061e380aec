"""Files that wait between the preview of an import and its confirmation.

They lie in the default storage in a folder of the tenant and the person, under a random name: what the file was called
never becomes a path. The token that leads back is signed for exactly that tenant and person and expires; everything
else it says (the file's name for messages, the parent) is inside it, so nothing is written to the database before the
person confirms.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from django.core import signing
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.utils.translation import gettext as _

from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import NotFound, ValidationFailed
from products import permissions
from products.importing.table import MAX_BYTES

FOLDER = "pending-imports"
LIFETIME = dt.timedelta(hours=2)
MOST_WAITING = 20
_SALT = "products.import-file"
_LONGEST_NAME = 100


@dataclass(frozen=True)
class WaitingFile:
    """A kept file: ``key`` is its random name in the storage, ``filename`` what the person called it."""

    key: str
    filename: str
    parent_number: str
    parent_name: str


def import_file_keep(
    *, actor: Actor, upload: File[Any], filename: str, parent_number: str, parent_name: str = ""
) -> str:
    """Keep an upload and return its token. Files that have waited too long, or beyond the newest few, go.

    Raises PermissionDenied without the permission to import, ValidationFailed when it is too large.
    """
    actor.require(permissions.PRODUCTS_IMPORT)
    if upload.size > MAX_BYTES:
        raise ValidationFailed.field(
            "file", _("The file is larger than %(limit)d MB.") % {"limit": MAX_BYTES // 2**20}
        )
    _tidy(actor)
    waiting = WaitingFile(
        key=secrets.token_hex(16),
        filename=PurePosixPath(filename.replace("\\", "/")).name[-_LONGEST_NAME:],
        parent_number=parent_number,
        parent_name=parent_name,
    )
    _storage().save(_path(actor, waiting.key), upload)
    return signing.dumps(asdict(waiting), salt=_salt(actor), compress=True)


def import_file_read(*, actor: Actor, token: str) -> tuple[WaitingFile, bytes]:
    """Return a kept file and its content; raise NotFound for a wrong, foreign or expired token, or a file gone."""
    actor.require(permissions.PRODUCTS_IMPORT)
    waiting = waiting_file(actor, token)
    try:
        with _storage().open(_path(actor, waiting.key), "rb") as stored:
            return waiting, stored.read()
    except FileNotFoundError:
        raise NotFound(_("This file was imported already, or has waited too long. Choose it again.")) from None


def import_file_drop(*, actor: Actor, token: str) -> None:
    """Remove a kept file; nothing happens when it is gone already."""
    _storage().delete(_path(actor, waiting_file(actor, token).key))


def waiting_file(actor: Actor, token: str) -> WaitingFile:
    """Return what a token says; raise NotFound when it is not this person's or has expired."""
    try:
        return WaitingFile(**signing.loads(token, salt=_salt(actor), max_age=LIFETIME))
    except signing.BadSignature:
        raise NotFound(_("This file was imported already, or has waited too long. Choose it again.")) from None


def _storage() -> Storage:
    return storages["default"]


def _salt(actor: Actor) -> str:
    return f"{_SALT}.{actor.tenant_id}.{actor.user_id}"


def _folder(actor: Actor) -> str:
    person = actor.user_id.hex if actor.user_id else "system"
    return f"{FOLDER}/{actor.tenant_id.hex}/{person}"


def _path(actor: Actor, key: str) -> str:
    return f"{_folder(actor)}/{key}"


def _tidy(actor: Actor) -> None:
    """Remove the tenant's files that are past their time, and the person's oldest beyond the limit."""
    storage, top = _storage(), f"{FOLDER}/{actor.tenant_id.hex}"
    oldest_allowed = clock.now() - LIFETIME
    for person in _listed(storage, top)[0]:
        for name in _listed(storage, f"{top}/{person}")[1]:
            if storage.get_modified_time(f"{top}/{person}/{name}") < oldest_allowed:
                storage.delete(f"{top}/{person}/{name}")
    own = [f"{_folder(actor)}/{name}" for name in _listed(storage, _folder(actor))[1]]
    own.sort(key=storage.get_modified_time, reverse=True)
    for path in own[MOST_WAITING - 1 :]:
        storage.delete(path)


def _listed(storage: Storage, path: str) -> tuple[list[str], list[str]]:
    try:
        return storage.listdir(path)
    except FileNotFoundError:
        return [], []
