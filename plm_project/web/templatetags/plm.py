"""The components as template tags: ``{% load plm %}``. Parameters are listed in plm_project/web/README.md."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.templatetags.static import static
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _

from plm_project.core.decimals import plain as plain_text
from plm_project.web import forms as web_forms
from plm_project.web import states
from plm_project.web.addresses import is_true, sort_address, with_query

register = template.Library()


# --- small things ---------------------------------------------------------------------------------------------------
@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """An icon of the sprite. Without ``label`` it is decoration and hidden from screen readers. ``size``: sm, lg, xl."""
    css = f"icon icon-{size}" if size else "icon"
    source = f"{static('web/dist/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>', css, label, source
        )
    return format_html('<svg class="{}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', css, source)


@register.simple_tag
def badge(code: str, label: Any = "", tone: str = "") -> SafeString:
    """The badge of a state: its word, a mark and a colour role (``tone`` overrides what states.py says)."""
    return format_html(
        '<span class="state state-{}" data-state="{}">{}</span>',
        tone or states.tone_of(code),
        code,
        label or states.words_of(code),
    )


@register.filter
def plain(value: Any) -> str:
    """A decimal in plain notation without trailing zeros; anything else as text, None as a dash."""
    if value is None or value == "":
        return "–"
    return plain_text(value) if isinstance(value, Decimal) else str(value)


@register.filter
def money(value: Any, currency: str = "") -> str:
    """An amount with at least two decimals, thousands parted by a narrow space, and the currency: ``1 250.50 EUR``."""
    if value is None or value == "":
        return "–"
    whole, _point, decimals = plain_text(Decimal(value)).partition(".")
    sign, digits = ("−", whole[1:]) if whole.startswith("-") else ("", whole)
    text = f"{sign}{int(digits):,}".replace(",", "\u202f") + f".{decimals.ljust(2, '0')}"
    return f"{text}\u00a0{currency}" if currency else text


@register.inclusion_tag("components/copy.html")
def copy(value: Any, label: str = "") -> dict[str, Any]:
    """A value with a copy button, which only scripts show."""
    return {"value": value, "label": label or _("Copy %(value)s") % {"value": value}}


@register.inclusion_tag("components/progress.html")
def progress(value: int, maximum: int, label: str) -> dict[str, Any]:
    """A progress bar with its numbers in words."""
    return {"value": value, "maximum": maximum, "label": label}


@register.inclusion_tag("components/stat.html")
def stat(label: str, value: Any, url: str = "", icon: str = "", note: str = "", tone: str = "") -> dict[str, Any]:
    """A tile with one number; put several into ``<div class="stats">``."""
    return {"label": label, "value": value, "url": url, "icon": icon, "note": note, "tone": tone}


@register.inclusion_tag("components/empty.html")
def empty(
    title: str, text: str = "", icon: str = "inbox", action_url: str = "", action_label: str = ""
) -> dict[str, Any]:
    """What stands where there is nothing yet, and what to do next."""
    return {"title": title, "text": text, "icon": icon, "action_url": action_url, "action_label": action_label}


@register.simple_tag
def diff_mark(kind: str) -> SafeString:
    """The sign of a difference, with its word for screen readers: added, removed, changed."""
    signs = {"added": ("+", _("Added")), "removed": ("−", _("Removed")), "changed": ("±", _("Changed"))}
    sign, word = signs.get(kind, ("", ""))
    if not sign:
        return SafeString("")
    return format_html(
        '<span class="diff-mark" aria-hidden="true">{}</span><span class="visually-hidden">{}</span>', sign, word
    )


# --- navigation -----------------------------------------------------------------------------------------------------
@register.simple_tag
def crumb(label: Any, url: str = "") -> SafeString:
    """One step of the breadcrumb; without ``url`` it is the current page."""
    if url:
        return format_html('<li class="breadcrumb-item"><a href="{}">{}</a></li>', url, label)
    return format_html('<li class="breadcrumb-item active" aria-current="page">{}</li>', label)


@register.simple_block_tag
def tabs(content: str, label: str) -> SafeString:
    """A row of ``{% tab %}`` links; ``label`` names it for screen readers."""
    return format_html('<nav class="tabs" aria-label="{}"><ul>{}</ul></nav>', label, content)


@register.simple_tag
def tab(label: Any, url: str, current: Any = False, count: Any = None) -> SafeString:
    """One tab: a link, ``aria-current`` when it is the open one."""
    number = "" if count is None else format_html(' <span class="tab-count">{}</span>', count)
    here = mark_safe(' aria-current="page"') if current else ""
    return format_html('<li><a class="tab" href="{}"{}>{}{}</a></li>', url, here, label, number)


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Page, name: str = "page", label: str = "") -> dict[str, Any]:
    """Links to the pages of a Paginator's page, keeping the rest of the address."""
    query = context["request"].GET
    paginator = page.paginator
    numbers = [
        (number, with_query(query, {name: number}) if isinstance(number, int) else "")
        for number in paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]
    return {
        "page": page,
        "label": label or _("Pages"),
        "numbers": numbers,
        "previous": with_query(query, {name: page.previous_page_number()}) if page.has_previous() else "",
        "next": with_query(query, {name: page.next_page_number()}) if page.has_next() else "",
    }


@register.inclusion_tag("components/sort_heading.html", takes_context=True)
def sort_heading(
    context: template.Context, field: str, label: Any, numeric: Any = False, default: str = "", css: str = ""
) -> dict[str, Any]:
    """A ``<th>`` that sorts by ``field`` (sort_by, sort_order in the address). ``default``: asc or desc when this
    column is the order without any in the address."""
    address, order = sort_address(context["request"].GET, field, default)
    names = ["sort-heading", "num" if is_true(numeric) else "", css]
    return {"label": label, "address": address, "order": order, "css": " ".join(name for name in names if name)}


# --- containers -----------------------------------------------------------------------------------------------------
@register.simple_block_tag
def table_region(content: str, label: str, css: str = "") -> SafeString:
    """A frame that scrolls sideways and keeps the table's head in sight; reachable by keyboard."""
    return format_html(
        '<div class="table-region {}" role="region" aria-label="{}" tabindex="0">{}</div>', css, label, content
    )


@register.simple_block_tag
def facts(content: str, css: str = "") -> SafeString:
    """A title block of facts; put ``{% fact %}`` tags inside."""
    return format_html('<dl class="facts {}">{}</dl>', css, content)


@register.simple_tag
def fact(label: Any, value: Any, numeric: Any = False, wide: Any = False) -> SafeString:
    """One fact. Decimals are written plainly, nothing as a dash."""
    css = " ".join(name for name, on in (("num", is_true(numeric)), ("wide", is_true(wide))) if on)
    shown = plain(value) if isinstance(value, Decimal) or value in (None, "") else value
    return format_html('<div class="fact {}"><dt>{}</dt><dd>{}</dd></div>', css, label, shown)


@register.simple_block_tag
def panel(content: str, title: Any = "", icon: str = "", level: int = 2, id: str = "") -> SafeString:
    """A section with a heading."""
    picture = _sprite(icon)
    if not title:
        return format_html('<section class="panel"><div class="panel-body">{}</div></section>', content)
    name = id or f"panel-{slugify(str(title)) or 'section'}"
    head = format_html('<h{0} id="{1}">{2}{3}</h{0}>', int(level), name, picture, title)
    return format_html(
        '<section class="panel" aria-labelledby="{}"><header class="panel-head">{}</header>'
        '<div class="panel-body">{}</div></section>',
        name,
        head,
        content,
    )


def _sprite(name: str) -> SafeString:
    return icon(name) if name else SafeString("")


@register.simple_block_tag
def alert(content: str, tone: str = "info", title: Any = "") -> SafeString:
    """A note in the page: info, success, warning, danger."""
    pictures = {
        "info": "info-circle",
        "success": "check-circle",
        "warning": "exclamation-triangle",
        "danger": "x-octagon",
    }
    heading = format_html('<p class="note-title">{}</p>', title) if title else ""
    return format_html(
        '<div class="note note-{}">{}<div class="note-body">{}{}</div></div>',
        tone,
        icon(pictures.get(tone, "info-circle")),
        heading,
        content,
    )


@register.simple_block_tag
def dialog(content: str, id: str, title: Any, wide: Any = False) -> SafeString:
    """A native dialog, opened by ``<button data-dialog-open="id">``. Without scripts it stands in the page."""
    return format_html(
        '<dialog class="dialog {}" id="{}" aria-labelledby="{}-title"><header class="dialog-head">'
        '<h2 id="{}-title">{}</h2><button type="button" class="btn-close" data-dialog-close aria-label="{}"></button>'
        '</header><div class="dialog-body">{}</div></dialog>',
        "dialog-wide" if is_true(wide) else "",
        id,
        id,
        id,
        title,
        _("Close"),
        content,
    )


@register.simple_block_tag(takes_context=True)
def filter_bar(
    context: template.Context, content: str, label: Any = "", target: str = "", clear: Any = True
) -> SafeString:
    """A GET form of filters in a row; the fields go inside. ``target``: htmx replaces that element as one types."""
    request = context["request"]
    live: Any = ""
    if target:
        live = format_html(
            ' hx-get="{0}" hx-target="{1}" hx-select="{1}" hx-swap="outerHTML" hx-push-url="true" '
            'hx-trigger="change, input delay:300ms from:find input[type=search], submit"',
            request.path,
            target,
        )
    reset: Any = ""
    if is_true(clear) and request.GET:
        reset = format_html('<a class="btn btn-quiet" href="{}">{}</a>', request.path, _("Clear"))
    return format_html(
        '<form class="filter-bar" method="get" action="{}" role="search" aria-label="{}"{}>{}'
        '<div class="filter-actions"><button class="btn btn-secondary" type="submit">{}{}</button>{}</div></form>',
        request.path,
        label or _("Filter"),
        live,
        content,
        icon("funnel"),
        _("Filter"),
        reset,
    )


@register.simple_block_tag
def chart(content: str, id: str, title: Any, data: Any, kind: str = "bar", unit: str = "") -> SafeString:
    """A chart (kinds in js/chart.js) from ``data`` = {"labels": […], "series": [{"name", "values"}]}; the block holds
    the same as a table. The page also loads web/dist/charts.js in its ``scripts`` block."""
    return format_html(
        '<figure class="chart"><figcaption>{}</figcaption><div class="chart-canvas" data-chart="{}" '
        'data-chart-kind="{}" data-chart-unit="{}" role="img" aria-label="{}" hidden></div>{}'
        '<details class="chart-table" open><summary>{}</summary>{}</details></figure>',
        title,
        f"{id}-data",
        kind,
        unit,
        title,
        json_script(data, f"{id}-data"),
        _("Show as table"),
        content,
    )


# --- the tree table -------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/tree_toggle.html")
def tree_toggle(label: Any, has_children: Any = True, url: str = "", href: str = "") -> dict[str, Any]:
    """The button of a tree row. ``url`` answers the rows of the next level, ``href`` is the same page opened there
    (works without scripts). The row itself carries role, aria-level, aria-expanded and data-level: see README."""
    return {"label": label, "has_children": is_true(has_children), "url": url, "href": href}


# --- forms ----------------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/field.html")
def field(bound: BoundField, css: str = "", label_hidden: Any = False) -> dict[str, Any]:
    """A form field: label, input, help, errors; the latter two are tied to it by aria-describedby."""
    return {
        "field": bound,
        "widget": bound.as_widget(attrs=web_forms.widget_attrs(bound)),
        "help_id": web_forms.help_id(bound),
        "error_id": web_forms.error_id(bound),
        "is_check": web_forms.is_check(bound),
        "is_group": web_forms.is_group(bound),
        "css": css,
        "label_hidden": is_true(label_hidden),
    }


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: BaseForm) -> dict[str, Any]:
    """What is wrong with a form, above it: its own errors and a link to each field in error."""
    return {
        "form": form,
        "bad_fields": [bound for bound in form if bound.errors and not bound.is_hidden],
        "hidden_errors": [(bound, bound.errors) for bound in form.hidden_fields() if bound.errors],
    }


@register.inclusion_tag("components/form_fields.html")
def form_fields(form: BaseForm) -> dict[str, Any]:
    """Error summary, hidden and visible fields of a form, one below the other."""
    return {"form": form}
