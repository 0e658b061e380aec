"""Drawings and models of the demo, made in code: a PDF sheet with a frame, outlines and a title block, and STL solids.

Lengths are millimetres. Nothing here is a design of anybody's: the shapes are as plain as the demo needs them.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Point = tuple[float, float, float]
Triangle = tuple[Point, Point, Point]
POINTS_PER_MM = 72 / 25.4
SHEET = (297.0, 210.0)  # A4, landscape
BEND = 4 / 3 * math.tan(math.pi / 8)  # how far a Bézier curve's handles reach for a quarter of a circle


@dataclass(frozen=True)
class Circle:
    """A circle about a centre on the sheet."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Box:
    """A rectangle by its lower left corner on the sheet."""

    x: float
    y: float
    width: float
    height: float


def sheet(title: str, number: str, notes: Sequence[str], shapes: Iterable[Circle | Box]) -> bytes:
    """Return a drawing as a PDF of one page. Texts are written in Latin-1."""
    width, height = SHEET
    ink = [
        "0.35 w",
        _path(Box(10, 10, width - 20, height - 20)),
        _path(Box(177, 10, 110, 36)),
        _path(Box(177, 22, 110, 0.01)),
    ]
    ink += ["0.7 w", *map(_path, shapes)]
    ink += [
        _text(181, 36, 12, title),
        _text(181, 27, 9, number),
        _text(181, 14.5, 7, "Demo drawing. Not for manufacture."),
    ]
    ink += [_text(18, 34 - 6 * at, 8, note) for at, note in enumerate(notes)]
    return _pdf("\n".join(ink).encode("latin-1", "replace"))


def disc(outer: float, inner: float, thickness: float, holes: int = 0, *, around: float = 0, steps: int = 96) -> bytes:
    """Return a ring as STL; with ``holes`` its rim waves that often, by ``around`` millimetres."""
    rims = []
    for at in range(steps):
        turn = 2 * math.pi * at / steps
        wave = outer + around * math.cos(holes * turn)
        rims.append([(radius * math.cos(turn), radius * math.sin(turn)) for radius in (wave, inner)])
    faces: list[Triangle] = []
    for one, two in zip(rims, [*rims[1:], rims[0]], strict=True):
        (a, b), (c, d) = one, two
        for level, order in ((thickness, 1), (0.0, -1)):
            faces += _square([(*point, level) for point in (a, c, d, b)][::order])
        faces += _square([(*a, 0.0), (*c, 0.0), (*c, thickness), (*a, thickness)])
        faces += _square([(*b, thickness), (*d, thickness), (*d, 0.0), (*b, 0.0)])
    return stl(faces)


def plate(width: float, depth: float, thickness: float) -> bytes:
    """Return a cuboid as STL."""
    low = [(0.0, 0.0, 0.0), (width, 0.0, 0.0), (width, depth, 0.0), (0.0, depth, 0.0)]
    high = [(x, y, thickness) for x, y, _z in low]
    faces = [*_square(low[::-1]), *_square(high)]
    for at in range(4):
        following = (at + 1) % 4
        faces += _square([low[at], low[following], high[following], high[at]])
    return stl(faces)


def stl(faces: Sequence[Triangle]) -> bytes:
    """Return triangles, each anticlockwise from outside, as a binary STL file."""
    head = b"demo".ljust(80, b" ") + struct.pack("<I", len(faces))
    return head + b"".join(
        struct.pack("<12fH", *_normal(face), *(v for point in face for v in point), 0) for face in faces
    )


def _square(corners: Sequence[Point]) -> list[Triangle]:
    a, b, c, d = corners
    return [(a, b, c), (a, c, d)]


def _normal(face: Triangle) -> Point:
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = face
    ux, uy, uz, vx, vy, vz = bx - ax, by - ay, bz - az, cx - ax, cy - ay, cz - az
    x, y, z = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    length = math.sqrt(x * x + y * y + z * z) or 1.0
    return x / length, y / length, z / length


def _path(shape: Circle | Box) -> str:
    if isinstance(shape, Box):
        return f"{_at(shape.x, shape.y)} {_at(shape.width, shape.height)} re S"
    x, y, r, k = shape.x, shape.y, shape.radius, shape.radius * BEND
    quarters = (
        ((x + r, y + k), (x + k, y + r), (x, y + r)),
        ((x - k, y + r), (x - r, y + k), (x - r, y)),
        ((x - r, y - k), (x - k, y - r), (x, y - r)),
        ((x + k, y - r), (x + r, y - k), (x + r, y)),
    )
    curves = " ".join(f"{' '.join(_at(*point) for point in quarter)} c" for quarter in quarters)
    return f"{_at(x + r, y)} m {curves} S"


def _text(x: float, y: float, size: float, words: str) -> str:
    escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /F1 {size:g} Tf {_at(x, y)} Td ({escaped}) Tj ET"


def _at(x: float, y: float) -> str:
    return f"{x * POINTS_PER_MM:.2f} {y * POINTS_PER_MM:.2f}"


def _pdf(page: bytes) -> bytes:
    box = " ".join(f"{side * POINTS_PER_MM:.2f}" for side in SHEET)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {box}] /Contents 4 0 R "
        f"/Resources << /Font << /F1 5 0 R >> >> >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    file, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    begins = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % place for place in places)
    file += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, begins)
    return bytes(file)
