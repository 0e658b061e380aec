"""Text that was read in the wrong encoding before it came into the file: "PiÃ¨ce" for "Pièce".

It is not repaired here: what it should say is a guess, if a good one. It is reported with that guess.
"""

from __future__ import annotations

import re

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_LOST = "\ufffd"
_SAMPLE = 60


def mojibake(text: str) -> str | None:
    """Return what a garbled text presumably says ("" when that is lost), or None for a text that is in order.

    Garbled is a run of characters that, taken as bytes of Windows-1252 or Latin-1, make up whole UTF-8 characters, a
    control character of Latin-1, or the mark that a decoder puts for what it could not read.
    """
    if text.isascii():
        return None
    if _LOST in text:
        return ""
    found = False

    def repaired(match: re.Match[str]) -> str:
        nonlocal found
        for encoding in ("cp1252", "latin-1"):
            try:
                better = match[0].encode(encoding).decode("utf-8")
            except UnicodeError:
                continue
            found = True
            return better
        return match[0]

    better = _NOT_ASCII.sub(repaired, text)
    if found:
        return better[:_SAMPLE]
    return "" if any("\x80" <= character <= "\x9f" for character in text) else None
