"""Products and lines in bulk, all or nothing: what catalogue and BOM imports share.

Takes the specs of products/importing. The rooms, in order: known (what the database has) → plan (what to make and what is
wrong) → cycles → write (few statements, with history and events). ``structure_import`` runs them.
"""

from products.services.structure_import.run import ImportResult, structure_import

__all__ = ["ImportResult", "structure_import"]
