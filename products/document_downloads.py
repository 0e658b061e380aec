"""What goes out of the vault, for pages and API alike: a version's file, the model to draw, its picture."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.downloads import file_response
from plm_project.core.exceptions import NotFound
from plm_project.core.file_store import file_open
from products import permissions
from products.models import DocumentVersion, ModelPreparation
from products.models.document_version import DRAWN_KINDS
from products.selectors.documents import version_get

GLB = "model/gltf-binary"


def version_file(request: HttpRequest, actor: Actor, version_id: uuid.UUID) -> StreamingHttpResponse:
    """Send a version's file as it was checked in."""
    version = _readable(actor, version_id)
    return file_response(
        request,
        file_open(actor.tenant_id, version.file_sha256),
        filename=version.file_name,
        media_type=version.media_type,
        size=version.file_size,
    )


def version_model(request: HttpRequest, actor: Actor, version_id: uuid.UUID) -> StreamingHttpResponse:
    """Send what a viewer draws: the file itself where browsers read it, else the GLB made of it (NotFound until then)."""
    version = _readable(actor, version_id)
    if version.file_kind in DRAWN_KINDS:
        return version_file(request, actor, version_id)
    made = _preparation(version)
    if made is None or not made.glb_sha256:
        raise NotFound(_("There is no model of this file that could be shown."))
    content = file_open(actor.tenant_id, made.glb_sha256)
    return file_response(request, content, filename=f"{version.file_name}.glb", media_type=GLB, size=made.glb_size)


def version_thumbnail(request: HttpRequest, actor: Actor, version_id: uuid.UUID) -> StreamingHttpResponse:
    """Send the picture of a model, or a picture file itself. NotFound where there is none."""
    version = _readable(actor, version_id)
    if version.is_picture:
        return version_file(request, actor, version_id)
    made = _preparation(version)
    if made is None or not made.thumbnail_sha256:
        raise NotFound(_("There is no picture of this file."))
    content = file_open(actor.tenant_id, made.thumbnail_sha256)
    return file_response(
        request, content, filename=f"{version.file_name}.png", media_type="image/png", size=made.thumbnail_size
    )


def _readable(actor: Actor, version_id: uuid.UUID) -> DocumentVersion:
    actor.require(permissions.DOCUMENTS_READ)
    return version_get(version_id)


def _preparation(version: DocumentVersion) -> ModelPreparation | None:
    found: ModelPreparation | None = getattr(version, "preparation", None)
    return found
