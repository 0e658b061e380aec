"""From specs and what is known to a plan: products and lines to create and to change, and everything that is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from plm_project.core.actor import Actor
from plm_project.core.exceptions import ValidationFailed
from plm_project.tenancy.bulk import row_maker
from products.choices import ProductType
from products.effectivity import serial_ranges, serials_stored
from products.importing.specs import ImportFault, LineSpec, ProductSpec
from products.importing.substitutes import NamedSubstitute
from products.models import BomLine, LineSubstitute, Product, ProductRevision
from products.selectors.policy import first_label
from products.services.bom_lines import FIND_NUMBER_STEP, MEASURED
from products.services.inputs import clean
from products.services.structure_import.known import Known
from products.services.structure_import.substitutes import (
    SubstitutePlan,
    SubstituteRefused,
    spec_of,
    substitutes_differing,
)
from products.unit_conversion import converted


@dataclass
class Plan:
    """``revisions`` are those of new products, by number; ``line_specs`` remembers the row behind each line."""

    products: dict[str, Product] = field(default_factory=dict)
    new_products: list[tuple[Product, ProductSpec]] = field(default_factory=list)
    changed_products: list[Product] = field(default_factory=list)
    matched: set[str] = field(default_factory=set)
    revisions: dict[str, ProductRevision] = field(default_factory=dict)
    new_lines: list[BomLine] = field(default_factory=list)
    changed_lines: list[BomLine] = field(default_factory=list)
    line_specs: list[tuple[BomLine, LineSpec]] = field(default_factory=list)
    substitutes: SubstitutePlan = field(default_factory=SubstitutePlan)
    faults: list[ImportFault] = field(default_factory=list)


class Planner:
    """Plans one import. With ``update_known`` False, known products are matched and left as they are."""

    def __init__(self, actor: Actor, known: Known, *, update_known: bool) -> None:
        self.actor = actor
        self.known = known
        self.update_known = update_known
        self.plan = Plan(products=dict(known.products), substitutes=SubstitutePlan(known.substitutes))
        self.first_label = first_label()
        self._next_find: dict[str, int] = {}
        self._frozen: set[str] = set()
        self._new_line = row_maker(BomLine, tenant_id=actor.tenant_id, created_by_id=actor.user_id, version=0)

    def run(self, products: Sequence[ProductSpec], lines: Sequence[LineSpec]) -> Plan:
        """Plan everything."""
        for spec in products:
            self._plan_product(spec)
        parents = {line.parent for line in lines}
        for line in lines:
            self._plan_parent(line)
            self._plan_line(line, parents)
        self._check_find_numbers()
        return self.plan

    def _fault(self, spec: ProductSpec | LineSpec, column: str, code: str, message: str) -> None:
        self.plan.faults.append(ImportFault(spec.file, spec.row, column, code, message))

    # --- products --------------------------------------------------------------------------------------------------
    def _plan_product(self, spec: ProductSpec) -> None:
        if spec.number in self.known.deleted:
            self._fault(spec, "number", "deleted_part", _("%s was deleted; its number stays taken.") % spec.number)
            return
        product = self.plan.products.get(spec.number)
        if product is None:
            self._add_product(spec)
        elif product._state.adding:
            self._fault(spec, "number", "duplicate_part", _("%s stands in the file twice.") % spec.number)
        elif not self.update_known:
            self.plan.matched.add(spec.number)
        else:
            self._change_product(product, spec)

    def _add_product(self, spec: ProductSpec) -> None:
        product = Product(
            tenant_id=self.actor.tenant_id,
            product_number=spec.number,
            revision=self.first_label,
            lifecycle_phase=spec.phase,
            created_by_id=self.actor.user_id,
            updated_by_id=self.actor.user_id,
            version=1,
            **spec.fields,
        )
        try:
            clean(product)
        except ValidationFailed as error:
            for name, messages in error.details.items():
                self._fault(spec, name, _code_of(name, product), messages[0])
        revision = ProductRevision(
            tenant_id=self.actor.tenant_id,
            product=product,
            label=self.first_label,
            sequence=1,
            created_by_id=self.actor.user_id,
            updated_by_id=self.actor.user_id,
            version=1,
        )
        self.plan.products[spec.number] = product
        self.plan.revisions[spec.number] = revision
        self.plan.new_products.append((product, spec))

    def _change_product(self, product: Product, spec: ProductSpec) -> None:
        differs = False
        for name, value in spec.fields.items():
            if name == "custom_attributes":
                value = {**product.custom_attributes, **value}
            if getattr(product, name) != value:
                setattr(product, name, value)
                differs = True
        if not differs:
            return
        try:
            clean(product)
        except ValidationFailed as error:
            for name, messages in error.details.items():
                self._fault(spec, name, _code_of(name, product), messages[0])
        self.plan.changed_products.append(product)

    # --- lines -----------------------------------------------------------------------------------------------------
    def _plan_parent(self, line: LineSpec) -> None:
        """A number that stands as a parent and is not known yet becomes a product."""
        if line.parent in self.plan.products or line.parent in self.known.deleted:
            return
        fields = {"product_name": line.parent, "product_type": ProductType.SUBASSEMBLY}
        self._add_product(ProductSpec(line.parent, fields, line.file, line.row))

    def _plan_line(self, spec: LineSpec, parents: set[str]) -> None:
        parent = self.plan.products.get(spec.parent)
        if parent is None:
            self._fault(spec, "parent", "unknown_part", _("%s was deleted.") % spec.parent)
            return
        if spec.child not in self.plan.products:
            if spec.child in self.known.deleted or spec.child not in parents:
                self._fault(spec, "child", "unknown_part", _("%s is not a known product.") % spec.child)
                return
            fields = {
                "product_name": spec.child,
                "product_type": ProductType.SUBASSEMBLY,
                "unit_of_measure": spec.unit or "each",
            }
            self._add_product(ProductSpec(spec.child, fields, spec.file, spec.row))
        child = self.plan.products[spec.child]
        if spec.child == spec.parent:
            self._fault(spec, "child", "same_parent_child", _("%s cannot contain itself.") % spec.child)
            return
        try:
            spec = in_unit_of(child, spec)
        except ValidationError as error:
            message = _("%(number)s is counted in %(unit)s.") % {"number": spec.child, "unit": child.unit_of_measure}
            code = "unit_mismatch" if error.code == "no_conversion" else "too_long"
            self._fault(spec, "uom", code, f"{message} {error.messages[0]}")
            return
        revision = self.plan.revisions.get(spec.parent) or self.known.revisions[parent.pk]
        self._place(spec, revision, child)

    def _place(self, spec: LineSpec, revision: ProductRevision, child: Product) -> None:
        """Match the line with a stored one of the same child and find number, or make a new one."""
        values = {
            "quantity": spec.quantity,
            "unit_of_measure": spec.unit or child.unit_of_measure,
            "reference_designators": list(spec.reference_designators),
            "effective_from": spec.effective_from,
            "effective_to": spec.effective_to,
            "notes": spec.notes,
            **self._use(spec),
        }
        stored = self._stored(spec, revision, child)
        if stored is None:
            own = {**values, "find_number": spec.find_number, "custom_attributes": dict(spec.attributes)}
            line = self._new_line(own, {"parent_revision": revision, "child": child})
        else:
            line = stored
        others = self._substitutes(spec, line)
        if stored is not None and not others and _says_the_same(stored, values, spec.attributes):
            return
        if not revision.is_editable:
            message = _("Revision %(label)s of %(number)s is %(state)s; its lines cannot be changed by an import.") % {
                "label": revision.label,
                "number": spec.parent,
                "state": revision.get_state_display(),  # type: ignore[attr-defined]
            }
            if spec.parent not in self._frozen:  # said once, not on every line
                self._fault(spec, "parent", "revision_frozen", message)
            self._frozen.add(spec.parent)
            return
        if stored is None:
            line.find_number = spec.find_number or self._free_find_number(spec.parent, revision)
        else:
            for name, value in values.items():
                setattr(stored, name, value)
            stored.custom_attributes = {**(stored.custom_attributes or {}), **spec.attributes}
        line.updated_by_id = self.actor.user_id
        line.version += 1
        (self.plan.new_lines if stored is None else self.plan.changed_lines).append(line)
        for row in others:
            (self.plan.substitutes.new if row._state.adding else self.plan.substitutes.changed).append(row)
        self.plan.line_specs.append((line, spec))

    def _use(self, spec: LineSpec) -> dict[str, Any]:
        """Return what the row says of the line's use, with end items by id."""
        use = {name: value for name, value in spec.use.items() if name != "substitutes"}
        try:
            ranges = [entry.of(self.plan.products[entry.number].pk).stored() for entry in use.get("serials", ())]
            if "serials" in use:
                use["serials"] = serials_stored(serial_ranges(ranges))
        except KeyError as error:
            message = _("%s is not a known product.") % error.args[0]
            self._fault(spec, "effective_serials", "unknown_part", message)
        except ValidationError as error:
            self._fault(spec, "effective_serials", "unknown_value", error.messages[0])
        return use

    def _substitutes(self, spec: LineSpec, line: BomLine) -> list[LineSubstitute]:
        """Return what the row's substitutes come to, with the products that have to be made for them."""
        named: list[tuple[NamedSubstitute, Product]] = []
        for entry in spec.use.get("substitutes", ()):
            is_new = entry.number not in self.plan.products and entry.number not in self.known.deleted
            if is_new and (made := spec_of(entry, spec)):
                self._add_product(made)
            product = self.plan.products.get(entry.number)
            if product is None:
                message = _("%s is not a known product.") % entry.number
                self._fault(spec, "line_substitutes", "unknown_part", message)
            else:
                named.append((entry, product))
        try:
            return substitutes_differing(self.plan.substitutes, self.actor, line, named)
        except SubstituteRefused as refusal:
            self._fault(spec, "line_substitutes", refusal.code, refusal.message)
            return []

    def _stored(self, spec: LineSpec, revision: ProductRevision, child: Product) -> BomLine | None:
        for line in self.known.lines.get(revision.pk, ()):
            same = line.child_id == child.pk and spec.find_number in (None, line.find_number)
            if same and (
                spec.find_number is not None or line.reference_designators == list(spec.reference_designators)
            ):
                return line
        return None

    def _free_find_number(self, parent: str, revision: ProductRevision) -> int:
        if parent not in self._next_find:
            taken = (line.find_number for line in self.known.lines.get(revision.pk, ()))
            self._next_find[parent] = max(taken, default=0) + FIND_NUMBER_STEP
        number = self._next_find[parent]
        self._next_find[parent] = number + FIND_NUMBER_STEP
        return number

    def _check_find_numbers(self) -> None:
        """No two lines of a revision have one find number on the same day. The later row is to blame."""
        groups: dict[tuple[object, int], list[BomLine]] = {}
        touched = {id(line): spec for line, spec in self.plan.line_specs}
        stored = [line for lines in self.known.lines.values() for line in lines]
        for line in [
            *(row for row in stored if id(row) not in touched),
            *(row for row, _spec in self.plan.line_specs),
        ]:
            group = groups.setdefault((line.parent_revision_id, line.find_number), [])
            if id(line) in touched and any(line.overlaps(other) for other in group):
                message = _("Find number %(number)s is used twice at the same time.") % {"number": line.find_number}
                self._fault(touched[id(line)], "find_no", "duplicate_find_number", message)
            group.append(line)


def _says_the_same(stored: BomLine, values: dict[str, Any], attributes: Mapping[str, Any]) -> bool:
    known = stored.custom_attributes or {}
    return all(known.get(name) == value for name, value in attributes.items()) and all(
        getattr(stored, name) == value for name, value in values.items()
    )


def in_unit_of(child: Product, spec: LineSpec) -> LineSpec:
    """Return the row with its quantities in the child's unit. Raises ValidationError where they do not convert."""
    unit, own = spec.unit, child.unit_of_measure
    if not unit or unit == own:
        return spec
    use = {name: converted(value, unit, own) if name in MEASURED else value for name, value in spec.use.items()}
    return replace(spec, quantity=converted(spec.quantity, unit, own), unit=own, use=use)


def _code_of(name: str, product: Product) -> str:
    """Name the rule a product's field breaks, in the codes of INTERFACES."""
    value = getattr(product, name, None)
    if name == "unit_of_measure":
        return "unknown_uom"
    if isinstance(value, str):
        return "missing_value" if not value else ("too_long" if len(value) > 3 else "too_short")
    return "negative_value" if value is not None and value < 0 else "too_long"
