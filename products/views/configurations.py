"""The configurations of a product: choosing, saved configurations, the check; options and rules: ``options.py``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from plm_project.web.views import is_htmx
from products import permissions
from products.configuration_words import choices_named, count_words, findings_words
from products.configuring.choosing import choosing_of, completed
from products.configuring.counting import configurations_count
from products.configuring.problem import Broken, Problem
from products.exceptions import StructureCycle
from products.forms.configurations import ConfigurationAddForm, ConfigurationForm
from products.forms.sourcing import RemoveForm
from products.models import Configuration, Product, ProductOption
from products.selectors.configuration_check import CheckFinding, configuration_check
from products.selectors.configuration_matrix import configuration_matrix
from products.selectors.configurations import (
    choices_had,
    configuration_get,
    configuration_rows,
    option_rows,
    problem_of,
    rule_rows,
)
from products.selectors.questions import NOTHING_CHOSEN, choices_read
from products.selectors.records import product_get
from products.services.configurations import configuration_create, configuration_remove, configuration_update
from products.views.base import ProductPage, ServicePage, actor_of

PICKED = "f-"  # before a family's code: the name of its radio buttons
SAVED_SHOWN = 200
MATRIX_COLUMNS, MATRIX_ROWS = 12, 60
FINDINGS_SHOWN, LINES_SHOWN = 50, 8


def configurations_url(product: Product) -> str:
    """Return the address of the tab."""
    return reverse("products:product-configurations", args=[product.pk])


class ConfigurationsPage(ProductPage):
    """A page about what may be chosen for a product."""

    tab = "configurations"

    @cached_property
    def problem(self) -> Problem:
        """Options and rules."""
        return problem_of(self.product)

    def get_success_url(self) -> str:
        """Back to the tab."""
        return configurations_url(self.product)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add where the tab is, and whether the signed-in person may change something."""
        may_edit = actor_of(self.request).may(permissions.PRODUCTS_UPDATE)
        return super().get_context_data(
            **{"configurations_url": configurations_url(self.product), "may_edit": may_edit, **kwargs}
        )


@dataclass(frozen=True)
class SavedRow:
    """A saved configuration, what it chooses in words, and what it breaks."""

    configuration: Configuration
    choices: list[str]
    broken: list[Broken]


@dataclass(frozen=True)
class OptionRow:
    """An option with the choices that the product has."""

    option: ProductOption
    choices: list[str]


class ProductConfigurationsView(ConfigurationsPage, TemplateView):
    """The tab: choose, and see at once what remains; what was saved; options and rules."""

    template_name = "products/configurations/tab.html"
    partial_template_name = "products/configurations/_choosing.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the choosing form; for a whole page the rest too."""
        context = super().get_context_data(problem=self.problem, **self._choosing(), **kwargs)
        return context if is_htmx(self.request) else {**context, **self._lists()}

    def _chosen(self) -> frozenset[str]:
        """Return what the address chooses; the defaults where it says nothing."""
        given = self.request.GET
        if "picked" in given:
            return frozenset(given[name] for name in given if name.startswith(PICKED) and given[name])
        if "options" in given:
            return frozenset(word.lower() for word in choices_read(given["options"]) or ())
        return completed(self.problem, ())

    def _choosing(self) -> dict[str, Any]:
        choosing = choosing_of(self.problem, self._chosen())
        options = ",".join(choosing.chosen) or NOTHING_CHOSEN
        count = configurations_count(self.problem, choosing.chosen)
        return {
            "choosing": choosing,
            "chosen_query": urlencode({"options": options}),
            "remaining": count,
            "remaining_words": count_words(count),
            "forced": choices_named(self.problem, choosing.forced),
        }

    def _lists(self) -> dict[str, Any]:
        rows = list(configuration_rows().filter(product=self.product)[:SAVED_SHOWN])
        count = configurations_count(self.problem)
        return {
            "saved": [
                SavedRow(row, choices_named(self.problem, row.choices), self.problem.broken(row.choices))
                for row in rows
            ],
            "options": [
                OptionRow(row, [choice.name for choice in choices_had(row)])
                for row in option_rows().filter(product=self.product)
            ],
            "rules": list(rule_rows().filter(product=self.product)),
            "count": count,
            "count_words": count_words(count),
        }


@dataclass(frozen=True)
class FindingShown:
    """A finding as the page shows it."""

    entry: CheckFinding
    example: list[str]
    choice: str
    example_query: str

    @property
    def because(self) -> list[str]:
        """The rules that the proof stands on and that the example does not show already."""
        broken = {entry.text for entry in self.entry.finding.broken}
        return [text for text in self.entry.finding.because if text not in broken]

    @property
    def lines(self) -> tuple[Any, ...]:
        """The first lines."""
        return self.entry.lines[:LINES_SHOWN]

    @property
    def more(self) -> int:
        """How many lines are not shown."""
        return max(len(self.entry.lines) - LINES_SHOWN, 0)


class ConfigurationCheckView(ConfigurationsPage, TemplateView):
    """The check of the whole structure, and which line stands in which saved configuration."""

    template_name = "products/configurations/check.html"
    partial_template_name = "products/configurations/_check.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add findings and matrix."""
        try:
            check = configuration_check(self.product)
        except StructureCycle as cycle:
            return super().get_context_data(cycle=cycle, **kwargs)
        columns = [
            row
            for row in configuration_rows().filter(product=self.product)[:SAVED_SHOWN]
            if not check.problem.broken(row.choices)
        ]
        return super().get_context_data(
            check=check,
            count_words=count_words(check.count),
            findings_words=findings_words(len(check.findings)),
            findings=[self._shown(check.problem, entry) for entry in check.findings[:FINDINGS_SHOWN]],
            more_findings=max(len(check.findings) - FINDINGS_SHOWN, 0),
            matrix=configuration_matrix(check, columns[:MATRIX_COLUMNS], most=MATRIX_ROWS) if columns else None,
            **kwargs,
        )

    @staticmethod
    def _shown(problem: Problem, entry: CheckFinding) -> FindingShown:
        finding = entry.finding
        named = choices_named(problem, [finding.choice])[0] if finding.choice else ""
        options = ",".join(finding.example) or NOTHING_CHOSEN
        return FindingShown(entry, choices_named(problem, finding.example), named, urlencode({"options": options}))


class ConfigurationFormPage(ConfigurationsPage, ServicePage):
    """A form of the tab: its heading, what its button says, and whether it takes something away."""

    permission = permissions.PRODUCTS_UPDATE
    template_name = "products/configurations/form.html"
    panel_title: Any = ""
    submit_label: Any = ""
    danger = False

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the three."""
        shared = {name: getattr(self, name) for name in ("panel_title", "submit_label", "danger")}
        return super().get_context_data(**{**shared, **kwargs})


class ConfigurationAddView(ConfigurationFormPage):
    """Save a choice; the address may bring it (``options``)."""

    form_class = ConfigurationAddForm
    panel_title = gettext_lazy("Save a configuration")
    submit_label = gettext_lazy("Save configuration")

    def get_initial(self) -> dict[str, Any]:
        """Take the choices of the address."""
        return {"choices": ", ".join(choices_read(self.request.GET.get("options")) or ())}

    def perform(self, form: Any) -> Configuration:
        """Save it."""
        given = {name: value for name, value in form.cleaned_data.items() if name != "expected_version"}
        record = configuration_create(actor=self.actor, product_id=self.product.pk, data=given)
        messages.success(self.request, _("%(name)s is saved.") % {"name": record.name})
        return record


class OneConfigurationPage(ConfigurationFormPage):
    """A page about the configuration in the address."""

    @cached_property
    def row(self) -> Configuration:
        """The configuration; another tenant's is not found."""
        return configuration_get(self.kwargs["pk"])

    @cached_property
    def product(self) -> Product:  # type: ignore[override]
        """Its product."""
        return product_get(self.row.product_id)

    def get_initial(self) -> dict[str, Any]:
        """Show it as it stands."""
        row = self.row
        return {
            "name": row.name,
            "choices": ", ".join(row.choices),
            "note": row.note,
            "expected_version": row.version,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the form is about."""
        return super().get_context_data(subject=str(self.row), **kwargs)


class ConfigurationEditView(OneConfigurationPage):
    """Name, choices, note."""

    form_class = ConfigurationForm
    panel_title = gettext_lazy("Edit configuration")
    submit_label = gettext_lazy("Save")

    def perform(self, form: Any) -> None:
        """Change what differs."""
        changes = dict(form.cleaned_data)
        expected = changes.pop("expected_version")
        configuration_update(
            actor=self.actor, configuration_id=self.row.pk, changes=changes, expected_version=expected
        )
        messages.success(self.request, _("Saved."))


class ConfigurationRemoveView(OneConfigurationPage):
    """It is offered no more."""

    form_class = RemoveForm
    panel_title = gettext_lazy("Remove configuration?")
    submit_label = gettext_lazy("Remove configuration")
    danger = True

    def perform(self, form: Any) -> None:
        """Remove it."""
        configuration_remove(actor=self.actor, configuration_id=self.row.pk, **form.cleaned_data)
        messages.success(self.request, _("Removed."))
