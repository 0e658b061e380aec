"""Run the converter in a process of its own, with limits on time, memory and output, and believe only what it left.

A parser in C++ on a stranger's file may crash, hang, or answer nothing at all; none of that reaches this process. The
libraries come with the extra ``cad``; without them a model that browsers read is shown without a picture, and STEP
cannot be converted.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from products.cad.checks import model_fault

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120
MEMORY = 4 * 2**30  # bytes of address space
MOST_OUTPUT = 512 * 2**20  # bytes a file it writes may have
LIBRARIES = ("cascadio", "trimesh", "numpy", "PIL")


@dataclass(frozen=True)
class Prepared:
    """What came out: a GLB (of STEP alone), a picture, or why not. A missing picture alone is no fault."""

    fault: str = ""
    glb: Path | None = None
    picture: Path | None = None


def libraries_missing() -> list[str]:
    """Return which of the libraries of the extra ``cad`` are not installed."""
    return [name for name in LIBRARIES if importlib.util.find_spec(name) is None]


def prepare(kind: str, source: Path, folder: Path, *, seconds: int = SECONDS) -> Prepared:
    """Convert ``source`` where its kind needs it, and draw it; files are written into ``folder``."""
    needs_glb = kind == "step"
    if libraries_missing():
        fault = _("This server cannot convert STEP: its administrator can install the extra “cad”.")
        return Prepared(fault=fault if needs_glb else "")
    glb, picture = folder / "model.glb", folder / "picture.png"
    ended = _run(kind, source, glb, picture, seconds)
    fault = ended
    if needs_glb:
        fault = _glb_fault(glb, ended)
    elif not picture.is_file():
        fault = ended or _("The file holds nothing that can be drawn.")
    return Prepared(
        fault=fault,
        glb=glb if needs_glb and not fault else None,
        picture=picture if picture.is_file() and picture.stat().st_size else None,
    )


def _run(kind: str, source: Path, glb: Path, picture: Path, seconds: int) -> str:
    """Return why it ended badly, or ""."""
    limits = json.dumps({"seconds": seconds, "memory": MEMORY, "output": MOST_OUTPUT})
    command = [sys.executable, "-m", "products.cad.worker", kind, str(source), str(glb), str(picture), limits]
    environment = {
        "PATH": os.defpath,
        "HOME": str(glb.parent),
        "TMPDIR": str(glb.parent),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }  # nothing else: no address of a database, no key
    try:
        done = subprocess.run(  # noqa: S603 - fixed program, arguments of our own making
            command, cwd=ROOT, env=environment, capture_output=True, timeout=seconds + 10, check=False
        )
    except subprocess.TimeoutExpired:
        return _("The model is too large: it was not done after %(seconds)d seconds.") % {"seconds": seconds}
    if done.returncode == 0:
        return ""
    if done.returncode < 0:
        return _("The converter stopped at this file: it is damaged, or too large for the time and memory it has.")
    return _("The file cannot be read as a model.")


def _glb_fault(glb: Path, ended: str) -> str:
    """The converter raises nothing on a bad file: only a whole GLB counts."""
    if not glb.is_file() or not glb.stat().st_size:
        return ended or _("The STEP file holds no shape that could be converted.")
    with glb.open("rb") as content:
        if content.read(4) != b"glTF":
            return _("The converter left no GLB.")
        content.seek(0)
        return model_fault("glb", content, glb.stat().st_size)
