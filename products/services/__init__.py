"""Writes of the products context. Each function: permission → lock → guard → change → history → event, one transaction."""

from products.services.bom_lines import line_add, line_remove, line_update
from products.services.inputs import LineInput
from products.services.products import (
    product_create,
    product_delete,
    product_integration_set,
    product_lifecycle_change,
    product_update,
)
from products.services.redlining import Outcome, revisions_succeed
from products.services.replacing import lines_replace
from products.services.retiring import products_retire
from products.services.revision_plan import LineEdit, RevisionPlan
from products.services.revisions import (
    revision_create,
    revision_obsolete,
    revision_release,
    revision_return,
    revision_submit,
    revision_update,
)

__all__ = [
    "LineEdit",
    "LineInput",
    "Outcome",
    "RevisionPlan",
    "line_add",
    "line_remove",
    "line_update",
    "lines_replace",
    "product_create",
    "product_delete",
    "product_integration_set",
    "product_lifecycle_change",
    "product_update",
    "products_retire",
    "revision_create",
    "revision_obsolete",
    "revision_release",
    "revision_return",
    "revision_submit",
    "revision_update",
    "revisions_succeed",
]
