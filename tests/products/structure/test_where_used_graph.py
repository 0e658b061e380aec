"""Where a product is used as edges, as a tree and as a picture."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from products.models import Product
from products.selectors.resolution import Resolution
from products.selectors.where_used import where_used
from products.selectors.where_used_graph import where_used_graph
from tests.conftest import MakeMember
from tests.factories import make_assembly, make_line, make_product


@pytest.fixture
def bolt(scope: None) -> Product:
    """BOLT in AXLE (4, and 2 on a second line) and in CAR (1); 2 AXLE in CAR and in VAN; CAR in TRAIN."""
    bolt = make_product("BOLT")
    axle = make_assembly("AXLE", [(bolt, 4), (bolt, 2)])
    car = make_assembly("CAR", [(axle, 2), (bolt, 1)])
    make_assembly("VAN", [(axle, 2)])
    make_line(make_product("TRAIN"), car, 30)
    return bolt


def test_edges_are_read_with_the_lines(bolt: Product, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        used = where_used(bolt, Resolution.of())
        edges = {(edge.child_number, edge.parent_number, edge.quantity) for edge in used.edges}
    assert edges == {
        ("BOLT", "AXLE", Decimal(6)),
        ("BOLT", "CAR", Decimal(1)),
        ("AXLE", "CAR", Decimal(2)),
        ("AXLE", "VAN", Decimal(2)),
        ("CAR", "TRAIN", Decimal(30)),
    }
    near = where_used(bolt, Resolution.of(), depth=1)
    assert {(edge.child_number, edge.parent_number) for edge in near.edges} == {
        ("BOLT", "AXLE"), ("BOLT", "CAR"), ("AXLE", "CAR")
    }  # fmt: skip


def test_every_line_of_the_picture_leads_to_the_right(bolt: Product) -> None:
    used = where_used(bolt, Resolution.of())
    graph = where_used_graph(bolt.pk, used)
    layers = {node.number: node.layer for node in graph.nodes}
    assert layers == {"BOLT": 0, "AXLE": 1, "CAR": 2, "VAN": 2, "TRAIN": 3}
    assert (graph.nodes[0].number, graph.left_out, len(graph.edges)) == ("BOLT", 0, 5)
    assert all(graph.nodes[child].layer < graph.nodes[parent].layer for child, parent, _quantity in graph.edges)
    assert len({(node.layer, node.row) for node in graph.nodes}) == 5
    small = where_used_graph(bolt.pk, used, most=2)
    assert ([node.number for node in small.nodes], small.left_out) == (["BOLT", "AXLE", "CAR"], 2)


def test_the_page_as_tree_and_picture(bolt: Product, make_member: MakeMember) -> None:
    client = Client()
    client.force_login(make_member("viewer")[0])
    address = reverse("products:product-where-used", args=[bolt.pk])
    tree = client.get(address, {"view": "tree"})
    assert [(row.line.product_number, row.quantity) for row in tree.context["rows"]] == [("AXLE", 6), ("CAR", 1)]
    axle = Product.objects.get(product_number="AXLE")
    opened = client.get(
        reverse("products:where-used-rows", args=[axle.pk]), {"depth": 2}, headers={"HX-Request": "true"}
    )
    text = opened.content.decode()
    assert text.count('data-level="2"') == 2 and "CAR" in text and "VAN" in text
    picture = client.get(address, {"view": "graph"})
    assert len(picture.context["graph"]["nodes"]) == 5
    assert b"web/dist/graph" in picture.content
