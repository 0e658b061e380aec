"""The words of notices. They are made when somebody reads them, in the language that is active then.

Facts are what the event said at its time; nothing here asks the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from collaboration.choices import NoticeKind
from collaboration.discussion_wording import anchor_words

Facts = Mapping[str, Any]
LONGEST_QUOTE = 200  # characters of a comment or message


@dataclass(frozen=True)
class Wording:
    """``title`` says it in one line, ``detail`` adds what it is about; ``detail`` may be empty."""

    title: str
    detail: str = ""


def wording_of(kind: str, facts: Facts, *, settled: bool = False) -> Wording:
    """Return the words of a notice; ``settled``: what it asked for is no longer asked."""
    if settled and kind == NoticeKind.APPROVAL_NEEDED:
        return _approval_settled(facts)
    return _WORDS[kind](facts)


def _approval_needed(facts: Facts) -> Wording:
    why = facts.get("why")
    title = _("%(number)s needs your approval") % {"number": facts["change_number"]}
    if why == "reminder":
        title = _("%(number)s needs your approval soon") % {"number": facts["change_number"]}
    elif why == "escalation":
        title = _("%(number)s is late for an approval") % {"number": facts["change_number"]}
    elif why in ("rebased", "edited"):
        title = _("%(number)s has changed and needs your approval again") % {"number": facts["change_number"]}
    by = "" if why else _by(_("submitted by %s"), facts)
    return Wording(title, _about(facts, by))


def _approval_settled(facts: Facts) -> Wording:
    title = _("%(number)s no longer waits for your approval") % {"number": facts["change_number"]}
    return Wording(title, _about(facts, ""))


def _change_decided(facts: Facts) -> Wording:
    approved = facts["decision"] == "approved"
    title = _("%(number)s was approved") if approved else _("%(number)s was rejected")
    comment = _quoted(facts.get("comment", ""))
    return Wording(title % {"number": facts["change_number"]}, _about(facts, comment))


def _change_implemented(facts: Facts) -> Wording:
    title = _("%(number)s was implemented") % {"number": facts["change_number"]}
    return Wording(title, _about(facts, _by(_("by %s"), facts)))


def _disposition_waiting(facts: Facts) -> Wording:
    count = facts["count"]
    text = ngettext(
        "%(number)s: existing parts of %(products)s wait for you",
        "%(number)s: %(count)s places with existing parts wait for you",
        count,
    )
    title = text % {"number": facts["change_number"], "products": facts["product_number"], "count": count}
    due = _("due %s") % facts["due_on"] if facts["due_on"] else ""
    return Wording(title, _about(facts, due))


def _change_requested(facts: Facts) -> Wording:
    again = facts.get("comment", "")
    title = _("%(number)s is asked for again") if again else _("%(number)s asks for a change")
    rest = _quoted(again) or _by(_("by %s"), facts)
    return Wording(title % {"number": facts["request_number"]}, _of_request(facts, rest))


def _change_request_answered(facts: Facts) -> Wording:
    titles = {
        "accepted": _("%(number)s was accepted: %(order)s"),
        "declined": _("%(number)s was declined"),
        "done": _("%(number)s is done: %(order)s is implemented"),
        "open": _("%(number)s is open again"),
        "withdrawn": _("%(number)s was withdrawn"),
    }
    title = titles[facts["status"]] % {"number": facts["request_number"], "order": facts.get("order_number") or ""}
    return Wording(title, _of_request(facts, _quoted(facts.get("comment", ""))))


def _of_request(facts: Facts, rest: str) -> str:
    return " · ".join(part for part in (facts["title"], rest) if part)


def _invited(facts: Facts) -> Wording:
    title = _("You are invited to “%(session)s”") % {"session": facts["session_title"]}
    return Wording(title, _by(_("by %s"), facts))


def _mentioned(facts: Facts) -> Wording:
    title = _("You were mentioned in “%(session)s”") % {"session": facts["session_title"]}
    if facts.get("by"):
        title = _("%(person)s mentioned you in “%(session)s”") % {
            "person": facts["by"],
            "session": facts["session_title"],
        }
    return Wording(title, _quoted(facts.get("text", "")))


def _about(facts: Facts, rest: str) -> str:
    return " · ".join(part for part in (facts["change_title"], rest) if part)


def _by(text: str, facts: Facts) -> str:
    return text % facts["by"] if facts.get("by") else ""


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    if not line:
        return ""
    return f"“{line}”" if len(line) <= LONGEST_QUOTE else f"“{line[:LONGEST_QUOTE].rstrip()}…”"


def _webhook_disabled(facts: Facts) -> Wording:
    return Wording(_("The webhook “%(name)s” was switched off") % {"name": facts["name"]}, facts.get("reason", ""))


def _discussion_started(facts: Facts) -> Wording:
    title = _("%(person)s began a discussion on %(number)s") % _who_where(facts)
    return Wording(title, _of_anchor(facts))


def _discussion_reply(facts: Facts) -> Wording:
    title = _("%(person)s replied on %(number)s") % _who_where(facts)
    return Wording(title, _of_anchor(facts))


def _discussion_mention(facts: Facts) -> Wording:
    title = _("%(person)s mentioned you on %(number)s") % _who_where(facts)
    return Wording(title, _of_anchor(facts))


def _discussion_resolved(facts: Facts) -> Wording:
    title = _("%(person)s resolved your discussion on %(number)s") % _who_where(facts)
    return Wording(title, _of_anchor(facts))


def _who_where(facts: Facts) -> dict[str, str]:
    return {"person": facts.get("by") or _("Somebody"), "number": facts["change_number"]}


def _of_anchor(facts: Facts) -> str:
    return " · ".join(part for part in (anchor_words(facts["anchor"], facts["said"]), _quoted(facts["text"])) if part)


_WORDS: dict[str, Callable[[Facts], Wording]] = {
    NoticeKind.APPROVAL_NEEDED: _approval_needed,
    NoticeKind.CHANGE_DECIDED: _change_decided,
    NoticeKind.CHANGE_IMPLEMENTED: _change_implemented,
    NoticeKind.CHANGE_REQUESTED: _change_requested,
    NoticeKind.CHANGE_REQUEST_ANSWERED: _change_request_answered,
    NoticeKind.DISPOSITION_WAITING: _disposition_waiting,
    NoticeKind.INVITED: _invited,
    NoticeKind.MENTIONED: _mentioned,
    NoticeKind.WEBHOOK_DISABLED: _webhook_disabled,
    NoticeKind.DISCUSSION_STARTED: _discussion_started,
    NoticeKind.DISCUSSION_REPLY: _discussion_reply,
    NoticeKind.DISCUSSION_MENTION: _discussion_mention,
    NoticeKind.DISCUSSION_RESOLVED: _discussion_resolved,
}
