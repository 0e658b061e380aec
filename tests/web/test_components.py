"""The component tags: what they write, and that they escape what people typed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from plm_project.web.forms import DateInput, DecimalInput, FileDropInput
from plm_project.web.states import TONES, tone_of, words_of

EVIL = '<script>alert("x")</script>'


def render(source: str, address: str = "/list/", **context: Any) -> str:
    return Template("{% load plm %}" + source).render(Context({"request": RequestFactory().get(address), **context}))


class SampleForm(forms.Form):
    """One of each."""

    number = forms.CharField(help_text="As on the drawing.", max_length=5)
    note = forms.CharField(required=False)
    cost = forms.DecimalField(widget=DecimalInput, required=False)
    day = forms.DateField(widget=DateInput, required=False)
    file = forms.FileField(widget=FileDropInput, required=False)
    agreed = forms.BooleanField(required=False)
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1.500"), "1.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.0"), "0"),
        (None, "–"),
        ("", "–"),
        (7, "7"),
        (0, "0"),
    ],
)
def test_plain(value: Any, text: str) -> None:
    assert render("{{ value|plain }}", value=value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1250.5"), "1\u202f250.50\u00a0EUR"),
        (Decimal("0.0025"), "0.0025\u00a0EUR"),
        (Decimal("-1234567"), "−1\u202f234\u202f567.00\u00a0EUR"),
        (Decimal("0"), "0.00\u00a0EUR"),
        (None, "–"),
    ],
)
def test_money(value: Any, text: str) -> None:
    assert render("{{ value|money:'EUR' }}", value=value) == text


def test_an_icon_is_decoration_unless_it_has_a_name() -> None:
    assert 'aria-hidden="true"' in render('{% icon "gear" %}')
    named = render('{% icon "gear" label=label %}', label='"Set"')
    assert 'role="img"' in named
    assert "&quot;Set&quot;" in named


def test_a_badge_says_its_word() -> None:
    assert render('{% badge "in_work" %}') == '<span class="state state-accent" data-state="in_work">In work</span>'
    assert "state-danger" in render('{% badge "in_work" "X" tone="danger" %}')
    assert EVIL not in render("{% badge code code %}", code=EVIL)


def test_no_state_has_two_tones() -> None:
    codes = [code for codes in TONES.values() for code in codes]
    assert len(codes) == len(set(codes))
    assert (tone_of("released"), tone_of("never heard of")) == ("success", "neutral")
    assert words_of("in_review") == "In review"


@pytest.mark.parametrize(
    "source",
    [
        "{% crumb evil %}{% crumb evil evil %}",
        "{% tabs evil %}{% tab evil evil count=evil %}{% endtabs %}",
        "{% facts %}{% fact evil evil %}{% endfacts %}",
        "{% panel evil %}{{ evil }}{% endpanel %}",
        "{% alert 'info' title=evil %}{{ evil }}{% endalert %}",
        "{% dialog 'd' evil %}{{ evil }}{% enddialog %}",
        "{% table_region evil %}{{ evil }}{% endtable_region %}",
        "{% filter_bar label=evil target=evil %}{{ evil }}{% endfilter_bar %}",
        "{% empty evil text=evil action_url=evil action_label=evil %}",
        "{% copy evil %}{% progress evil evil evil %}{% stat evil evil url=evil note=evil %}",
        "{% sort_heading evil evil %}{% tree_toggle evil url=evil href=evil %}",
        "{% chart 'c' evil data %}{{ evil }}{% endchart %}",
    ],
)
def test_what_people_typed_is_escaped(source: str) -> None:
    assert EVIL not in render(source, evil=EVIL, data={"labels": [EVIL], "series": []})


def test_a_tab_names_the_open_page() -> None:
    html = render('{% tabs "Product" %}{% tab "A" "/a/" current=True %}{% tab "B" "/b/" count=3 %}{% endtabs %}')
    assert html.count('aria-current="page"') == 1
    assert '<span class="tab-count">3</span>' in html


def test_pagination_keeps_the_filters() -> None:
    html = render("{% pagination page %}", "/list/?q=a%26b&page=2", page=Paginator(range(95), 10).page(2))
    assert "11–20 of 95" in html
    assert 'href="?q=a%26b&amp;page=3" rel="next"' in html
    assert html.count('aria-current="page"') == 1


def test_pagination_says_nothing_of_nothing() -> None:
    assert render("{% pagination page %}", page=Paginator([], 10).page(1)).strip() == ""


@pytest.mark.parametrize(
    ("address", "link", "sorted_as"),
    [
        ("/list/?q=x&page=4", "?q=x&amp;sort_by=name&amp;sort_order=asc", ""),
        ("/list/?sort_by=name&sort_order=asc", "?sort_by=name&amp;sort_order=desc", "ascending"),
        ("/list/?sort_by=name&sort_order=desc", "?sort_by=name&amp;sort_order=asc", "descending"),
        ("/list/?sort_by=name&sort_order=nonsense", "?sort_by=name&amp;sort_order=asc", ""),
    ],
)
def test_a_heading_sorts_and_keeps_the_filters(address: str, link: str, sorted_as: str) -> None:
    html = render('{% sort_heading "name" "Name" numeric=True %}', address)
    assert f'href="{link}"' in html
    assert ("aria-sort" in html) == bool(sorted_as)
    assert sorted_as in html
    assert "num" in html


def test_the_default_order_is_shown() -> None:
    assert 'aria-sort="descending"' in render('{% sort_heading "created_at" "Created" default="desc" %}')


def test_help_and_error_are_tied_to_the_field() -> None:
    form = SampleForm({"number": "much too long"})
    html = render("{% field form.number %}", form=form)
    assert 'aria-describedby="id_number_help id_number_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_number_help"' in html
    assert 'id="id_number_error"' in html
    assert '<label class="form-label" for="id_number">' in html


def test_a_good_field_is_not_called_invalid() -> None:
    html = render("{% field form.note %}", form=SampleForm())
    assert "aria-invalid" not in html
    assert "aria-describedby" not in html
    assert "optional" in html


def test_fields_of_every_kind() -> None:
    html = render("{% form_fields form %}", form=SampleForm({"number": "A", "version": "3"}))
    assert 'type="hidden" name="version"' in html
    assert '<legend class="form-label">' in html
    assert "data-drop-zone" in html
    assert 'inputmode="decimal"' in html
    assert 'type="date"' in html
    assert 'class="form-check-input"' in html


def test_the_error_summary_leads_to_the_fields() -> None:
    html = render("{% form_errors form %}", form=SampleForm({"version": "x"}))
    assert '<a href="#id_number">Number</a>' in html
    assert "Version: Enter a whole number." in html
    assert 'role="alert"' in html
    assert render("{% form_errors form %}", form=SampleForm({"number": "A"})).strip() == ""


def test_a_fact_writes_decimals_plainly_and_nothing_as_a_dash() -> None:
    assert "<dd>1.5</dd>" in render('{% fact "Mass" value %}', value=Decimal("1.500"))
    assert "<dd>–</dd>" in render('{% fact "Mass" value %}', value=None)
    assert "<dd>0</dd>" in render('{% fact "Mass" value %}', value=Decimal(0))


@pytest.mark.parametrize(("kind", "word"), [("added", "Added"), ("removed", "Removed"), ("changed", "Changed")])
def test_a_difference_has_a_sign_and_a_word(kind: str, word: str) -> None:
    html = render("{% diff_mark kind %}", kind=kind)
    assert 'aria-hidden="true"' in html
    assert word in html


def test_an_unknown_difference_is_nothing() -> None:
    assert render('{% diff_mark "same" %}') == ""


def test_a_chart_carries_its_data_and_a_table() -> None:
    data = {"labels": ["A"], "series": [{"name": "n", "values": ["1.5"]}]}
    html = render('{% chart "phases" "Phases" data %}<table></table>{% endchart %}', data=data)
    assert '<script id="phases-data" type="application/json">' in html
    assert 'data-chart="phases-data"' in html
    assert "<table>" in html


def test_a_row_without_children_cannot_be_opened() -> None:
    assert "<a" not in render('{% tree_toggle "X" has_children=False %}')
    assert 'data-tree-url="/rows/"' in render('{% tree_toggle "X" url="/rows/" href="/page/" %}')
