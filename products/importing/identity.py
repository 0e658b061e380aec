"""Product numbers for rows that have none: made from what identifies the part, the same every time.

A derived number is a readable beginning and eight hexadecimal digits of a digest over the whole identity, so two parts
that read alike after shortening still get two numbers, and the same part gets the same number from every file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

NUMBER_SHORTEST = 3
NUMBER_LONGEST = 50
_DIGEST = 8
_NOT_READABLE = re.compile(r"[^\w.+]+")


def derived_number(texts: Mapping[str, str]) -> str | None:
    """A number of 3 to 50 characters from the row's texts by field, or None when nothing identifies the part.

    The maker's reference alone identifies a part. Otherwise value and footprint do, where the file has footprints,
    else name, value, package and specification together. Quantities, designators and remarks never take part.
    """
    identity = _identity(texts)
    if not identity:
        return None
    whole = "\x1f".join(f"{field}={text}" for field, text in identity.items())
    digest = hashlib.sha256(whole.encode()).hexdigest()[:_DIGEST]
    words = _readable(identity)[: NUMBER_LONGEST - _DIGEST - 1].strip("-.")
    return f"{words}-{digest}" if words else f"PART-{digest}"


def _identity(texts: Mapping[str, str]) -> dict[str, str]:
    given = {field: " ".join(text.split()) for field, text in texts.items() if text.strip()}
    maker_reference = given.get("maker_reference", "")
    if maker_reference and "://" not in maker_reference:
        return {"maker_reference": maker_reference}
    if "footprint" in given and ("value" in given or "name" in given):
        fields: tuple[str, ...] = ("value", "footprint") if "value" in given else ("name", "footprint")
    else:
        fields = ("name", "value", "package", "specification", "footprint")
    return {field: given[field] for field in fields if field in given}


def _readable(identity: Mapping[str, str]) -> str:
    words: list[str] = []
    for field, text in identity.items():
        # "Library:Footprint": the library's name says nothing about the part
        shown = text.rpartition(":")[2] if field == "footprint" else text
        word = _NOT_READABLE.sub("-", shown).strip("-.")
        if words and word.startswith(words[-1]):
            words.pop()
        words.append(word)
    return "-".join(word for word in words if word)
