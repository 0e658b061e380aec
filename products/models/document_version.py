"""The files of a document's revision, and what the server made of a 3D model."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.core.file_kinds import KINDS
from plm_project.tenancy.base import TenantRecord, TenantScoped
from plm_project.tenancy.history import TenantHistory
from products.choices import PreparationState

MODEL_KINDS = frozenset({"step", "stl", "3mf", "gltf", "glb"})
# What the browser draws without the server's help.
DRAWN_KINDS = MODEL_KINDS - {"step"}
PICTURE_KINDS = frozenset({"png", "jpeg"})


class DocumentVersion(TenantRecord):
    """One file as it was checked in: 1, 2, … within a revision. Never overwritten; the database refuses it too."""

    revision = models.ForeignKey("products.DocumentRevision", on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"), editable=False)
    file_sha256 = models.CharField(_("SHA-256"), max_length=64, editable=False)
    file_name = models.CharField(_("file name"), max_length=150, editable=False)
    file_size = models.PositiveBigIntegerField(_("size in bytes"), editable=False)
    file_kind = models.CharField(_("kind"), max_length=10, editable=False)
    comment = models.CharField(_("comment"), max_length=500, blank=True, default="")

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("document version")
        verbose_name_plural = _("document versions")
        ordering: ClassVar = ["revision", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["revision", "number"], name="products_version_counted_once")
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.number})"

    @property
    def media_type(self) -> str:
        """What a download says it is."""
        return KINDS[self.file_kind].media_type

    @property
    def is_model(self) -> bool:
        """Whether it can be turned in 3D."""
        return self.file_kind in MODEL_KINDS

    @property
    def is_picture(self) -> bool:
        """Whether a browser shows it as a picture."""
        return self.file_kind in PICTURE_KINDS


class ModelPreparation(TenantScoped):
    """What the server makes of one model: a picture, and a GLB where the browser cannot read the file. A machine row.

    pending → running → done or failed, with ``reason`` for people; failed may be tried again. ``glb_sha256`` and
    ``thumbnail_sha256`` name stored files, "" where there is none. ``started_at`` tells a run that died.
    """

    version = models.OneToOneField("products.DocumentVersion", on_delete=models.PROTECT, related_name="preparation")
    state = models.CharField(
        _("state"), max_length=10, choices=PreparationState, default=PreparationState.PENDING, editable=False
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="")
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    glb_sha256 = models.CharField(max_length=64, blank=True, default="")
    glb_size = models.PositiveBigIntegerField(default=0)
    thumbnail_sha256 = models.CharField(max_length=64, blank=True, default="")
    thumbnail_size = models.PositiveBigIntegerField(default=0)

    class Meta(TenantScoped.Meta):
        verbose_name = _("model preparation")
        verbose_name_plural = _("model preparations")

    def __str__(self) -> str:
        return f"{self.version_id}: {self.state}"
