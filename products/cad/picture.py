"""A picture of triangles without a graphics card: parallel projection, a depth buffer, light from the upper left.

Each pixel keeps the smallest of (depth, triangle) packed into one number, so that triangles are drawn in bulk by numpy
and in any order. Triangles are grouped by the size of the square they cover; one is never larger than the picture.
"""

from __future__ import annotations

from pathlib import Path

import numpy
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[numpy.float64]

WIDTH, HEIGHT = 640, 480  # pixels
FINER = 2  # drawn so many times larger, then made smaller: smooth edges
MARGIN = 0.06
BATCH = 2_000_000  # pixels looked at in one go
EMPTY = numpy.int64(2**62)
DEPTHS = 2**30
LIGHT = numpy.array([-0.35, 0.55, 0.76])
ISOMETRIC = numpy.array(
    [
        [numpy.sqrt(0.5), numpy.sqrt(0.5), 0.0],
        [-numpy.sqrt(1 / 6), numpy.sqrt(1 / 6), numpy.sqrt(2 / 3)],
        [numpy.sqrt(1 / 3), -numpy.sqrt(1 / 3), numpy.sqrt(1 / 3)],
    ]
)  # rows: right, up, towards the viewer, who stands in front, to the right and above


def draw(triangles: Floats, colours: Floats, path: Path) -> None:
    """Draw triangles (n, 3, 3; Z up) in their colours (n, 3; 0 to 1) as a PNG on a clear ground."""
    seen = triangles @ ISOMETRIC.T
    points = _placed(seen)
    shades = colours * _light(seen)[:, None]
    buffer = numpy.full(WIDTH * HEIGHT * FINER * FINER, EMPTY, dtype=numpy.int64)
    corners = points[..., :2]
    low = numpy.floor(corners.min(axis=1)).astype(numpy.int64)
    spans = (numpy.ceil(corners.max(axis=1)).astype(numpy.int64) - low + 1).max(axis=1)
    side = 1
    while side < spans.max() * 2:
        group = numpy.flatnonzero((spans <= side) & (spans > side // 2)) if side > 1 else numpy.flatnonzero(spans <= 1)
        step = max(1, BATCH // (side * side))
        for start in range(0, len(group), step):
            _fill(buffer, points, low, group[start : start + step], side)
        side *= 2
    _picture(buffer, shades).save(path, "PNG", optimize=True)


def _placed(seen: Floats) -> Floats:
    """Scale and move into the picture: x to the right, y downwards in pixels, z from 0 (near) to 1 (far)."""
    flat = seen.reshape(-1, 3)
    low, high = flat.min(axis=0), flat.max(axis=0)
    room = numpy.array([WIDTH, HEIGHT]) * FINER
    extent = numpy.maximum(high - low, 1e-12)
    scale = (room * (1 - 2 * MARGIN) / extent[:2]).min()
    placed = numpy.empty_like(seen)
    centre = (low + high) / 2
    placed[..., 0] = (seen[..., 0] - centre[0]) * scale + room[0] / 2
    placed[..., 1] = (centre[1] - seen[..., 1]) * scale + room[1] / 2
    placed[..., 2] = (high[2] - seen[..., 2]) / extent[2]
    return placed


def _light(seen: Floats) -> Floats:
    """How bright each triangle is; both sides are lit, for many models have some facets the wrong way round."""
    normals = numpy.cross(seen[:, 1] - seen[:, 0], seen[:, 2] - seen[:, 0])
    lengths = numpy.linalg.norm(normals, axis=1)
    normals = normals / numpy.where(lengths > 0, lengths, 1)[:, None]
    normals *= numpy.where(normals[:, 2] < 0, -1.0, 1.0)[:, None]
    return 0.42 + 0.62 * numpy.clip(normals @ (LIGHT / numpy.linalg.norm(LIGHT)), 0, 1)


def _fill(
    buffer: NDArray[numpy.int64], points: Floats, low: NDArray[numpy.int64], group: NDArray[numpy.int64], side: int
) -> None:
    """Draw the triangles of ``group``, each of which lies within ``side`` pixels from its low corner."""
    offsets = numpy.arange(side)
    x = (low[group, 0][:, None, None] + offsets[None, None, :]).astype(numpy.int64)
    y = (low[group, 1][:, None, None] + offsets[None, :, None]).astype(numpy.int64)
    a, b, c = (points[group, corner][:, None, None, :] for corner in range(3))
    area = (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (c[..., 0] - a[..., 0]) * (b[..., 1] - a[..., 1])
    area = numpy.where(numpy.abs(area) > 1e-12, area, numpy.inf)  # edge-on: covers nothing
    px, py = x + 0.5, y + 0.5
    v = ((px - a[..., 0]) * (c[..., 1] - a[..., 1]) - (c[..., 0] - a[..., 0]) * (py - a[..., 1])) / area
    w = ((b[..., 0] - a[..., 0]) * (py - a[..., 1]) - (px - a[..., 0]) * (b[..., 1] - a[..., 1])) / area
    inside = (v >= 0) & (w >= 0) & (v + w <= 1) & numpy.isfinite(area)
    width, height = WIDTH * FINER, HEIGHT * FINER
    inside &= (x >= 0) & (x < width) & (y >= 0) & (y < height)
    depth = a[..., 2] + v * (b[..., 2] - a[..., 2]) + w * (c[..., 2] - a[..., 2])
    where = numpy.broadcast_to(y * width + x, inside.shape)[inside]
    index = numpy.broadcast_to(group[:, None, None], inside.shape)[inside]
    keys = ((numpy.clip(depth[inside], 0, 1) * (DEPTHS - 1)).astype(numpy.int64) << 32) | index
    numpy.minimum.at(buffer, where, keys)


def _picture(buffer: NDArray[numpy.int64], shades: Floats) -> Image.Image:
    pixels = numpy.zeros((len(buffer), 4), dtype=numpy.uint8)
    drawn = buffer != EMPTY
    pixels[drawn, :3] = (numpy.clip(shades[buffer[drawn] & 0xFFFFFFFF], 0, 1) * 255).astype(numpy.uint8)
    pixels[drawn, 3] = 255
    large = Image.fromarray(pixels.reshape(HEIGHT * FINER, WIDTH * FINER, 4), "RGBA")
    return large.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
