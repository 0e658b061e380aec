"""A saved choice of a product's options."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from plm_project.tenancy.base import TenantRecord
from plm_project.tenancy.history import TenantHistory
from products.conditions import CODE
from products.models.options import code_field, name_field
from products.models.partners import LIVE

CHOICE = re.compile(f"{CODE}:{CODE}")
MOST_CHOSEN = 300


class Configuration(TenantRecord):
    """A variant: ``choices`` are the options chosen (``family:choice``, sorted); they turn the 150 % structure of the
    product into a buildable one.

    Whether the choices keep the rules is asked of the rules as they are now, and never stored.
    """

    product = models.ForeignKey(
        "products.Product", on_delete=models.PROTECT, related_name="configurations", verbose_name=_("product")
    )
    code = code_field()
    name = name_field()
    choices: Any = models.JSONField(_("choices"), default=list, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True, default="")

    history = TenantHistory()

    class Meta(TenantRecord.Meta):
        verbose_name = _("configuration")
        verbose_name_plural = _("configurations")
        ordering: ClassVar = ["code", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["product", "code"], condition=LIVE, name="products_configuration_code_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    def clean(self) -> None:
        """Check that the choices are distinct words ``family:choice``, of each family at most one, sorted."""
        chosen = self.choices
        if not isinstance(chosen, list) or not all(
            isinstance(word, str) and CHOICE.fullmatch(word) for word in chosen
        ):
            raise ValidationError({"choices": _("Choices are a list of family:choice.")})
        if len(chosen) > MOST_CHOSEN or chosen != sorted(set(chosen)):
            raise ValidationError({"choices": _("Each choice stands once, in order of the alphabet.")})
        families = [word.partition(":")[0] for word in chosen]
        if len(set(families)) != len(families):
            raise ValidationError({"choices": _("Of each family at most one choice is taken.")})
