"""Two tenants with a row of every kind, clients of both, and the search for the ids that a route answers to."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.test import Client

from changes.models import AffectedProduct, EngineeringChange
from collaboration.models import Notice
from collaboration.services import session_create, thread_start
from plm_project.accounts.actors import actor_for_user
from plm_project.accounts.models import User
from plm_project.accounts.roles import Role
from plm_project.accounts.services import membership_grant, token_issue
from plm_project.core.actor import Actor
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.provisioning import tenant_create
from plm_project.tenancy.references import tenant_foreign_keys
from plm_project.tenancy.scope import tenant_scope
from products.models import BomLine, Product
from tests.architecture.routes import Route
from tests.factories import system_actor
from tests.tenancy.records import TENANT_MODELS, is_history, make, notice_values

BACKEND = "django.contrib.auth.backends.ModelBackend"
# What a slot may hold beside an id, by the slot's name.
WORDS: dict[str, tuple[str, ...]] = {
    "to": ("design", "in_review", "in_progress", "approved"),
    "name": (
        "design",
        "in_review",
        "in_progress",
        "submit",
        "submitted",
        "revoke",
        "break-check-out",
        "active",
        "disqualified",
        "withdraw",
        "declined",
    ),
    "step": ("submit", "cancel", "start", "decline"),
    "key": ("manufacturing", "plm_manufacturing_bom_sync"),
}
# Where a GET must say more than its id, or it is refused before the id is looked at: route → query, {} for ids.
QUERIES: dict[str, str] = {
    "api-product-compare": "?from=A&to=A",
    "products:product-bom-rows": "?of={products.ProductRevision}",
    "products:product-bom-why": "?line={products.BomLine}",
}
# Routes that take records made for each other: what stands in the first slot, what in the second.
PAIRS = (
    ("story.change", "story.line"),
    ("story.session", "story.participant"),
    ("story.session", "story.session_product"),
    ("story.session", "story.session_change"),
)
# Words of addresses that stand for a record of another name.
CALLED = {
    "collaborate": "session",
    "collaboration": "session",
    "discussions": "thread",
    "evidence": "evidence",
    "additions": "revision",
}
# Columns of which no value may ever reach another tenant.
TELLING = ("product_number", "change_number", "request_number")

Values = dict[str, str]


@dataclass
class House:
    """A tenant with a person who holds every role, and a row of every model."""

    tenant: Tenant
    user: User
    token: str
    ids: dict[str, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    session: str = ""

    def client(self) -> Client:
        """Return a new browser with the person signed in; all of them in one session, for what a call does to it is
        undone like the rest."""
        return browser(self.session)

    def api(self) -> Client:
        """Return an API client with the person's token."""
        return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {self.token}"})

    def call(self, client: Client, method: str, path: str, data: Any = None) -> Any:
        """Send one request; what it writes is undone."""
        with transaction.atomic():
            if path.startswith("/api/"):
                body = {} if method == "get" else {"data": data or {}, "content_type": "application/json"}
            else:
                body = {"data": data} if data else {}
            response = getattr(client, method)(path, **body)
            transaction.set_rollback(True)
        return response


def browser(session: str) -> Client:
    """Return a new browser that holds this session."""
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    return client


def signed_in(user: User) -> str:
    """Sign the person in; return the session's key."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def build_house(slug: str) -> House:
    """Create a tenant, its person of all roles, and a row of every model; note what must stay inside."""
    tenant, _created = tenant_create(slug=slug, name=f"{slug} works")
    user = User.objects.create_user(f"person@{slug}.example", full_name=f"Person of {slug}")
    system = Actor.system(tenant.pk, "tests")
    with tenant_scope(tenant.pk):
        membership_grant(actor=system, user=user, roles=list(Role.values))
        _token, text = token_issue(actor=system, user=user, name="tests")
        house = House(tenant, user, text, secrets={f"{slug} works", user.email, user.full_name})
        house.session = signed_in(user)
        for model in TENANT_MODELS:
            if not is_history(model):
                _take_in(house, model, make(model))
        _tell_a_story(house)
    return house


def _tell_a_story(house: House) -> None:
    """A draft whose product has a line that it may strike, and a notice for the house's own person."""
    line: Any = BomLine.objects.get(pk=house.ids["products.BomLine"])
    change = EngineeringChange(change_number=f"{house.tenant.slug}-ec", change_title="A change")
    change.save_as(system_actor(), reason="tests")
    revision = line.parent_revision
    AffectedProduct(change=change, product=revision.product, base_revision=revision).save_as(
        system_actor(), reason="tests"
    )
    notice = Notice.objects.create(**notice_values(house.user, f"{house.tenant.slug}-told"))
    house.ids |= {"story.change": str(change.pk), "story.line": str(line.pk), "story.notice": str(notice.pk)}
    house.secrets.add(f"{house.tenant.slug}-told")
    house.secrets.add(change.change_number)
    _open_a_session(house, change, revision.product)
    _begin_a_discussion(house, change)


def _begin_a_discussion(house: House, change: EngineeringChange) -> None:
    """The person's own thread: what they said, only they may edit."""
    person = actor_for_user(house.user, house.tenant.pk)
    thread = thread_start(actor=person, change_id=change.pk, text=f"{house.tenant.slug}-asked")
    house.ids |= {"story.thread": str(thread.pk), "story.comment": str(thread.comments.get().pk)}
    house.secrets.add(f"{house.tenant.slug}-asked")


def _open_a_session(house: House, change: EngineeringChange, product: Product) -> None:
    """A session of two about a product and a change; the slots name the person and the linked records."""
    guest = User.objects.create_user(f"guest@{house.tenant.slug}.example")
    membership_grant(actor=system_actor(), user=guest, roles=[Role.VIEWER.value])
    session = session_create(
        actor=system_actor(),
        data={"title": f"{house.tenant.slug} review"},
        owner_id=house.user.pk,
        participants=[(guest.pk, "viewer")],
        products=[product.pk],
        changes=[change.pk],
    )
    house.ids |= {
        "story.session": str(session.pk),
        "story.participant": str(guest.pk),
        "story.session_product": str(product.pk),
        "story.session_change": str(change.pk),
    }
    house.secrets.add(session.title)


def _take_in(house: House, model: Any, row: Any) -> None:
    label = model._meta.label
    house.ids[label] = str(row.pk)
    for foreign_key in tenant_foreign_keys(model):
        if (value := getattr(row, foreign_key.attname)) is not None:
            house.ids[f"{label}.{foreign_key.name}"] = str(value)
    for telling in TELLING:
        house.secrets |= {str(value) for value in _values_of(telling)}


def _values_of(column: str) -> Iterator[Any]:
    for model in TENANT_MODELS:
        if column in {f.name for f in model._meta.concrete_fields}:
            yield from model._base_manager.values_list(column, flat=True)


def assignments(route: Route, house: House) -> Iterator[dict[str, str]]:
    """Yield the ways to fill the route's slots, each slot → the name of an id of the house, or ``=word``."""
    slots = route.slots
    ids = [slot for slot in slots if slot not in WORDS]
    choices: Iterator[tuple[str, ...]]
    if not ids:
        choices = iter([()])
    elif len(ids) == 1:
        # Of the names of one id the record's own counts, not that of a key which leads to it.
        by_name = sorted(house.ids.items(), key=lambda entry: entry[0].count("."))
        distinct = {value: name for name, value in reversed(by_name)}
        names = sorted(distinct.values(), key=_likeness(route))
        if route.is_admin:  # its addresses name the model; what is no id of that one is found by none of them
            own = [name for name in names if not _likeness(route)(name)[0] or name.startswith("story.")]
            names = own or names
        choices = ((name,) for name in names)
    else:
        made = [name.rpartition(".") for name in house.ids if name.count(".") == 2]
        pairs = [*PAIRS, *((f"{label}.{foreign}", label) for label, _dot, foreign in made)]
        likely = _likeness(route, 1)
        choices = iter(sorted(pairs, key=lambda pair: likely(pair[1])))
    words = list(itertools.product(*([f"={word}" for word in WORDS[slot]] for slot in slots if slot in WORDS)))
    for chosen in choices:
        for picked in words:
            yield dict(zip(ids, chosen, strict=True)) | dict(
                zip((slot for slot in slots if slot in WORDS), picked, strict=True)
            )


def _likeness(route: Route, place: int = 0) -> Callable[[str], tuple[bool, bool, bool, int]]:
    """Order the candidates for a slot by how much a model's name looks like the address: most are right at the first try.

    What stands right before the slot, or the slot's own name, says what the record is; the other words of the address
    decide between records of like names. What was made for the house's own person comes before its like.
    """
    parts = re.split("[<>]", route.template)
    before, slot = parts[2 * place], parts[2 * place + 1]
    path = [CALLED.get(word, word).rstrip("s") for word in re.split(r"[/_-]", before.lower()) if word]
    named = {word for word in re.split(r"\W|_", slot.lower()) if word} | set(path[-1:])

    def key(name: str) -> tuple[bool, bool, bool, int]:
        app, _dot, model = name.partition(".")
        words = [word.lower() for word in re.findall("[A-Z][a-z]*", model)] or model.split("_")
        exact = f"{app}/{model.lower()}/" in route.template
        return (not exact, words[-1] not in named, app != "story", -len({*words, app.rstrip("s")} & set(path)))

    return key


def query_of(route: Route, method: str, house: House) -> str:
    """Return what a GET has to ask for, with the house's ids."""
    text = QUERIES.get(route.label, "") if method == "get" else ""
    for name, value in house.ids.items():
        text = text.replace("{" + name + "}", value)
    return text


def filled(assignment: Mapping[str, str], house: House) -> dict[str, str]:
    """Return the values of an assignment in one house."""
    return {slot: name[1:] if name.startswith("=") else house.ids[name] for slot, name in assignment.items()}


_known: dict[str, dict[str, dict[str, str]]] = {}  # names of ids, which every house has alike


def reachable(route: Route, house: House, client: Client) -> dict[str, dict[str, str]]:
    """Return, for each method that answers something else than 404 to its owner, the assignment it does so for."""
    if route.template in _known:
        return _known[route.template]
    found = _known[route.template] = {}
    for assignment in assignments(route, house):
        for method in route.actions:
            if method in found:
                continue
            address = route.path(filled(assignment, house)) + query_of(route, method, house)
            response = house.call(client, method, address)
            if (
                response.status_code not in (404, 405)
                and response.status_code < 500
                and not _is_the_admins_not_found(response)
            ):
                found[method] = assignment
        if len(found) == len(route.actions):
            break
    return found


def _is_the_admins_not_found(response: Any) -> bool:
    """The admin answers an unknown id with a redirect to its index and a message."""
    return response.status_code == 302 and response["Location"].rstrip("/").endswith("/admin")
