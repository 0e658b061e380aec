"""The templates keep the content security policy, the sprite holds what they draw, the README lists what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from plm_project.web.navigation import ITEMS
from plm_project.web.templatetags.plm import register
from plm_project.web.views import PageMixin

ROOT = Path(settings.BASE_DIR) if hasattr(settings, "BASE_DIR") else Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
WEB = ROOT / "plm_project/web"
PACKAGES = ("plm_project", "products", "changes", "collaboration", "compliance", "integrations")

INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE)
INLINE_STYLE = re.compile(r"<style|<[^>{]*\sstyle\s*=", re.IGNORECASE)
HANDLER = re.compile(r"<[^>]*\s(on[a-z]+|hx-on[:a-z-]*)\s*=", re.IGNORECASE)
ICON_IN_TEMPLATE = re.compile(r"""(?:\{% icon |\bicon=)["']([a-z0-9-]+)["']""")
ICON_IN_CODE = re.compile(r"""\bicon(?:: \w+)? ?= ?["']([a-z0-9-]+)["']""")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_hold_nothing_the_policy_refuses(path: Path) -> None:
    text = path.read_text()
    assert not INLINE_SCRIPT.search(text)
    assert not INLINE_STYLE.search(text)
    assert not HANDLER.search(text)


def test_every_icon_is_in_the_sprite() -> None:
    listed = {line.split("#")[0].strip() for line in (WEB / "frontend/icons.txt").read_text().splitlines()}
    used = {item.icon for item in ITEMS}
    for path in TEMPLATES:
        used.update(ICON_IN_TEMPLATE.findall(path.read_text()))
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            used.update(ICON_IN_CODE.findall(path.read_text()))
    assert len(used) > 20
    assert used <= listed, f"add to frontend/icons.txt: {sorted(used - listed)}"


def test_the_readme_lists_every_component() -> None:
    readme = (WEB / "README.md").read_text()
    names = [*register.tags, *(f"|{name}" for name in register.filters)]
    missing = [name for name in names if f"{{% {name}" not in readme and f"\\{name}" not in readme]
    assert not missing


def test_every_page_declares_a_permission() -> None:
    pages = {
        view for view in _views(get_resolver().url_patterns) if isinstance(view, type) and issubclass(view, PageMixin)
    }
    assert pages
    assert not [page.__name__ for page in pages if not page.permission]


def _views(patterns: list[URLPattern | URLResolver]) -> list[object]:
    found: list[object] = []
    for entry in patterns:
        if isinstance(entry, URLResolver):
            found += _views(entry.url_patterns)
        else:
            found.append(getattr(entry.callback, "view_class", None))
    return found
