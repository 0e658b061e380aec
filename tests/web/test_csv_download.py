"""A file is written while it is sent, whatever serves it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

from plm_project.web.csv_download import PORTION, csv_download

ROWS = 20_000


class Rows:
    """Rows that count how many of them were asked for."""

    def __init__(self) -> None:
        self.made = 0

    def __iter__(self) -> Iterator[list[Any]]:
        for number in range(ROWS):
            self.made += 1
            yield [number, "row"]


async def test_under_asgi_it_is_sent_in_portions_as_it_is_written() -> None:
    rows = Rows()
    made: list[int] = []
    portions = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Django warns when it makes the whole of it first
        async for portion in csv_download("rows.csv", ["number", "text"], rows):
            portions.append(portion)
            made.append(rows.made)
    assert made[0] < ROWS / 2 and made == sorted(made)
    assert all(len(portion) < PORTION + 100 for portion in portions)
    assert b"".join(portions) == b"".join(csv_download("rows.csv", ["number", "text"], Rows()))


def test_under_wsgi_it_is_the_same_and_nothing_is_no_portion() -> None:
    assert b"".join(csv_download("none.csv", ["number"], [])).decode("utf-8-sig") == "number\r\n"
    text = b"".join(csv_download("rows.csv", ["number", "text"], Rows())).decode("utf-8-sig")
    assert text.splitlines()[-1] == f"{ROWS - 1},row" and len(text.splitlines()) == ROWS + 1
