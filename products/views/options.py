"""What may be chosen: the tenant's option families, and the options and rules of a product."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from plm_project.web.views import PageMixin
from products import permissions
from products.forms.configurations import (
    ChoiceAddForm,
    ChoiceForm,
    FamilyAddForm,
    FamilyForm,
    OptionAddForm,
    OptionForm,
    RuleForm,
)
from products.forms.sourcing import RemoveForm
from products.models import OptionChoice, OptionFamily, OptionRule, Product, ProductOption
from products.selectors.configurations import choice_get, family_get, family_list, option_get, rule_get
from products.selectors.records import product_get
from products.services.option_families import (
    option_choice_add,
    option_choice_remove,
    option_choice_update,
    option_family_create,
    option_family_remove,
    option_family_update,
)
from products.services.product_options import (
    option_rule_add,
    option_rule_remove,
    option_rule_update,
    product_option_add,
    product_option_remove,
    product_option_update,
)
from products.views.base import ServicePage, actor_of, page_of
from products.views.configurations import ConfigurationFormPage

MOST_FAMILIES = 500


def given_by(form: Any) -> tuple[dict[str, Any], int | None]:
    """Return what a form says without what was left empty for the service to decide, and the version seen."""
    values = {name: value for name, value in form.cleaned_data.items() if name != "expected_version"}
    if values.get("rank", 0) is None:
        del values["rank"]
    return values, form.cleaned_data.get("expected_version")


# --- options of a product ---------------------------------------------------------------------------------------------
class OptionAddView(ConfigurationFormPage):
    """A family to choose from."""

    form_class = OptionAddForm
    panel_title = gettext_lazy("Add an option")
    submit_label = gettext_lazy("Add option")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Offer the families that the product does not have yet."""
        had = set(ProductOption.objects.filter(product=self.product).values_list("family_id", flat=True))
        families = [family for family in family_list()[:MOST_FAMILIES] if family.pk not in had]
        return {**super().get_form_kwargs(), "families": families}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say where families are made."""
        return super().get_context_data(families_url=reverse("products:option-families"), **kwargs)

    def perform(self, form: Any) -> ProductOption:
        """Add it."""
        given, _seen = given_by(form)
        option = product_option_add(
            actor=self.actor, product_id=self.product.pk, family_id=given.pop("family_id"), data=given
        )
        messages.success(self.request, _("%(family)s may be chosen now.") % {"family": option.family.name})
        return option


class OneOptionPage(ConfigurationFormPage):
    """A page about the option in the address."""

    @cached_property
    def row(self) -> ProductOption:
        """The option; another tenant's is not found."""
        return option_get(self.kwargs["pk"])

    @cached_property
    def product(self) -> Product:  # type: ignore[override]
        """Its product."""
        return product_get(self.row.product_id)

    def get_initial(self) -> dict[str, Any]:
        """Show it as it stands."""
        names = ("is_required", "allowed", "default_choice_id", "rank")
        return {**{name: getattr(self.row, name) for name in names}, "expected_version": self.row.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the form is about."""
        return super().get_context_data(subject=str(self.row.family), **kwargs)


class OptionEditView(OneOptionPage):
    """Must it be chosen, which choices, which default."""

    form_class = OptionForm
    panel_title = gettext_lazy("Edit option")
    submit_label = gettext_lazy("Save")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Offer the choices of its family."""
        return {**super().get_form_kwargs(), "option": self.row}

    def perform(self, form: Any) -> None:
        """Change what differs."""
        changes, seen = given_by(form)
        product_option_update(actor=self.actor, option_id=self.row.pk, changes=changes, expected_version=seen)
        messages.success(self.request, _("Saved."))


class OptionRemoveView(OneOptionPage):
    """The family is chosen from no more."""

    form_class = RemoveForm
    panel_title = gettext_lazy("Remove option?")
    submit_label = gettext_lazy("Remove option")
    danger = True

    def perform(self, form: Any) -> None:
        """Remove it."""
        product_option_remove(actor=self.actor, option_id=self.row.pk, **form.cleaned_data)
        messages.success(self.request, _("Removed."))


# --- rules of a product -----------------------------------------------------------------------------------------------
class RulePage(ConfigurationFormPage):
    """A form of a rule, beside the words that it may use."""

    form_class: Any = RuleForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the choices there are."""
        return super().get_context_data(problem=self.problem, **kwargs)


class RuleAddView(RulePage):
    """What choices ask of each other."""

    panel_title = gettext_lazy("Add a rule")
    submit_label = gettext_lazy("Add rule")

    def perform(self, form: Any) -> OptionRule:
        """Add it."""
        given, _seen = given_by(form)
        rule = option_rule_add(actor=self.actor, product_id=self.product.pk, data=given)
        messages.success(self.request, _("The rule is added."))
        return rule


class OneRulePage(RulePage):
    """A page about the rule in the address."""

    @cached_property
    def row(self) -> OptionRule:
        """The rule; another tenant's is not found."""
        return rule_get(self.kwargs["pk"])

    @cached_property
    def product(self) -> Product:  # type: ignore[override]
        """Its product."""
        return product_get(self.row.product_id)

    def get_initial(self) -> dict[str, Any]:
        """Show it as it stands."""
        names = ("condition", "kind", "then", "note")
        return {**{name: getattr(self.row, name) for name in names}, "expected_version": self.row.version}


class RuleEditView(OneRulePage):
    """Another rule in its place."""

    panel_title = gettext_lazy("Edit rule")
    submit_label = gettext_lazy("Save")

    def perform(self, form: Any) -> None:
        """Change what differs."""
        changes, seen = given_by(form)
        option_rule_update(actor=self.actor, rule_id=self.row.pk, changes=changes, expected_version=seen)
        messages.success(self.request, _("Saved."))


class RuleRemoveView(OneRulePage):
    """It holds no more."""

    form_class = RemoveForm
    panel_title = gettext_lazy("Remove rule?")
    submit_label = gettext_lazy("Remove rule")
    danger = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say which."""
        subject = f"{self.row.condition} {self.row.get_kind_display()} {self.row.then}"
        return super().get_context_data(**{"subject": subject, **kwargs})

    def perform(self, form: Any) -> None:
        """Remove it."""
        option_rule_remove(actor=self.actor, rule_id=self.row.pk, **form.cleaned_data)
        messages.success(self.request, _("Removed."))


# --- families of the tenant -------------------------------------------------------------------------------------------
class FamilyListView(PageMixin, TemplateView):
    """The option families of the tenant with their choices."""

    permission = permissions.PRODUCTS_READ
    template_name = "products/configurations/families.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a page of them."""
        may_edit = actor_of(self.request).may(permissions.PRODUCTS_UPDATE)
        return super().get_context_data(page=page_of(family_list(), self.request), may_edit=may_edit, **kwargs)


class FamilyFormPage(ServicePage):
    """A form about a family or a choice."""

    permission = permissions.PRODUCTS_UPDATE
    template_name = "products/configurations/family_form.html"
    panel_title: Any = ""
    submit_label: Any = ""
    danger = False

    def get_success_url(self) -> str:
        """Back to the list."""
        return reverse("products:option-families")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add heading and button."""
        shared = {name: getattr(self, name) for name in ("panel_title", "submit_label", "danger")}
        return super().get_context_data(**{**shared, "families_url": self.get_success_url(), **kwargs})


class FamilyAddView(FamilyFormPage):
    """A new question to ask."""

    form_class = FamilyAddForm
    panel_title = gettext_lazy("Add an option family")
    submit_label = gettext_lazy("Add family")

    def perform(self, form: Any) -> OptionFamily:
        """Create it."""
        given, _seen = given_by(form)
        return option_family_create(actor=self.actor, data=given)


class OneFamilyPage(FamilyFormPage):
    """A page about the family in the address."""

    @cached_property
    def row(self) -> OptionFamily:
        """The family; another tenant's is not found."""
        return family_get(self.kwargs["pk"])

    def get_initial(self) -> dict[str, Any]:
        """Show it as it stands."""
        return {"name": self.row.name, "expected_version": self.row.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the form is about."""
        return super().get_context_data(subject=str(self.row), **kwargs)


class FamilyEditView(OneFamilyPage):
    """Its name."""

    form_class = FamilyForm
    panel_title = gettext_lazy("Edit option family")
    submit_label = gettext_lazy("Save")

    def perform(self, form: Any) -> None:
        """Change it."""
        changes, seen = given_by(form)
        option_family_update(actor=self.actor, family_id=self.row.pk, changes=changes, expected_version=seen)
        messages.success(self.request, _("Saved."))


class FamilyRemoveView(OneFamilyPage):
    """It is asked no more."""

    form_class = RemoveForm
    panel_title = gettext_lazy("Remove option family?")
    submit_label = gettext_lazy("Remove family")
    danger = True

    def perform(self, form: Any) -> None:
        """Remove it."""
        option_family_remove(actor=self.actor, family_id=self.row.pk, **form.cleaned_data)
        messages.success(self.request, _("Removed."))


class ChoiceAddView(OneFamilyPage):
    """Another answer of the family in the address."""

    form_class = ChoiceAddForm
    panel_title = gettext_lazy("Add a choice")
    submit_label = gettext_lazy("Add choice")

    def get_initial(self) -> dict[str, Any]:
        """Begin empty."""
        return {}

    def perform(self, form: Any) -> OptionChoice:
        """Add it."""
        given, _seen = given_by(form)
        return option_choice_add(actor=self.actor, family_id=self.row.pk, data=given)


class OneChoicePage(FamilyFormPage):
    """A page about the choice in the address."""

    @cached_property
    def row(self) -> OptionChoice:
        """The choice; another tenant's is not found."""
        return choice_get(self.kwargs["pk"])

    def get_initial(self) -> dict[str, Any]:
        """Show it as it stands."""
        return {"name": self.row.name, "rank": self.row.rank, "expected_version": self.row.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the form is about."""
        return super().get_context_data(subject=f"{self.row.family.name}: {self.row}", **kwargs)


class ChoiceEditView(OneChoicePage):
    """Name and rank."""

    form_class = ChoiceForm
    panel_title = gettext_lazy("Edit choice")
    submit_label = gettext_lazy("Save")

    def perform(self, form: Any) -> None:
        """Change it."""
        changes, seen = given_by(form)
        option_choice_update(actor=self.actor, choice_id=self.row.pk, changes=changes, expected_version=seen)
        messages.success(self.request, _("Saved."))


class ChoiceRemoveView(OneChoicePage):
    """It is offered no more."""

    form_class = RemoveForm
    panel_title = gettext_lazy("Remove choice?")
    submit_label = gettext_lazy("Remove choice")
    danger = True

    def perform(self, form: Any) -> None:
        """Remove it."""
        option_choice_remove(actor=self.actor, choice_id=self.row.pk, **form.cleaned_data)
        messages.success(self.request, _("Removed."))
