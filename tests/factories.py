"""Records for tests, made through the services (factory_boy builds the input). Call them inside a tenant's scope."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import factory
from django.db.models import Q

from plm_project.core.actor import Actor
from plm_project.tenancy.scope import require_tenant_id
from products.choices import LineType, RevisionState
from products.models import (
    Alternate,
    ApprovedSource,
    Baseline,
    BomLine,
    Configuration,
    Document,
    LineSubstitute,
    Manufacturer,
    ManufacturerPart,
    OptionFamily,
    OptionRule,
    Product,
    ProductOption,
    ProductRevision,
    Supplier,
    SupplierOffer,
)
from products.selectors.resolution import Resolution
from products.services import LineInput, line_add, product_create, revision_release
from products.services.alternates import alternate_add
from products.services.approved_sources import source_add, source_step
from products.services.baselines import baseline_create
from products.services.configurations import configuration_create
from products.services.documents import document_create
from products.services.option_families import option_choice_add, option_family_create
from products.services.partners import manufacturer_create, manufacturer_part_named, supplier_create
from products.services.product_options import option_rule_add, product_option_add
from products.services.substitutes import substitute_add
from products.services.supplier_offers import offer_create
from products.sourcing.pricing import Break


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


def release(product: Product, *, with_parts: bool = True, **kwargs: Any) -> ProductRevision:
    """Release the latest revision of ``product``, after the parts it needs that were never released."""
    if with_parts:
        release_parts(product)
    return revision_release(actor=system_actor(), revision_id=revision_of(product).pk, reason="tests", **kwargs)


def release_parts(product: Product) -> None:
    """Release the parts and substitutes of the latest revision of ``product`` that were never released."""
    built_in = revision_of(product).lines.exclude(line_type=LineType.REFERENCE)
    substitutes = LineSubstitute.objects.filter(line__in=built_in).values("product_id")
    named = Product.objects.filter(Q(pk__in=built_in.values("child_id")) | Q(pk__in=substitutes))
    for part in named:
        if not part.revisions.filter(state=RevisionState.RELEASED).exists():  # it may have come with another one
            release(part)


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


def make_alternate(product: Product, alternate: Product, **data: Any) -> Alternate:
    """Say that one product may be taken for another."""
    return alternate_add(actor=system_actor(), product_id=product.pk, alternate_id=alternate.pk, data=data)


def make_family(code: str, choices: Sequence[str] = ()) -> OptionFamily:
    """The option family of this code; a new one with these choices when there is none."""
    known = OptionFamily.objects.filter(code=code).first()
    if known is not None:
        return known
    family = option_family_create(actor=system_actor(), data={"code": code, "name": code.capitalize()})
    for choice in choices:
        option_choice_add(
            actor=system_actor(), family_id=family.pk, data={"code": choice, "name": choice.capitalize()}
        )
    return family


def make_option(product: Product, code: str, choices: Sequence[str] = (), **data: Any) -> ProductOption:
    """Let the family ``code`` be chosen from for a product."""
    return product_option_add(
        actor=system_actor(), product_id=product.pk, family_id=make_family(code, choices).pk, data=data
    )


def make_rule(product: Product, condition: str, kind: str, then: str, **data: Any) -> OptionRule:
    """A rule among a product's choices."""
    values = {"condition": condition, "kind": kind, "then": then, **data}
    return option_rule_add(actor=system_actor(), product_id=product.pk, data=values)


def make_configuration(product: Product, code: str, choices: Sequence[str], **data: Any) -> Configuration:
    """A saved choice."""
    values = {"code": code, "name": code.capitalize(), "choices": choices, **data}
    return configuration_create(actor=system_actor(), product_id=product.pk, data=values)


def make_substitute(line: BomLine, product: Product, **data: Any) -> LineSubstitute:
    """Say that a product may be taken for the part of a line."""
    return substitute_add(actor=system_actor(), line_id=line.pk, product_id=product.pk, data=data)


def make_manufacturer(name: str) -> Manufacturer:
    """The manufacturer of this name (its code too); a new one when there is none."""
    known = Manufacturer.objects.filter(name=name).first()
    return known or manufacturer_create(actor=system_actor(), data={"code": name[:20], "name": name})


def make_supplier(name: str) -> Supplier:
    """The supplier of this name (its code too); a new one when there is none."""
    known = Supplier.objects.filter(name=name).first()
    return known or supplier_create(actor=system_actor(), data={"code": name[:20], "name": name})


def make_part(manufacturer: str, mpn: str) -> ManufacturerPart:
    """A manufacturer's part."""
    return manufacturer_part_named(system_actor(), make_manufacturer(manufacturer), mpn)


def make_source(product: Product, manufacturer: str, mpn: str, *, status: str = "approved") -> ApprovedSource:
    """A source of a product, judged as said."""
    part = make_part(manufacturer, mpn)
    source = source_add(actor=system_actor(), product_id=product.pk, manufacturer_part_id=part.pk)
    if status == "potential":
        return source
    return source_step(actor=system_actor(), source_id=source.pk, to=status, reason="tests")


def make_offer(of: Product | ManufacturerPart, supplier: str, *breaks: tuple[Any, Any], **data: Any) -> SupplierOffer:
    """An offer with prices as (from quantity, unit price), in EUR unless ``currency`` says otherwise."""
    name = "product_id" if isinstance(of, Product) else "manufacturer_part_id"
    return offer_create(
        actor=system_actor(),
        data={"supplier_id": make_supplier(supplier).pk, "currency": "EUR", name: of.pk, **data},
        breaks=[Break(Decimal(str(quantity)), Decimal(str(price))) for quantity, price in breaks],
    )


def make_baseline(product: Product, name: str = "First", **data: Any) -> Baseline:
    """The structure of a product as found today, frozen."""
    resolution = data.pop("resolution", None) or Resolution.of()
    return baseline_create(actor=system_actor(), product_id=product.pk, name=name, resolution=resolution, **data)
