"""Release packages, as the API says them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from plm_project.api.serializers import PlmSerializer, UtcDateTimeField


class PackageEntrySerializer(PlmSerializer):
    """One entry of a release package."""

    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()


class ReleasePackageSerializer(PlmSerializer):
    """What was sealed right after the release. A package with another root is not this one."""

    change_number = serializers.CharField(source="change.change_number")
    merkle_root = serializers.CharField()
    sealed_at = UtcDateTimeField()
    entries = serializers.SerializerMethodField()

    @extend_schema_field(PackageEntrySerializer(many=True))
    def get_entries(self, package: Any) -> list[dict[str, Any]]:
        """Name what the stored lists hold."""
        return [{"name": name, "size": size, "sha256": sha256} for name, size, sha256 in package.entries]
