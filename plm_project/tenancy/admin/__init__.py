"""The bases of every admin in the house: scoped, permitted by the actor, and writing through services alone.

``PlmAdmin``      a list and a page to look at: who may, whose rows, which choices, readable history.
``RecordAdmin``   a form whose input goes to services: ``create_record``, ``update_record``, ``delete_record``.
``RowsInline``    rows of a record in place: ``row_add``, ``row_update``, ``row_remove``.
``StepsMixin``    buttons for what the record's state machine allows now, and why not the rest.

They stand below the contexts, which import them; nothing here knows a context.
"""

from plm_project.tenancy.admin.base import PlmAdmin
from plm_project.tenancy.admin.choices import KnownSelect, choice_label, name_choices
from plm_project.tenancy.admin.display import badge, moment, on_page, plain_number
from plm_project.tenancy.admin.fields import WordsField, reason_field
from plm_project.tenancy.admin.forms import RecordForm, RowForm
from plm_project.tenancy.admin.history import HistoryPart
from plm_project.tenancy.admin.inlines import PermittedInline, ReadOnlyInline, RowsInline
from plm_project.tenancy.admin.records import RecordAdmin
from plm_project.tenancy.admin.steps import (
    DatedStepForm,
    PlainStepForm,
    Step,
    StepForm,
    StepsMixin,
    steps_from_options,
)

__all__ = [
    "DatedStepForm",
    "HistoryPart",
    "KnownSelect",
    "PermittedInline",
    "PlainStepForm",
    "PlmAdmin",
    "ReadOnlyInline",
    "RecordAdmin",
    "RecordForm",
    "RowForm",
    "RowsInline",
    "Step",
    "StepForm",
    "StepsMixin",
    "WordsField",
    "badge",
    "choice_label",
    "moment",
    "name_choices",
    "on_page",
    "plain_number",
    "reason_field",
    "steps_from_options",
]
