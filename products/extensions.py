"""Where contexts above add to what a product or a document shows. They register from their AppConfig.ready()."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from plm_project.core.actor import Actor

if TYPE_CHECKING:
    from products.models import Document, ProductRevision

# Called once for a whole page of products, so that no list asks the database row by row.
ReferenceProvider = Callable[[Sequence[uuid.UUID]], Mapping[uuid.UUID, Sequence[Mapping[str, Any]]]]

REFERENCES = ("compliance_records", "document_references")

_providers: dict[str, ReferenceProvider] = {}


def register_reference_provider(name: str, provider: ReferenceProvider) -> None:
    """Let ``provider`` fill the product field ``name`` (one of ``REFERENCES``): product ids in, rows by id out.

    Raises ValueError for an unknown name, or when another provider has it already.
    """
    if name not in REFERENCES:
        raise ValueError(f"{name} is not a reference of products; there are: {', '.join(REFERENCES)}")
    if _providers.setdefault(name, provider) is not provider:
        raise ValueError(f"{name} has a provider already")


def unregister_reference_provider(name: str) -> None:
    """Take the provider of ``name`` away again."""
    _providers.pop(name, None)


def references_of(product_ids: Sequence[uuid.UUID]) -> dict[str, Mapping[uuid.UUID, Sequence[Mapping[str, Any]]]]:
    """Return for each reference field its rows by product. A field nobody provides has none."""
    found: dict[str, Mapping[uuid.UUID, Sequence[Mapping[str, Any]]]] = {}
    for name in REFERENCES:
        provider = _providers.get(name)
        found[name] = provider(product_ids) if provider and product_ids else {}
    return found


@dataclass(frozen=True)
class ReleaseGuard:
    """What must hold before a revision is released on its own. ``check`` gets the revision and the day and returns what
    speaks against it, nothing when it may pass; ``lock``, where there is one, comes first and keeps what ``check`` reads
    as it is.

    A change asks its own gates about all it releases together (``changes.gates``); this is the other door.
    """

    key: str
    check: Callable[[ProductRevision, dt.date], Sequence[str]]
    lock: Callable[[Actor], None] | None = None


_guards: dict[str, ReleaseGuard] = {}


def register_release_guard(guard: ReleaseGuard) -> None:
    """Add a guard. Registering the same one again changes nothing. Raises ValueError when another has its key."""
    if _guards.setdefault(guard.key, guard) != guard:
        raise ValueError(f"There is a release guard {guard.key} already")


def release_guards() -> tuple[ReleaseGuard, ...]:
    """Return the guards in the order they registered."""
    return tuple(_guards.values())


@dataclass(frozen=True)
class DocumentUse:
    """A record of another context that a document belongs to, as its page shows it."""

    number: str
    title: str
    url: str
    state: str
    state_label: str


@dataclass(frozen=True)
class DocumentUses:
    """A part of the document's page that another context fills; it shows to those who hold ``permission``."""

    key: str
    title: str | Promise
    permission: str
    uses: Callable[[Document], Sequence[DocumentUse]]


_uses: dict[str, DocumentUses] = {}


def register_document_uses(uses: DocumentUses) -> None:
    """Add a part after the document's links. Registering the same one again changes nothing.

    Raises ValueError when another part has the key already.
    """
    if _uses.setdefault(uses.key, uses) != uses:
        raise ValueError(f"There is a part {uses.key} of the document's page already")


def document_uses() -> tuple[DocumentUses, ...]:
    """Return the parts of other contexts in the order they registered."""
    return tuple(_uses.values())


@dataclass(frozen=True)
class ProductTab:
    """A tab on the product page that another context fills: ``url_name`` takes the product's id and renders
    ``products/tab.html`` extended; it shows to those who hold ``permission``."""

    key: str
    title: str | Promise
    url_name: str
    permission: str


_tabs: dict[str, ProductTab] = {}


def register_product_tab(tab: ProductTab) -> None:
    """Add a tab after the product's own. Registering the same one again changes nothing.

    Raises ValueError when another tab has the key already.
    """
    if _tabs.setdefault(tab.key, tab) != tab:
        raise ValueError(f"There is a product tab {tab.key} already")


def product_tabs() -> tuple[ProductTab, ...]:
    """Return the tabs of other contexts in the order they registered."""
    return tuple(_tabs.values())
