"""What people type on the document pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plm_project.web.forms import FileDropInput
from products.choices import DocumentType, RevisionState
from products.forms.base import PlmForm, part_field, reason_field, version_field
from products.forms.lists import ANY
from products.selectors.documents import SORT_FIELDS, SORT_ORDERS, DocumentFilter

KINDS_HINT = _("PDF, STEP, STL, 3MF, GLB, glTF, DXF, DWG, pictures, Office files, text or ZIP.")


def file_field(**kwargs: Any) -> forms.FileField:
    """A file for the vault."""
    return forms.FileField(label=_("File"), widget=FileDropInput(), help_text=KINDS_HINT, max_length=255, **kwargs)


def comment_field() -> forms.CharField:
    """What is new in a version."""
    return forms.CharField(label=_("What is new?"), required=False, max_length=500)


class DocumentFields(PlmForm):
    """What is written on the record."""

    title = forms.CharField(label=_("Title"), min_length=3, max_length=200)
    document_type = forms.ChoiceField(label=_("Type"), choices=DocumentType.choices)
    description = forms.CharField(
        label=_("Description"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class DocumentCreateForm(DocumentFields):
    """A new document with its first file."""

    document_number = forms.CharField(
        label=_("Number"),
        required=False,
        min_length=3,
        max_length=50,
        help_text=_("Empty: the next free number. Cannot be changed later."),
    )
    file = file_field(required=False)
    product = part_field(_("Product"), required=False, help_text=_("Number of the product it belongs to."))
    field_order = ["file", "title", "document_type", "document_number", "product", "description"]


class DocumentEditForm(DocumentFields):
    """The record as it stands, with the version that the person saw."""

    expected_version = version_field()


class CheckInForm(PlmForm):
    """The next version of the file."""

    file = file_field()
    comment = comment_field()
    keep = forms.BooleanField(label=_("Keep it checked out"), required=False)


class ReasonForm(PlmForm):
    """Something that is explained."""

    reason = reason_field(required=True)


class DocumentDeleteForm(PlmForm):
    """Confirmation with a reason."""

    reason = reason_field()
    expected_version = version_field()


class ReviseForm(PlmForm):
    """What the next revision is for."""

    description = forms.CharField(
        label=_("What is going to change?"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class DocumentStepForm(PlmForm):
    """A step of a revision."""

    reason = reason_field()
    expected_version = version_field()

    def __init__(self, *args: Any, to: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = to in (RevisionState.IN_WORK, RevisionState.OBSOLETE)


class LinkForm(PlmForm):
    """The product a document belongs to."""

    product = part_field(_("Product"), help_text=_("Its number."))
    revision = forms.CharField(
        label=_("Revision"), required=False, max_length=10, help_text=_("Empty: whatever its revision.")
    )


class LinkExistingForm(PlmForm):
    """A document that there is already."""

    document = forms.CharField(label=_("Document"), min_length=3, max_length=50, help_text=_("Its number."))


class DocumentFilterForm(PlmForm):
    """The filters of the document list; its values live in the address."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=200,
        widget=forms.SearchInput(attrs={"placeholder": _("Number, title or description")}),
    )
    document_type = forms.ChoiceField(label=_("Type"), required=False, choices=[*ANY, *DocumentType.choices])
    state = forms.ChoiceField(label=_("State"), required=False, choices=[*ANY, *RevisionState.choices])
    mine = forms.BooleanField(label=_("Checked out by me"), required=False)
    sort_by = forms.ChoiceField(
        required=False, choices=[(name, name) for name in SORT_FIELDS], widget=forms.HiddenInput
    )
    sort_order = forms.ChoiceField(
        required=False, choices=[(name, name) for name in SORT_ORDERS], widget=forms.HiddenInput
    )

    def wanted(self, user_id: Any) -> DocumentFilter:
        """Return the filter; a field with a fault filters nothing, and says so."""
        self.is_valid()
        given = self.cleaned_data
        return DocumentFilter(
            q=given.get("q", ""),
            document_type=[given["document_type"]] if given.get("document_type") else (),
            state=[given["state"]] if given.get("state") else (),
            holder=user_id if given.get("mine") else None,
            sort_by=given.get("sort_by") or "created_at",
            sort_order=given.get("sort_order") or "desc",
        )

    def is_narrowed(self) -> bool:
        """Return whether anything but the order is asked for."""
        return any(self.data.get(name) for name in self.fields if not name.startswith("sort_"))
