"""An import contract of the house, run by import-linter: who may import wiring, and who a context's doors."""

from __future__ import annotations

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class PrivateModules(Contract):
    """Wiring is imported by wiring alone; a door of a context (its admin, api, views …) by that context and wiring.

    Wiring is every module that stands directly in ``wiring_package``, and all of ``wiring_subpackages``. A context is
    a root package other than the wiring package. The rule is about names and needs no list of modules, so that a new
    context and a new door are under it from their first line.
    """

    wiring_package = fields.StringField()
    wiring_subpackages = fields.ListField(subfield=fields.StringField())
    doors = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look at every import once."""
        faults = [
            f"{importer} imports {imported}"
            for importer in sorted(graph.modules)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if not self._is_wiring(importer, graph) and self._is_private(imported, importer, graph)
        ]
        return ContractCheck(kept=not faults, metadata={"faults": faults})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line for each import that is not allowed."""
        faults: list[Any] = check.metadata["faults"]
        for fault in faults:
            output.print_error(f"- {fault}", bold=False)

    def _is_wiring(self, module: str, graph: ImportGraph) -> bool:
        root = str(self.wiring_package)
        packages: list[str] = self.wiring_subpackages  # type: ignore[assignment]
        if any(module == name or module.startswith(f"{name}.") for name in packages):
            return True
        parent, _, _name = module.rpartition(".")
        return parent == root and not graph.find_children(module)

    def _is_private(self, imported: str, importer: str, graph: ImportGraph) -> bool:
        if self._is_wiring(imported, graph):
            return True
        root, _, rest = imported.partition(".")
        doors: list[str] = self.doors  # type: ignore[assignment]
        is_door = root != str(self.wiring_package) and rest.partition(".")[0] in doors
        return is_door and importer.partition(".")[0] != root
