"""What a change released, sealed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantScoped


class ReleasePackage(TenantScoped):
    """The manifest of what a change released, taken once, right after the release, and never changed
    (``changes/packages``). The package itself is written whenever somebody wants it, and is refused when the records do
    not make the same manifest any more.

    ``entries`` are lists of name, size and SHA-256, by name; ``merkle_root`` is theirs.
    """

    change = models.OneToOneField(
        "changes.EngineeringChange", on_delete=models.PROTECT, related_name="release_package", editable=False
    )
    merkle_root = models.CharField(_("Merkle root"), max_length=64, editable=False)
    entries = models.JSONField(_("entries"), editable=False)
    sealed_at = models.DateTimeField(_("sealed"), editable=False)

    class Meta(TenantScoped.Meta):
        verbose_name = _("release package")
        verbose_name_plural = _("release packages")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.merkle_root
