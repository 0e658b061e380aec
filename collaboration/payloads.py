"""What an update may hold: the known kinds as typed values, anything without a kind as an opaque extension."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from collaboration.choices import ItemColor, ItemType, UpdateKind
from collaboration.models.board import BOARD_SIZE, MAX_ITEM_TEXT
from plm_project.core.exceptions import ValidationFailed

MAX_BYTES = 16 * 1024  # of one update, as JSON
MAX_CHAT = 2000
MAX_MENTIONS = 50


@dataclass(frozen=True)
class Chat:
    """A message, with the people it calls by name."""

    text: str
    mentions: tuple[uuid.UUID, ...]


@dataclass(frozen=True)
class ItemAdd:
    """A new pin or note."""

    id: uuid.UUID
    type: str
    x: int
    y: int
    text: str
    color: str


@dataclass(frozen=True)
class ItemMove:
    """An item goes elsewhere."""

    id: uuid.UUID
    x: int
    y: int


@dataclass(frozen=True)
class ItemEdit:
    """An item says something else; None leaves a field as it is."""

    id: uuid.UUID
    text: str | None
    color: str | None


@dataclass(frozen=True)
class ItemRemove:
    """An item is taken off, for good."""

    id: uuid.UUID


BoardStep = ItemAdd | ItemMove | ItemEdit | ItemRemove
Known = Chat | BoardStep


@dataclass(frozen=True)
class Payload:
    """One update, checked: as it is stored and passed on, and as a typed value where its kind is known."""

    kind: str
    stored: dict[str, Any]
    known: Known | None


def read_payload(update: Any) -> Payload:
    """Check an update. Raises ValidationFailed naming the field: not an object, too large, an unknown kind, a field
    that its kind does not have or does not allow."""
    if not isinstance(update, Mapping):
        raise ValidationFailed.field("update", _("An update is an object."))
    stored = _plain(update)
    if len(json.dumps(stored, ensure_ascii=False, separators=(",", ":")).encode()) > MAX_BYTES:
        raise ValidationFailed.field("update", _("An update has at most %(limit)d bytes.") % {"limit": MAX_BYTES})
    if "kind" not in stored:
        return Payload("", stored, None)
    kind = stored["kind"]
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise ValidationFailed.field("kind", _("There is no such kind of update."))
    fields = _Fields(stored)
    known = reader(fields)
    fields.refuse_others()
    return Payload(kind, {**stored, **_canonical(known)}, known)


def _canonical(known: Chat | BoardStep) -> dict[str, Any]:
    """Return the ids as everybody is to read them: there are many ways to write a UUID, and clients compare text."""
    if isinstance(known, Chat):
        return {"mentions": [str(person) for person in known.mentions]} if known.mentions else {}
    return {"id": str(known.id)}


def _plain(value: Any) -> Any:
    """Return ``value`` with numbers that JSON columns hold. Raises ValidationFailed for one that is out of range."""
    if isinstance(value, Decimal):
        number = float(value)
        if not math.isfinite(number):
            raise ValidationFailed.field("update", _("A number is out of range."))
        return number
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


class _Fields:
    """Reads an update's fields one by one, so that what nobody read can be refused."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self._seen = {"kind"}

    def _take(self, name: str) -> Any:
        self._seen.add(name)
        if self._values.get(name) is None:
            raise ValidationFailed.field(name, _("This field is required."))
        return self._values[name]

    def has(self, name: str) -> bool:
        """Return whether the field is given, and count it as known."""
        self._seen.add(name)
        return name in self._values

    def key(self, name: str) -> uuid.UUID:
        """Return a UUID."""
        return _uuid(name, self._take(name))

    def coordinate(self, name: str) -> int:
        """Return a whole number on the board."""
        value = self._take(name)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= BOARD_SIZE:
            raise ValidationFailed.field(name, _("Give a whole number from 0 to %(limit)d.") % {"limit": BOARD_SIZE})
        return value

    def text(self, name: str, *, longest: int, shortest: int = 0) -> str:
        """Return a text of that many characters."""
        value = self._take(name)
        if not isinstance(value, str) or not shortest <= len(value.strip()) or len(value) > longest:
            raise ValidationFailed.field(
                name, _("Give a text of %(from)d to %(to)d characters.") % {"from": shortest, "to": longest}
            )
        return value

    def choice(self, name: str, allowed: list[str]) -> str:
        """Return one of a closed list."""
        value = self._take(name)
        if value not in allowed:
            raise ValidationFailed.field(name, _("Give one of: %(values)s") % {"values": ", ".join(allowed)})
        return str(value)

    def keys(self, name: str) -> tuple[uuid.UUID, ...]:
        """Return a list of UUIDs, each once; an absent one is empty."""
        if not self.has(name):
            return ()
        values = self._take(name)
        if not isinstance(values, list) or len(values) > MAX_MENTIONS:
            raise ValidationFailed.field(name, _("Give a list of at most %(limit)d people.") % {"limit": MAX_MENTIONS})
        return tuple(dict.fromkeys(_uuid(name, value) for value in values))

    def refuse_others(self) -> None:
        """Raise ValidationFailed naming every field that this kind does not have."""
        unknown = sorted(set(self._values) - self._seen)
        if unknown:
            raise ValidationFailed(
                _("This kind of update has no such field: %(names)s") % {"names": ", ".join(unknown)},
                details={name: [_("There is no such field.")] for name in unknown},
            )


def _uuid(name: str, value: Any) -> uuid.UUID:
    try:
        return uuid.UUID(value) if isinstance(value, str) else uuid.UUID(int=-1)
    except ValueError as error:
        raise ValidationFailed.field(name, _("This is not a valid id.")) from error


def _chat(fields: _Fields) -> Chat:
    return Chat(text=fields.text("text", shortest=1, longest=MAX_CHAT), mentions=fields.keys("mentions"))


def _item_add(fields: _Fields) -> ItemAdd:
    return ItemAdd(
        id=fields.key("id"),
        type=fields.choice("type", ItemType.values),
        x=fields.coordinate("x"),
        y=fields.coordinate("y"),
        text=fields.text("text", longest=MAX_ITEM_TEXT) if fields.has("text") else "",
        color=fields.choice("color", ItemColor.values) if fields.has("color") else ItemColor.YELLOW.value,
    )


def _item_move(fields: _Fields) -> ItemMove:
    return ItemMove(id=fields.key("id"), x=fields.coordinate("x"), y=fields.coordinate("y"))


def _item_edit(fields: _Fields) -> ItemEdit:
    edit = ItemEdit(
        id=fields.key("id"),
        text=fields.text("text", longest=MAX_ITEM_TEXT) if fields.has("text") else None,
        color=fields.choice("color", ItemColor.values) if fields.has("color") else None,
    )
    if edit.text is None and edit.color is None:
        raise ValidationFailed.field("text", _("Give the text, the colour or both."))
    return edit


def _item_remove(fields: _Fields) -> ItemRemove:
    return ItemRemove(id=fields.key("id"))


_READERS: dict[str, Callable[[_Fields], Known]] = {
    UpdateKind.CHAT.value: _chat,
    UpdateKind.ITEM_ADD.value: _item_add,
    UpdateKind.ITEM_MOVE.value: _item_move,
    UpdateKind.ITEM_EDIT.value: _item_edit,
    UpdateKind.ITEM_REMOVE.value: _item_remove,
}
