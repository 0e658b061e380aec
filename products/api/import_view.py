"""A bill of materials from an uploaded file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from plm_project.api.envelope import Answer
from plm_project.api.errors import Refusal, error_body
from plm_project.api.serializers import PlmSerializer
from plm_project.api.viewsets import PlmView
from plm_project.core.exceptions import ValidationFailed
from plm_project.jobs.api.answers import job_answer
from plm_project.jobs.api.serializers import JobSerializer
from products import permissions
from products.importing import AUTO, DIALECTS, Corrections
from products.importing.columns import SYNONYMS
from products.importing.corrections import LONGEST, MOST_CELLS
from products.importing.table import MAX_BYTES
from products.services.bom_import import bom_import
from products.services.bom_import_answer import bom_import_answer
from products.services.bom_import_job import bom_import_start, is_long


class BomImportSerializer(PlmSerializer):
    """A file and how to read it."""

    file = serializers.FileField(
        help_text="CSV, XLSX, XLS, SpreadsheetML, KiCad netlist, IPC-2581, CycloneDX and other documents, "
        "or a ZIP of linked lists."
    )
    parent = serializers.CharField(  # type: ignore[assignment]
        min_length=3, max_length=50, help_text="Number of the product it is the BOM of."
    )
    parent_name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    dialect = serializers.ChoiceField([AUTO, *DIALECTS], required=False)
    map = serializers.ListField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        help_text="Corrections of the mapping: FIELD=COLUMN, repeatable, or one JSON object {field: column}.",
    )
    sheet = serializers.CharField(required=False, allow_blank=True, max_length=100, help_text="Of an XLSX file.")
    corrections = serializers.JSONField(
        required=False,
        help_text='Cells to read otherwise and rows to leave out: {"cells": [{"row": 3, "field": "quantity", "value": "2"}], '
        '"leave_out": [7]}.',
    )
    dry_run = serializers.BooleanField(required=False, help_text="Show what would happen; write nothing.")


class ImportSkipSerializer(PlmSerializer):
    """A row that is no part."""

    row = serializers.IntegerField()
    reason = serializers.CharField()


class ImportErrorSerializer(PlmSerializer):
    """A fault in the file."""

    row = serializers.IntegerField()
    column = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class BomImportAnswerSerializer(PlmSerializer):
    """What was read and made, or on a dry run would be."""

    parent = serializers.CharField()  # type: ignore[assignment]
    dialect = serializers.CharField()
    encoding = serializers.CharField(allow_null=True)
    mapping = serializers.DictField(child=serializers.CharField())
    rows_read = serializers.IntegerField()
    rows_skipped = ImportSkipSerializer(many=True)
    lines_created = serializers.IntegerField()
    products_created = serializers.IntegerField()
    products_matched = serializers.IntegerField()
    errors = ImportErrorSerializer(many=True)  # type: ignore[assignment]
    warnings = ImportErrorSerializer(many=True)


class BomImportView(PlmView):
    """Import a bill of materials."""

    permission_map = {"post": permissions.PRODUCTS_IMPORT}
    parser_classes = (MultiPartParser,)  # type: ignore[assignment]
    serializer_class = BomImportSerializer

    def get_queryset(self) -> Any:
        """Return nothing: the view has no records of its own."""
        raise NotImplementedError("An import has no records to list")

    @extend_schema(
        operation_id="products_import",
        request={"multipart/form-data": BomImportSerializer},
        responses={200: BomImportAnswerSerializer, 202: JobSerializer},
    )
    def post(self, request: Request) -> Answer:  # type: ignore[override]
        """Import a file below ``parent``, all or nothing; the answer is that of the command ``bom_import``.

        Faults in the file refuse it with VALIDATION_ERROR, the same answer standing in ``data``. A dry run shows them
        without refusing. A file of many rows (1,000, unless the site says otherwise) is imported by a job, which is answered
        with 202 and ``Location``; its result is the same answer, and its failure says what the refusal would.
        """
        values = self.validated()
        upload = values["file"]
        if upload.size > MAX_BYTES:  # before it is read into memory
            raise ValidationFailed.field(
                "file", _("The file is larger than %(limit)d MB.") % {"limit": MAX_BYTES >> 20}
            )
        dry_run = values.get("dry_run", False)
        wanted: dict[str, Any] = {
            "actor": self.actor,
            "content": upload.read(),
            "filename": upload.name,
            "parent_number": values["parent"],
            "parent_name": values.get("parent_name", ""),
            "dialect": values.get("dialect", AUTO),
            "mapping": read_mapping(values.get("map", ())),
            "sheet": values.get("sheet") or None,
            "corrections": read_corrections(values.get("corrections")),
        }
        if not dry_run and is_long(wanted["content"]):
            return job_answer(self, bom_import_start(**wanted))
        result = bom_import(**wanted, dry_run=dry_run)
        found = bom_import_answer(result)
        if result.faults and not dry_run:
            return self._refused(found)
        return Answer(found)

    def _refused(self, found: dict[str, Any]) -> Answer:
        details: dict[str, list[str]] = {}
        for fault in found["errors"]:
            details.setdefault(f"rows[{fault['row']}].{fault['column']}", []).append(fault["message"])
        refusal = Refusal(400, "VALIDATION_ERROR", _("The file has faults; nothing was imported."), details)
        body = error_body(refusal, self.request._request)
        return Answer({**body, "data": found}, status=400)


def read_corrections(given: Any) -> Corrections:
    """Return corrected cells and left-out rows; raise ValidationFailed for anything else."""
    if given in (None, ""):
        return Corrections()
    cells = given.get("cells", []) if isinstance(given, dict) else None
    rows = given.get("leave_out", []) if isinstance(given, dict) else None
    if not isinstance(cells, list) or not isinstance(rows, list) or len(cells) + len(rows) > MOST_CELLS:
        message = _("Give an object with cells and leave_out, at most %(limit)d of them.") % {"limit": MOST_CELLS}
        raise ValidationFailed.field("corrections", message)
    found: dict[tuple[int, str], str] = {}
    for cell in cells:
        if not isinstance(cell, dict) or not _is_cell(cell):
            message = _("A cell has a row, one of the fields and a value: %(cell)s.") % {"cell": str(cell)[:80]}
            raise ValidationFailed.field("corrections", message)
        found[cell["row"], cell["field"]] = cell["value"]
    if not all(type(row) is int for row in rows):
        raise ValidationFailed.field("corrections", _("Rows to leave out are numbers."))
    return Corrections(found, frozenset(rows))


def _is_cell(cell: dict[str, Any]) -> bool:
    value = cell.get("value")
    return (
        type(cell.get("row")) is int
        and cell.get("field") in SYNONYMS
        and isinstance(value, str)
        and len(value) <= LONGEST
    )


def read_mapping(given: Sequence[str]) -> dict[str, str] | None:
    """Return {field: column} of ``FIELD=COLUMN`` words or one JSON object; None when nothing is given."""
    words = [word for word in given if word.strip()]
    if len(words) == 1 and words[0].lstrip().startswith("{"):
        return _mapping_of_json(words[0])
    mapping: dict[str, str] = {}
    for word in words:
        field, mark, column = word.partition("=")
        if not mark or not field.strip() or not column.strip():
            raise ValidationFailed.field("map", _("Write FIELD=COLUMN, not %(word)s.") % {"word": word})
        mapping[field.strip()] = column.strip()
    return mapping or None


def _mapping_of_json(text: str) -> dict[str, str] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(column, str) for column in found.values()):
        raise ValidationFailed.field("map", _("This is not a JSON object of fields and columns."))
    return found or None
