"""What may be chosen: option families with their choices, which of them a product has, and the rules among them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from products.choices import OptionRuleKind
from products.conditions import CODE, LONGEST_CODE, LONGEST_CONDITION, condition_parse
from products.models.partners import LIVE
from products.models.product import no_control_characters

MOST_CHOICES = 200  # of one family

code_reads = RegexValidator(
    rf"^{CODE}\Z", _("Small letters, digits, “.”, “_” and “-”, at most 30, beginning with a letter or digit.")
)


def code_field() -> models.CharField[Any, Any]:
    """A code as conditions name it."""
    return models.CharField(_("code"), max_length=LONGEST_CODE, validators=[code_reads])


def name_field() -> models.CharField[Any, Any]:
    """A name for people."""
    return models.CharField(_("name"), max_length=100, validators=[no_control_characters])


class OptionFamily(TenantRecord):
    """A question a customer is asked, such as the colour. Conditions name it by its code, which never changes."""

    code = code_field()
    name = name_field()

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("option family")
        verbose_name_plural = _("option families")
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "code"], condition=LIVE, name="products_family_code_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class OptionChoice(TenantRecord):
    """One answer of a family, such as red; ``family:choice`` in conditions. The one of rank 1 stands first."""

    family = models.ForeignKey(
        OptionFamily, on_delete=models.PROTECT, related_name="choices", verbose_name=_("family")
    )
    code = code_field()
    name = name_field()
    rank = models.PositiveSmallIntegerField(_("rank"), default=1, validators=[MinValueValidator(1)])

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("option choice")
        verbose_name_plural = _("option choices")
        ordering: ClassVar = ["rank", "name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["family", "code"], condition=LIVE, name="products_choice_code_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class ProductOption(TenantRecord):
    """A family that may be chosen from for a product: exactly one choice where ``is_required``, else at most one.

    ``allowed`` lists the codes of the choices the product has; empty: all of the family.
    """

    product = models.ForeignKey(
        "products.Product", on_delete=models.PROTECT, related_name="options", verbose_name=_("product")
    )
    family = models.ForeignKey(OptionFamily, on_delete=models.PROTECT, related_name="uses", verbose_name=_("family"))
    is_required = models.BooleanField(_("must be chosen"), default=True)
    allowed = models.JSONField(_("allowed choices"), default=list, blank=True)
    default_choice = models.ForeignKey(
        OptionChoice,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("default choice"),
    )
    rank = models.PositiveSmallIntegerField(_("rank"), default=1, validators=[MinValueValidator(1)])

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("option of a product")
        verbose_name_plural = _("options of products")
        ordering: ClassVar = ["rank", "created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "family"], condition=LIVE, name="products_option_once"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.family_id}"

    def clean(self) -> None:
        """Check that the allowed choices are distinct codes of the family, and the default is one of them."""
        allowed = self.allowed
        if not isinstance(allowed, list) or not all(isinstance(code, str) for code in allowed):
            raise ValidationError({"allowed": _("Allowed choices are a list of codes.")})
        if len(set(allowed)) != len(allowed) or len(allowed) > MOST_CHOICES:
            raise ValidationError({"allowed": _("Each choice stands once.")})
        default = self.default_choice
        if default is not None and (default.family_id != self.family_id or (allowed and default.code not in allowed)):
            raise ValidationError({"default_choice": _("The default is one of the allowed choices.")})


class OptionRule(TenantRecord):
    """What choices ask of each other. *Requires*: where ``condition`` holds, ``then`` must hold. *Excludes*: both never
    hold together.
    """

    product = models.ForeignKey(
        "products.Product", on_delete=models.PROTECT, related_name="option_rules", verbose_name=_("product")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=OptionRuleKind.choices, default=OptionRuleKind.REQUIRES)
    condition = models.CharField(_("if"), max_length=LONGEST_CONDITION)
    then = models.CharField(_("then"), max_length=LONGEST_CONDITION)
    note = models.CharField(_("note"), max_length=500, blank=True, default="")

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("option rule")
        verbose_name_plural = _("option rules")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["product", "kind", "condition", "then"], condition=LIVE, name="products_rule_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.condition} {self.kind} {self.then}"

    def clean(self) -> None:
        """Check that both sides read as conditions."""
        problems: dict[str, Any] = {}
        for name in ("condition", "then"):
            try:
                if condition_parse(getattr(self, name)) is None:
                    problems[name] = _("Name at least one choice.")
            except ValidationError as error:
                problems[name] = error.messages
        if problems:
            raise ValidationError(problems)
