"""The demo's drawings and models: files that every reader takes."""

from __future__ import annotations

import math
import re
import struct
from collections import Counter

import pytest

from plm_project.demo.drawings import SHEET, Box, Circle, disc, plate, sheet


def test_a_sheet_is_a_pdf_whose_table_leads_to_its_objects() -> None:
    file = sheet("Lever (left)", "VF-1 \\ Ä", ["Steel"], [Circle(100, 100, 20), Box(40, 40, 30, 10)])
    begins = int(re.search(rb"startxref\n(\d+)\n%%EOF\n\Z", file)[1])  # type: ignore[index]
    table = re.match(rb"xref\n0 (\d+)\n((?:\d{10} \d{5} [fn] \n)+)trailer", file[begins:])
    assert table is not None
    places = [int(line[:10]) for line in table[2].splitlines()][1:]
    assert len(places) == int(table[1]) - 1 == file.count(b" obj\n")
    for number, place in enumerate(places, start=1):
        assert file[place:].startswith(b"%d 0 obj\n" % number)
    length, page = re.search(rb"/Length (\d+) >>\nstream\n(.*)\nendstream", file, re.DOTALL).groups()  # type: ignore[union-attr]
    assert int(length) == len(page)
    assert b"(Lever \\(left\\)) Tj" in page and "VF-1 \\\\ Ä".encode("latin-1") in page
    numbers = [float(number) for number in re.findall(rb"(?<![\w/])-?\d+\.\d\d\b", page)]
    assert min(numbers) >= 0 and max(numbers) <= max(SHEET) * 72 / 25.4


@pytest.mark.parametrize(
    ("solid", "volume"),
    [
        (plate(130, 80, 8), 130 * 80 * 8),
        (disc(90, 17, 1.8, steps=720), math.pi * (90**2 - 17**2) * 1.8),
        (disc(90, 17, 1.8, holes=12, around=1.2), math.pi * (90**2 - 17**2) * 1.8),
    ],
)
def test_a_solid_is_closed_and_turned_outwards(solid: bytes, volume: float) -> None:
    (count,) = struct.unpack_from("<I", solid, 80)
    assert len(solid) == 84 + 50 * count
    edges: Counter[tuple[tuple[float, ...], tuple[float, ...]]] = Counter()
    found = 0.0
    for at in range(count):
        values = struct.unpack_from("<12f", solid, 84 + 50 * at)
        a, b, c = (values[start : start + 3] for start in (3, 6, 9))
        edges.update([(a, b), (b, c), (c, a)])
        found += sum(a[i] * (b[(i + 1) % 3] * c[(i + 2) % 3] - b[(i + 2) % 3] * c[(i + 1) % 3]) for i in range(3))
    assert all(number == 1 and edges[edge[::-1]] == 1 for edge, number in edges.items())
    assert found / 6 == pytest.approx(volume, rel=0.01)
