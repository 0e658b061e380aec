"""Where a product is used as a picture: its nearest ancestors in layers, every line leading from left to right."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from plm_project.core.decimals import plain
from products.selectors.where_used import WhereUsed, WhereUsedEdge

MOST_NODES = 300


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A product at its place: ``layer`` counts from the asked product (0), ``row`` within the layer."""

    product_id: uuid.UUID
    number: str
    name: str
    layer: int
    row: int
    is_end: bool


@dataclass(frozen=True)
class WhereUsedGraph:
    """``nodes`` with the asked product first; ``edges`` (child, parent, quantity) by place; ``left_out`` further ancestors."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[tuple[int, int, str], ...]
    left_out: int


def where_used_graph(product_id: uuid.UUID, used: WhereUsed, *, most: int = MOST_NODES) -> WhereUsedGraph:
    """Lay out the asked product and at most ``most`` of its ancestors, the nearest first. O(edges), no query."""
    lines = {line.product_id: line for line in used.lines[:most]}
    edges = [edge for edge in used.edges if edge.parent_id in lines and edge.child_id in {product_id, *lines}]
    layers = _layers(product_id, edges)
    # A product whose children were all left out stands where its level says.
    placed = {key: layers.get(key, line.level) for key, line in lines.items()}
    placed[product_id] = 0
    rows = _rows(placed, edges)
    order = sorted(placed, key=lambda key: (placed[key], rows[key]))
    places = {key: at for at, key in enumerate(order)}
    nodes = tuple(
        GraphNode(
            key,
            lines[key].product_number if key in lines else used.product_number,
            lines[key].product_name if key in lines else "",
            placed[key],
            rows[key],
            key in lines and lines[key].is_root,
        )
        for key in order
    )
    pairs = tuple((places[edge.child_id], places[edge.parent_id], plain(edge.quantity)) for edge in edges)
    return WhereUsedGraph(nodes, pairs, len(used.lines) - len(lines))


def _layers(root: uuid.UUID, edges: list[WhereUsedEdge]) -> dict[uuid.UUID, int]:
    """Return the longest way from the asked product to each: so every edge leads to a later layer."""
    above: dict[uuid.UUID, list[uuid.UUID]] = {}
    waiting: dict[uuid.UUID, int] = {}
    for edge in edges:
        above.setdefault(edge.child_id, []).append(edge.parent_id)
        waiting[edge.parent_id] = waiting.get(edge.parent_id, 0) + 1
    layers = {root: 0}
    ready = [root]
    while ready:
        at = ready.pop()
        for parent in above.get(at, ()):
            layers[parent] = max(layers.get(parent, 0), layers[at] + 1)
            waiting[parent] -= 1
            if not waiting[parent]:
                ready.append(parent)
    return layers


def _rows(layers: dict[uuid.UUID, int], edges: list[WhereUsedEdge]) -> dict[uuid.UUID, int]:
    """Order each layer by where its children stand, so that fewer lines cross."""
    children: dict[uuid.UUID, list[uuid.UUID]] = {}
    for edge in edges:
        children.setdefault(edge.parent_id, []).append(edge.child_id)
    by_layer: dict[int, list[uuid.UUID]] = {}
    for key, layer in layers.items():
        by_layer.setdefault(layer, []).append(key)
    rows: dict[uuid.UUID, int] = {}

    def middle(key: uuid.UUID) -> float:
        below = [rows[child] for child in children.get(key, ()) if child in rows]
        return sum(below) / len(below) if below else 0.0

    for layer in sorted(by_layer):
        rows |= {key: row for row, key in enumerate(sorted(by_layer[layer], key=middle))}
    return rows
