"""The converter's own process: ``python -m products.cad.worker KIND SOURCE GLB PICTURE LIMITS``. Started by ``run.py``.

Ends with 0 when what could be made is there. Imports no Django: it holds no connection and no secret.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

LINEAR, ANGULAR = 0.05, 0.3  # tolerances of the mesh: millimetres beside the shape, radians between two facets
FORMATS = {"stl": "stl", "3mf": "3mf", "glb": "glb", "gltf": "gltf", "step": "glb"}


def limit(limits: dict[str, int]) -> None:
    """Bind this process before it reads a stranger's file; Windows has no such limits and relies on the time alone."""
    try:
        import resource
    except ImportError:
        return
    seconds = limits["seconds"]
    for name, soft in (("RLIMIT_CPU", seconds), ("RLIMIT_AS", limits["memory"]), ("RLIMIT_FSIZE", limits["output"]),
                       ("RLIMIT_CORE", 0)):  # fmt: skip
        resource.setrlimit(getattr(resource, name), (soft, soft))


def main(arguments: list[str]) -> int:
    """Convert and draw."""
    kind, source, glb, picture, limits = arguments
    limit(json.loads(limits))
    shown = Path(source)
    if kind == "step":
        import cascadio

        cascadio.step_to_glb(source, glb, LINEAR, ANGULAR)
        shown = Path(glb)
        if not shown.is_file():
            return 1
    triangles, colours = triangles_of(shown, FORMATS[kind])
    if len(triangles):
        from products.cad.picture import draw

        draw(triangles, colours, Path(picture))
    return 0


def triangles_of(path: Path, file_type: str) -> tuple[Any, Any]:
    """Return all triangles (n, 3, 3) in the scene's own axes, Z up, and their colours (n, 3) from 0 to 1."""
    import numpy
    import trimesh

    with path.open("rb") as content:
        scene = trimesh.load_scene(content, file_type=file_type)
    parts, tints = [], []
    for node in scene.graph.nodes_geometry:
        transform, name = scene.graph[node]
        mesh = scene.geometry[name]
        if not isinstance(mesh, trimesh.Trimesh) or not len(mesh.faces):
            continue
        corners = trimesh.transform_points(mesh.vertices, transform)
        parts.append(corners[mesh.faces])
        tints.append(numpy.tile(_tint(mesh), (len(mesh.faces), 1)))
    if not parts:
        return numpy.zeros((0, 3, 3)), numpy.zeros((0, 3))
    triangles = numpy.concatenate(parts)
    if file_type in ("glb", "gltf"):  # Y is up there (glTF 2.0, 3.4)
        triangles = triangles[..., [0, 2, 1]] * numpy.array([1.0, -1.0, 1.0])
    return triangles, numpy.concatenate(tints)


def _tint(mesh: Any) -> Any:
    """Return a mesh's own colour, or steel."""
    import numpy

    steel = numpy.array([0.56, 0.63, 0.70])
    material = getattr(mesh.visual, "material", None)
    factor = getattr(material, "baseColorFactor", None)
    if factor is None and getattr(mesh.visual, "kind", None) in ("face", "vertex"):
        factor = mesh.visual.main_color
    if factor is None:
        return steel
    colour = numpy.asarray(factor, dtype=float)[:3]
    return colour / 255 if colour.max() > 1 else colour


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
