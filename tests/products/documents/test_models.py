"""3D models: real files converted and drawn, damaged ones refused with a reason, nothing hanging."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from plm_project.core.exceptions import Conflict, ValidationFailed
from plm_project.core.file_store import file_open
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope
from products.cad.run import libraries_missing, prepare
from products.models import DocumentVersion, ModelPreparation
from products.services.documents import document_create
from products.services.model_preparation import preparation_retry, preparation_run
from tests.factories import system_actor
from tests.products.documents.conftest import STEP_END, glb

pytestmark = pytest.mark.django_db
MODELS = {
    "213-000172_hook_lift.stp", "227-001333_mechanical_top_plate.stp", "OC-2G_Mounting_Plate_RevA.STEP",
    "piece_fin_course.STEP", "support_rail.STEP", "Box.glb", "BoxTextured.glb", "car.glb", "fan_duct.stl", "foot.stl",
    "stl_ascii.stl", "utah_teapot.stl", "piece_fin_course.3mf",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _libraries() -> None:
    if missing := libraries_missing():
        pytest.skip("needs the extra cad: " + ", ".join(missing))


def keep(tenant: Tenant, content: bytes, name: str) -> DocumentVersion:
    with tenant_scope(tenant.pk, atomic=True):
        document = document_create(
            actor=system_actor(), data={"title": "A model"}, upload=ContentFile(content), file_name=name
        )
        return document.revisions.get().versions.get()


def prepared(tenant: Tenant, version: DocumentVersion) -> ModelPreparation:
    preparation_run(tenant.pk, version.pk)
    with tenant_scope(tenant.pk):
        return ModelPreparation.objects.get(version=version)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_real_model_is_taken_and_drawn_and_step_becomes_glb(tenant: Tenant, cad: Path, name: str) -> None:
    from PIL import Image

    version = keep(tenant, (cad / name).read_bytes(), name)
    done = prepared(tenant, version)
    assert (done.state, done.reason) == ("done", "")
    with file_open(tenant.pk, done.thumbnail_sha256) as content:
        picture = Image.open(io.BytesIO(content.read()))
    clear = picture.getchannel("A").histogram()[0]
    assert picture.size == (640, 480) and 0.03 < 1 - clear / (640 * 480) < 0.95
    if version.file_kind == "step":
        with file_open(tenant.pk, done.glb_sha256) as content:
            assert content.read(4) == b"glTF" and done.glb_size > 1000
    else:
        assert done.glb_sha256 == ""


def test_a_gltf_whose_data_lie_in_another_file_is_refused(tenant: Tenant, cad: Path) -> None:
    with pytest.raises(ValidationFailed, match=r"another file \(CubeHierarchy.bin\). Save it as .glb"):
        keep(tenant, (cad / "CubeHierarchy" / "CubeHierarchy.gltf").read_bytes(), "CubeHierarchy.gltf")


GARBAGE: dict[str, Callable[[], bytes]] = {
    "noise.step": lambda: b"ISO-10303-21;\nDATA;\n" + bytes(range(32, 127)) * 400 + STEP_END,
    "loop.step": lambda: (
        b"ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\n#1=SHELL_BASED_SURFACE_MODEL('',(#1));\n" + STEP_END
    ),
    "empty.glb": lambda: glb({"scenes": [{"nodes": [0]}], "nodes": [{"mesh": 7}]}),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_fails_with_a_reason_and_may_be_tried_again(tenant: Tenant, name: str) -> None:
    version = keep(tenant, GARBAGE[name](), name)
    failed = prepared(tenant, version)
    assert failed.state == "failed" and failed.reason and failed.finished_at
    assert failed.glb_sha256 == failed.thumbnail_sha256 == ""
    preparation_run(tenant.pk, version.pk)  # a second delivery of the same task
    with tenant_scope(tenant.pk, atomic=True):
        again = preparation_retry(actor=system_actor(), version_id=version.pk)
        assert (again.state, again.reason) == ("pending", "")
        with pytest.raises(Conflict):
            preparation_retry(actor=system_actor(), version_id=version.pk)


def test_a_converter_that_takes_too_long_or_too_much_is_stopped(tmp_path: Path, cad: Path) -> None:
    outcome = prepare("step", cad / "213-000172_hook_lift.stp", tmp_path, seconds=0)
    assert outcome.fault and outcome.glb is None
