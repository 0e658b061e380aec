"""Parts that a list names but a board does not carry: "not fitted", "do not install", DNP.

The rule for a line: its quantity and its designators are what is fitted. What is not fitted is kept beside it as data.
"""

from __future__ import annotations

import re

from products.importing.designators import look_like_designators, split_designators

# The whole of what a cell says.
_WORDS = (
    r"NF|N/F|DNP|DNF|DNI|DNM|DNL|DNA|NM|no[ _-]?(?:mount|pop|fit|stuff|load)|"
    r"not (?:be )?(?:fitted|populated|installed|mounted|placed|loaded|assembled)|unpopulated|"
    r"do not (?:fit|populate|install|mount|place|load|assemble|stuff)|"
    r"nicht best(?:ü|ue)ckt|nicht best(?:ü|ue)cken|non mont(?:é|ée|er)|ne pas monter"
)
_WHOLE = re.compile(rf"(?:{_WORDS})[.!]?", re.IGNORECASE)
_SOME = re.compile(rf"(?:{_WORDS})\s*(?:\((?P<inside>[^()]*)\)|:\s*(?P<after>.+))", re.IGNORECASE | re.DOTALL)
# A heading or note that everything below it, up to the next section, is not fitted.
_SECTION = re.compile(
    rf"(?:{_WORDS})\b.*\b(?:below|following|components?|parts?)\b.*|.*\b(?:components?|parts?)\s+(?:{_WORDS})\b.*|"
    rf"(?:{_WORDS})[ :.]*",
    re.IGNORECASE | re.DOTALL,
)
# The name of a row that stands for no part but collects what is left out of the others.
_PSEUDO_PART = re.compile(rf"(?:all\s+)?(?:components?|parts?)\s+(?:{_WORDS})\b.*", re.IGNORECASE | re.DOTALL)
_LONGEST = 20_000
_NO = frozenset({"0", "no", "n", "false", "nein", "non", "fitted", "populate"})
_YES_FITTED = frozenset({"0", "no", "n", "false", "nein", "non"})


def not_fitted(text: str) -> tuple[bool, tuple[str, ...]]:
    """What a remark such as ``NF`` or ``NF(C324 C325)`` says: whether the whole row is meant, else which designators."""
    remark = text.strip()
    if not remark or len(remark) > _LONGEST:
        return False, ()
    if _WHOLE.fullmatch(remark):
        return True, ()
    match = _SOME.fullmatch(remark)
    listed = (match["inside"] or match["after"] or "") if match else ""
    if not look_like_designators([listed]):
        return False, ()
    return False, split_designators(listed)


def says_not_fitted(text: str) -> bool:
    """True for a filled cell of a DNP column, unless it says no."""
    word = text.strip().casefold()
    return bool(word) and word not in _NO


def says_not_populated(text: str) -> bool:
    """True for a cell of a "fitted" or "populate" column that says no."""
    return text.strip().casefold() in _YES_FITTED or bool(_WHOLE.fullmatch(text.strip()))


def opens_unfitted_section(text: str) -> bool:
    """True for a section row such as "DO NOT INSTALL COMPONENTS BELOW."."""
    return len(text) <= 200 and bool(_SECTION.fullmatch(text.strip()))


def is_pseudo_part(name: str) -> bool:
    """True for the name of a row that collects the designators without a part: "Components NOT POPULATED …"."""
    return len(name) <= 200 and bool(_PSEUDO_PART.fullmatch(name.strip()))
