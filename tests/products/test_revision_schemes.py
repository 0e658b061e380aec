"""How a tenant calls its revisions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plm_project.core.actor import Actor
from plm_project.core.exceptions import PermissionDenied, PreconditionFailed, ValidationFailed
from products.choices import RevisionScheme
from products.models import Product, ProductPolicy, ProductRevision
from products.revision_labels import LEFT_OUT, label_after, label_of, place_of
from products.services import product_create, revision_create, revision_release
from products.services.documents import document_create
from products.services.policy import product_policy_provide, product_policy_update
from tests.conftest import MakeActor

SCHEMES = list(RevisionScheme)


@pytest.mark.parametrize(
    ("sequence", "label"), [(1, "A"), (8, "H"), (9, "J"), (14, "P"), (15, "R"), (20, "Y"), (21, "AA"), (41, "BA")]
)
def test_the_short_alphabet_leaves_out_what_looks_like_a_figure(sequence: int, label: str) -> None:
    assert label_of(sequence, RevisionScheme.SHORT_LETTERS) == label


def test_no_label_of_the_short_alphabet_has_one_of_them() -> None:
    labels = [label_of(at, RevisionScheme.SHORT_LETTERS) for at in range(1, 2000)]
    assert not set("".join(labels)) & set(LEFT_OUT) and len(set(labels)) == len(labels)


@given(st.integers(1, 10**6), st.sampled_from(SCHEMES))
def test_a_label_tells_its_place(sequence: int, scheme: str) -> None:
    assert place_of(label_of(sequence, scheme), scheme) == sequence


@given(st.lists(st.sampled_from(SCHEMES), min_size=1, max_size=40))
def test_no_label_comes_twice_however_often_the_scheme_changes(schemes: list[str]) -> None:
    given_labels: list[str] = []
    for scheme in schemes:
        given_labels.append(label_after(given_labels, given_labels[-1] if given_labels else "", scheme))
    assert len(set(given_labels)) == len(given_labels)


@pytest.mark.parametrize(
    ("labels", "scheme", "follows"),
    [
        (["A", "B"], RevisionScheme.LETTERS, "C"),
        (["A", "C"], RevisionScheme.LETTERS, "D"),  # B was left out where the product came from
        (["H"], RevisionScheme.SHORT_LETTERS, "J"),
        (["A", "B"], RevisionScheme.NUMBERS, "3"),
        (["1", "2", "3"], RevisionScheme.LETTERS, "D"),
        (["I"], RevisionScheme.SHORT_LETTERS, "B"),
        (["01"], RevisionScheme.NUMBERS, "2"),
        ([], RevisionScheme.NUMBERS, "1"),
    ],
)
def test_what_follows(labels: list[str], scheme: str, follows: str) -> None:
    assert label_after(labels, labels[-1] if labels else "", scheme) == follows


# --- a tenant's own --------------------------------------------------------------------------------------------------
@pytest.fixture
def manager(make_actor: MakeActor, scope: None) -> Actor:
    return make_actor("plm_manager")


def choose(manager: Actor, scheme: str) -> ProductPolicy:
    policy = ProductPolicy.objects.get()
    return product_policy_update(actor=manager, policy_id=policy.pk, changes={"revision_scheme": scheme})


def made(manager: Actor, number: str) -> Product:
    data = {"product_number": number, "product_name": f"{number} name", "product_type": "manufactured"}
    return product_create(actor=manager, data=data)


def next_of(manager: Actor, product: Product) -> str:
    open_one = product.revisions.get(state="in_work")
    revision_release(actor=manager, revision_id=open_one.pk, reason="good")
    return str(revision_create(actor=manager, product_id=product.pk).label)


@pytest.mark.django_db
def test_products_and_documents_count_as_the_tenant_does(manager: Actor) -> None:
    choose(manager, RevisionScheme.NUMBERS)
    product = made(manager, "LAMP")
    assert (product.revision, product.revisions.get().label) == ("1", "1")
    assert next_of(manager, product) == "2"
    document = document_create(
        actor=manager, data={"document_number": "DOC-1", "title": "Drawing", "document_type": "drawing"}
    )
    assert document.revisions.get().label == "1"


@pytest.mark.django_db
def test_labels_that_were_given_stay(manager: Actor) -> None:
    product = made(manager, "LAMP")
    assert next_of(manager, product) == "B"
    choose(manager, RevisionScheme.NUMBERS)
    assert next_of(manager, product) == "3"
    assert list(ProductRevision.objects.order_by("sequence").values_list("label", flat=True)) == ["A", "B", "3"]


@pytest.mark.django_db
def test_only_managers_decide(make_actor: MakeActor, manager: Actor) -> None:
    policy = ProductPolicy.objects.get()
    wanted = {"policy_id": policy.pk, "changes": {"revision_scheme": RevisionScheme.NUMBERS}}
    with pytest.raises(PermissionDenied):
        product_policy_update(actor=make_actor("engineer"), **wanted)
    with pytest.raises(PreconditionFailed):
        product_policy_update(actor=manager, expected_version=99, **wanted)
    with pytest.raises(ValidationFailed):
        product_policy_update(actor=manager, policy_id=policy.pk, changes={"revision_scheme": "roman"})
    product_policy_provide(manager)
    assert ProductPolicy.objects.get().revision_scheme == RevisionScheme.LETTERS
    choose(manager, RevisionScheme.SHORT_LETTERS)
    assert ProductPolicy.history.count() == 2
