"""Which colour role a state has. The word always stands beside the colour; nothing is told by colour alone."""

from __future__ import annotations

# tone → codes. A code that is not listed is neutral.
TONES: dict[str, frozenset[str]] = {
    "success": frozenset(
        {"released", "approved", "active", "production", "implemented", "done", "delivered", "compliant"}
        | {"good", "success", "met"}
    ),
    "info": frozenset(
        {"in_review", "submitted", "testing", "prototype", "running", "mature", "in_progress", "sending"}
        | {"busy", "commented", "accepted"}
    ),
    "accent": frozenset({"in_work", "development", "design", "draft", "potential", "scheduled", "host"}),
    "warning": frozenset(
        {"pending", "declining", "on_hold", "high", "urgent", "withdrawn", "expired", "unresolved", "waived"}
        | {"not_recommended", "last_time_buy", "review"}
    ),
    "danger": frozenset(
        {"rejected", "obsolete", "discontinued", "critical", "failed", "cancelled", "non_compliant", "disqualified"}
        | {"trouble", "declined"}
    ),
    "neutral": frozenset({"concept", "superseded", "closed", "inactive", "low", "medium", "normal", "ended"}),
}

_TONE_OF = {code: tone for tone, codes in TONES.items() for code in codes}


def tone_of(code: str) -> str:
    """Return the colour role of a state's code."""
    return _TONE_OF.get(str(code), "neutral")


def words_of(code: str) -> str:
    """Return a readable label for a code that came without one: ``in_work`` → ``In work``."""
    return str(code).replace("_", " ").capitalize()
