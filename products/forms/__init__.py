"""What people type on the product pages. The forms read and explain; the services decide."""

from products.forms.base import PlmForm
from products.forms.imports import MappingForm, UploadForm
from products.forms.lines import LineForm, LineRemoveForm
from products.forms.lists import ProductFilterForm, StructureForm
from products.forms.products import ProductCreateForm, ProductDeleteForm, ProductEditForm, TransitionForm
from products.forms.revisions import RevisionCreateForm, RevisionEditForm, RevisionStepForm

__all__ = [
    "LineForm",
    "LineRemoveForm",
    "MappingForm",
    "PlmForm",
    "ProductCreateForm",
    "ProductDeleteForm",
    "ProductEditForm",
    "ProductFilterForm",
    "RevisionCreateForm",
    "RevisionEditForm",
    "RevisionStepForm",
    "StructureForm",
    "TransitionForm",
    "UploadForm",
]
