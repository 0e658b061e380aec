"""Records for tests, made through the services (factory_boy builds the input). Call them inside a tenant's scope."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import factory

from plm_project.core.actor import Actor
from plm_project.tenancy.scope import require_tenant_id
from products.models import BomLine, Document, Product, ProductRevision
from products.services import LineInput, line_add, product_create, revision_release
from products.services.documents import document_create


class ProductData(factory.DictFactory):
    """The input of ``product_create``."""

    product_number = factory.Sequence(lambda n: f"P-{n:05d}")
    product_name = factory.Sequence(lambda n: f"Product {n}")
    product_type = "manufactured"
    current_cost = Decimal("1.0000")


def system_actor() -> Actor:
    """The system actor of the running scope."""
    return Actor.system(require_tenant_id(), "tests")


def make_product(number: str | None = None, *, actor: Actor | None = None, **data: Any) -> Product:
    """A product with revision A in work."""
    if number is not None:
        data["product_number"] = number
    return product_create(actor=actor or system_actor(), data=ProductData(**data))


def revision_of(product: Product) -> ProductRevision:
    """The latest revision of a product."""
    revision = ProductRevision.objects.filter(product=product).order_by("-sequence").first()
    assert revision is not None
    return revision


def make_line(parent: Product, child: Product, quantity: str | int = 1, **data: Any) -> BomLine:
    """A line in the latest revision of ``parent``."""
    line = LineInput(child_id=child.pk, quantity=Decimal(str(quantity)), **data)
    return line_add(actor=system_actor(), revision_id=revision_of(parent).pk, line=line)


def release(product: Product, **kwargs: Any) -> ProductRevision:
    """Release the latest revision of ``product``."""
    return revision_release(actor=system_actor(), revision_id=revision_of(product).pk, reason="tests", **kwargs)


def make_assembly(number: str, children: Sequence[tuple[Product, str | int]]) -> Product:
    """A product with lines in revision A."""
    parent = make_product(number)
    for child, quantity in children:
        make_line(parent, child, quantity)
    return parent


def text_file(text: str = "a specification", name: str = "spec.txt") -> Any:
    """An upload of a small text."""
    from django.core.files.base import ContentFile

    return ContentFile(text.encode(), name=name)


def make_document(number: str = "", *, actor: Actor | None = None, upload: Any = None, **data: Any) -> Document:
    """A document with revision A in work and one file."""
    upload = upload or text_file(f"text of {number or 'a document'}")
    values = {"document_number": number, "title": "A document", "document_type": "specification", **data}
    product = values.pop("product", None)
    return document_create(
        actor=actor or system_actor(),
        data=values,
        upload=upload,
        file_name=upload.name,
        product_id=product.pk if product else None,
    )
