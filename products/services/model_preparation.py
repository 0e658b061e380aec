"""What the server makes of a 3D model: a picture, and a GLB of what no browser reads. After the commit, never in a
request: a foreign file keeps a converter busy for as long as it may."""

from __future__ import annotations

import datetime as dt
import tempfile
import uuid
from pathlib import Path

import structlog
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from plm_project.core import clock
from plm_project.core.actor import Actor
from plm_project.core.exceptions import Conflict, NotFound
from plm_project.core.file_store import CHUNK, file_keep, file_open, file_receive
from plm_project.tenancy.scope import tenant_scope
from products import permissions
from products.cad.run import SECONDS, Prepared, prepare
from products.choices import PreparationState
from products.models import DocumentVersion, ModelPreparation

log = structlog.get_logger(__name__)

MOST_MADE = 512 * 2**20  # bytes of a GLB or picture that we made ourselves
# A run that is older than this died with its process.
LOST_AFTER = dt.timedelta(seconds=SECONDS + 60)


def preparation_begin(version: DocumentVersion) -> ModelPreparation:
    """Note that a model waits, and start the work once the version is committed."""
    preparation = ModelPreparation(tenant_id=version.tenant_id, version=version)
    preparation.save()
    _start_after_commit(preparation)
    return preparation


@transaction.atomic
def preparation_retry(*, actor: Actor, version_id: uuid.UUID) -> ModelPreparation:
    """Try again what failed or died. Raises Conflict while it runs or when there is nothing to do."""
    actor.require(permissions.DOCUMENTS_UPDATE)
    preparation = ModelPreparation.objects.select_for_update().filter(version_id=version_id).first()
    if preparation is None:
        raise NotFound(_("There is no such model."))
    if preparation.state != PreparationState.FAILED and not is_lost(preparation):
        raise Conflict(_("It is not failed: there is nothing to try again."))
    preparation.state, preparation.reason, preparation.started_at = PreparationState.PENDING, "", None
    preparation.save()
    _start_after_commit(preparation)
    return preparation


def is_lost(preparation: ModelPreparation) -> bool:
    """Return whether it runs for so long that its process must have died."""
    return (
        preparation.state == PreparationState.RUNNING
        and preparation.started_at is not None
        and preparation.started_at < clock.now() - LOST_AFTER
    )


def preparation_run(tenant_id: uuid.UUID, version_id: uuid.UUID) -> None:
    """Do the work for one model: take it, convert outside of any transaction, note the outcome. Twice does no harm."""
    with tenant_scope(tenant_id, atomic=True):
        taken = ModelPreparation.objects.filter(version_id=version_id, state=PreparationState.PENDING).update(
            state=PreparationState.RUNNING, started_at=clock.now()
        )
        version = DocumentVersion.objects.filter(pk=version_id).first()
    if not taken or version is None:
        return
    try:
        with tempfile.TemporaryDirectory(prefix="plm-model-") as folder:
            prepared = _prepare(tenant_id, version, Path(folder))
            values = _kept(tenant_id, prepared)
    except Exception:
        log.exception("model_preparation_failed", version_id=str(version_id))
        _note(tenant_id, version_id, state=PreparationState.FAILED, reason=_("The server could not do it. Try again."))
        raise
    _note(tenant_id, version_id, **values)


def _prepare(tenant_id: uuid.UUID, version: DocumentVersion, folder: Path) -> Prepared:
    source = folder / f"source.{version.file_kind}"
    with file_open(tenant_id, version.file_sha256) as stored, source.open("wb") as copy:
        for chunk in stored.chunks(CHUNK):
            copy.write(chunk)
    return prepare(version.file_kind, source, folder)


def _kept(tenant_id: uuid.UUID, prepared: Prepared) -> dict[str, object]:
    values: dict[str, object] = {
        "state": PreparationState.FAILED if prepared.fault else PreparationState.DONE,
        "reason": prepared.fault[:500],
    }
    for name, path in (("glb", prepared.glb), ("thumbnail", prepared.picture)):
        if path is None:
            continue
        with path.open("rb") as made:
            stored, content = file_receive(File(made), limit=MOST_MADE)
            with content:
                file_keep(tenant_id, stored, content)
        values |= {f"{name}_sha256": stored.sha256, f"{name}_size": stored.size}
    return values


def _note(tenant_id: uuid.UUID, version_id: uuid.UUID, **values: object) -> None:
    with tenant_scope(tenant_id, atomic=True):
        ModelPreparation.objects.filter(version_id=version_id, state=PreparationState.RUNNING).update(
            finished_at=clock.now(), **values
        )


def _start_after_commit(preparation: ModelPreparation) -> None:
    from products.tasks import model_prepare_start

    tenant_id, version_id = preparation.tenant_id, preparation.version_id
    transaction.on_commit(lambda: model_prepare_start(tenant_id, version_id), robust=True)
