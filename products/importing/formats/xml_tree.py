"""XML as a small tree that knows its line numbers. Declarations of entities are refused, and so is what is too large."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.sax import SAXException, handler
from xml.sax.xmlreader import AttributesNSImpl, Locator

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import create_parser
from django.utils.translation import gettext as _

from products.importing.problems import SourceProblem

MAX_DEPTH = 100
MAX_ELEMENTS = 1_000_000


@dataclass(slots=True)
class Node:
    """One element: its name and attributes without their name spaces, and the line it begins on."""

    name: str
    line: int
    attributes: dict[str, str]
    children: list[Node] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text directly inside it."""
        return "".join(self.pieces)

    def all(self, name: str) -> list[Node]:
        """Return the children of that name."""
        return [child for child in self.children if child.name == name]

    def first(self, *path: str) -> Node | None:
        """Return the first element reached by the names, one level each."""
        found: Node | None = self
        for name in path:
            found = next((child for child in found.children if child.name == name), None) if found else None
        return found

    def text_of(self, *path: str) -> str:
        """Return the text of ``first``, stripped; empty without it."""
        found = self.first(*path)
        return found.text.strip() if found else ""

    def everything(self, name: str = "") -> Iterator[Node]:
        """Yield all elements (of that name) below this one, in the document's order."""
        stack = list(reversed(self.children))
        while stack:
            node = stack.pop()
            if not name or node.name == name:
                yield node
            stack.extend(reversed(node.children))


def parse_xml(content: bytes) -> Node:
    """Return the root. Raises SourceProblem (unsupported_file, too_large)."""
    builder = _Builder()
    parser = create_parser(forbid_dtd=True)
    parser.setFeature(handler.feature_namespaces, True)
    parser.setContentHandler(builder)
    try:
        parser.parse(io.BytesIO(content))
    except DefusedXmlException:
        message = _("The XML declares a document type or entities, which are not read.")
        raise SourceProblem("unsupported_file", message) from None
    except (SAXException, ValueError, LookupError) as error:  # LookupError: an encoding nobody knows
        line = builder.line
        message = _("The XML is damaged near line %(line)d: %(error)s.")
        text = error.getMessage() if isinstance(error, SAXException) else str(error)
        raise SourceProblem("unsupported_file", message % {"line": line, "error": text[:100]}, row=line) from None
    if builder.root is None:
        raise SourceProblem("empty_file", _("The file is empty."))
    return builder.root


class _Builder(handler.ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.root: Node | None = None
        self.open: list[Node] = []
        self.count = 0
        self.locator: Locator | None = None

    @property
    def line(self) -> int:
        return (self.locator.getLineNumber() or 0) if self.locator else 0

    def setDocumentLocator(self, locator: Locator) -> None:
        self.locator = locator

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: AttributesNSImpl) -> None:
        self.count += 1
        if self.count > MAX_ELEMENTS or len(self.open) >= MAX_DEPTH:
            message = _("The XML has more than %(elements)d elements or %(depth)d levels.")
            limits = {"elements": MAX_ELEMENTS, "depth": MAX_DEPTH}
            raise SourceProblem("too_large", message % limits, row=self.line)
        node = Node(name[1], self.line, {key[1]: value for key, value in attrs.items()})
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node
        self.open.append(node)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:
        self.open.pop()

    def characters(self, content: str) -> None:
        if content.strip() or self.open[-1].pieces:
            self.open[-1].pieces.append(content)
